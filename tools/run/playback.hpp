// A replay in a thread of its own, while others watch the consumer.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "core/result.hpp"
#include "journal/ledger.hpp"
#include "mockbroker/harness/connection.hpp"
#include "mqtt/mqtt_publisher.hpp"
#include "replay/replayer.hpp"
#include "run/change_signal.hpp"
#include "shape/delivery.hpp"

namespace autotape {

class Playback final : private ReplayControl {
 public:
  // Starts to play. `changed` is notified when it is over, and must outlive this.
  static Result<std::unique_ptr<Playback>> start(const BrokerConnection& broker,
                                                 std::unique_ptr<DeliverySource> plan,
                                                 ReplayRate rate, LedgerWriter ledger,
                                                 ChangeSignal& changed);
  ~Playback() override;

  // No more deliveries; it is over when what is in flight is acknowledged.
  void stop() { stopping_ = true; }

  bool over() const { return over_; }

  // Only when it is over.
  const Result<void>& result() const { return result_; }
  const ReplaySummary& summary() const { return replayer_->summary(); }
  const DeliverySource& plan() const { return *plan_; }

 private:
  Playback(std::unique_ptr<MqttPublisher> publisher, std::unique_ptr<DeliverySource> plan,
           LedgerWriter ledger)
      : publisher_(std::move(publisher)), plan_(std::move(plan)), ledger_(std::move(ledger)) {}

  void play(ChangeSignal& changed);
  void on_turn(Replayer&) override {}
  bool should_stop() const override { return stopping_; }

  std::unique_ptr<MqttPublisher> publisher_;
  std::unique_ptr<DeliverySource> plan_;
  LedgerWriter ledger_;
  MachineReplayClock clock_;
  std::optional<Replayer> replayer_;
  Result<void> result_;
  std::atomic<bool> stopping_ = false;
  std::atomic<bool> over_ = false;
  std::thread thread_;
};

}  // namespace autotape
