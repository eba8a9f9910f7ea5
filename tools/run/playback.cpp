#include "run/playback.hpp"

namespace autotape {

Result<std::unique_ptr<Playback>> Playback::start(const BrokerConnection& broker,
                                                  std::unique_ptr<DeliverySource> plan,
                                                  ReplayRate rate, LedgerWriter ledger,
                                                  ChangeSignal& changed) {
  MqttPublisherSettings settings;
  settings.client.host = broker.host;
  settings.client.port = broker.port;
  settings.client.client_id = "autotape-test";
  settings.client.tls = broker.publisher;
  settings.client.clean_session = true;
  constexpr int no_wake_descriptor = -1;
  AUTOTAPE_TRY_ASSIGN(auto publisher, MqttPublisher::connect(settings, no_wake_descriptor));
  std::unique_ptr<Playback> playback(
      new Playback(std::move(publisher), std::move(plan), std::move(ledger)));
  ReplaySettings replay;
  replay.rate = rate;
  replay.stopped_within = std::chrono::seconds(1);  // a fault may keep the acknowledgements away
  playback->replayer_.emplace(*playback->plan_, *playback->publisher_, playback->clock_, replay,
                              &playback->ledger_, static_cast<ReplayControl*>(playback.get()));
  playback->thread_ = std::thread([&changed, it = playback.get()] { it->play(changed); });
  return playback;
}

Playback::~Playback() {
  stop();
  thread_.join();
}

void Playback::play(ChangeSignal& changed) {
  result_ = replayer_->run();
  publisher_->disconnect();
  const auto closed = ledger_.close();
  if (result_ && !closed) {
    result_ = closed;
  }
  over_ = true;
  changed.notify();
}

}  // namespace autotape
