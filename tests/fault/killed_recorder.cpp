// A recorder that is killed in the middle of its n-th sync, before anything of it reaches the disk:
// what a machine that loses power does, made exact. With "early" it acknowledges what it receives
// at once, as clients commonly do; the kill test must find that such a recorder loses messages.
//
//   killed_recorder early|durable N HOST PORT CLIENT_ID CA CERT KEY FILTER TAPE
#include <csignal>
#include <cstdlib>
#include <functional>
#include <string_view>

#include <fmt/format.h>

#include "mqtt/mqtt_source.hpp"
#include "record/recorder.hpp"
#include "tape/writer.hpp"

namespace autotape {
namespace {

class EarlySource final : public Source {
 public:
  explicit EarlySource(Source& source) : source_(source) {}

  Result<void> receive(std::vector<SourceEvent>& batch, std::size_t most,
                       Duration timeout) override {
    AUTOTAPE_TRY(source_.receive(batch, most, timeout));
    source_.acknowledge();
    return {};
  }

  void acknowledge() override {}
  void disconnect() override { source_.disconnect(); }

  // Until the broker has sent all that it has, and so has come to read acknowledgements: the system
  // throws away what is on its way from a process that dies with something unread.
  void receive_all() {
    std::vector<SourceEvent> batch;
    do {
      batch.clear();
    } while (receive(batch, 1'000, std::chrono::seconds(2)) && !batch.empty());
  }

 private:
  Source& source_;
};

class KilledWriter final : public TapeWriter {
 public:
  KilledWriter(std::unique_ptr<TapeWriter> tape, int fatal_sync, std::function<void()> before_it)
      : tape_(std::move(tape)), fatal_sync_(fatal_sync), before_it_(std::move(before_it)) {}

  Result<void> append(const RecordedMessage& message) override {
    has_messages_ = true;
    return tape_->append(message);
  }
  Result<void> append(const Marker& marker) override { return tape_->append(marker); }
  Result<void> sync() override {
    if (has_messages_ && ++syncs_ == fatal_sync_) {
      before_it_();
      std::raise(SIGKILL);
    }
    return tape_->sync();
  }
  Result<void> close() override { return tape_->close(); }
  std::uint64_t size() const override { return tape_->size(); }

 private:
  std::unique_ptr<TapeWriter> tape_;
  int fatal_sync_;
  std::function<void()> before_it_;
  int syncs_ = 0;
  bool has_messages_ = false;
};

Result<void> record_until_killed(char** arguments) {
  MqttSourceSettings settings;
  settings.client.host = arguments[3];
  settings.client.port = static_cast<std::uint16_t>(std::atoi(arguments[4]));
  settings.client.client_id = arguments[5];
  settings.client.tls = Credentials{arguments[6], arguments[7], arguments[8]};
  settings.topic_filter = arguments[9];
  MqttSource source(settings, -1);
  EarlySource early(source);

  AUTOTAPE_TRY_ASSIGN(ResumedTape tape, resume_tape(arguments[10], {}));
  SystemRecorderClock clock;
  RecordObserver nobody;
  const bool acknowledges_early = std::string_view(arguments[1]) == "early";
  KilledWriter writer(std::move(tape.writer), std::atoi(arguments[2]), [&] {
    if (acknowledges_early) {
      early.receive_all();
    }
  });
  Recorder recorder(acknowledges_early ? static_cast<Source&>(early) : source, writer, clock,
                    nobody, {});
  return recorder.run([] { return false; });
}

}  // namespace
}  // namespace autotape

int main(int argc, char** argv) {
  if (argc != 11) {
    return 2;
  }
  const auto result = autotape::record_until_killed(argv);
  fmt::print(stderr, "{}\n", result ? "was not killed" : result.error().line());
  return 1;
}
