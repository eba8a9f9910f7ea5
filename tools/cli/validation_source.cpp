#include "cli/validation_source.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"

namespace autotape {

using namespace std::chrono_literals;

Result<bool> TapeSource::read(TapeBlock& block) {
  if (interrupted()) {
    return false;
  }
  AUTOTAPE_TRY_ASSIGN(const bool more, tape_->next(block));
  whole_ = !more && !interrupted();
  return more;
}

ExitCode TapeSource::report_loss(std::uint64_t messages) {
  if (!whole_) {
    say(fmt::format("{}: interrupted before its end", path_));
    return ExitCode::loss;
  }
  return graver(report_damage(path_, tape_->damage()), report_empty(path_, messages));
}

BrokerSource::BrokerSource(MqttSourceSettings settings, BrokerSourceLimits limits,
                           std::shared_ptr<const void> credentials)
    : settings_(std::move(settings)),
      limits_(limits),
      credentials_(std::move(credentials)),
      source_(settings_, interrupt_descriptor()) {}

Result<bool> BrokerSource::read(TapeBlock& block) {
  constexpr std::uint64_t most_messages = 256;
  constexpr Duration patience = 100ms;  // until it is looked whether the time is over
  block.clear();
  MessageBatch& batch = block.batch;
  while (batch.empty() && !over()) {
    const std::uint64_t wanted = limits_.count ? *limits_.count - messages_ : most_messages;
    const Duration left = until_ ? *until_ - monotonic_now() : patience;
    events_.clear();
    AUTOTAPE_TRY(source_.receive(events_, static_cast<std::size_t>(std::min(wanted, most_messages)),
                                 std::clamp(left, Duration(0), patience)));
    for (SourceEvent& event : events_) {
      take(event, batch);
    }
    source_.acknowledge();
  }
  if (batch.empty()) {
    source_.disconnect();
  }
  return !batch.empty();
}

std::unique_ptr<TapeBlockDecoder> BrokerSource::make_decoder() const {
  return decode_nothing();
}

bool BrokerSource::over() const {
  return interrupted() || (limits_.count && messages_ >= *limits_.count) ||
         (until_ && monotonic_now() >= *until_);
}

void BrokerSource::take(SourceEvent& event, MessageBatch& batch) {
  if (auto* const message = std::get_if<Message>(&event)) {
    RecordedMessage& recorded = batch.next();
    recorded.received = wall_now();
    recorded.message = std::move(*message);
    batch.keep();
    ++messages_;
  } else if (std::holds_alternative<Subscribed>(event)) {
    if (!subscribed_) {
      say(fmt::format("validating what is published to {} at {}; Ctrl-C ends it",
                      printable(settings_.topic_filter, 200), settings_.client.address()));
      if (limits_.duration) {
        until_ = monotonic_now() + *limits_.duration;
      }
    }
    subscribed_ = true;
  } else if (const auto* const lost = std::get_if<Disconnected>(&event)) {
    connections_lost_ += lost->was_connected ? 1U : 0U;
    say(fmt::format("{}: {}; next attempt in {}",
                    lost->was_connected ? "connection lost" : "still not connected",
                    lost->reason.line(), describe_duration(lost->retry_in)));
  }
}

ExitCode BrokerSource::report_loss(std::uint64_t messages) {
  ExitCode code = ExitCode::passed;
  if (connections_lost_ > 0) {
    say(fmt::format("{} connections lost: what was published meanwhile was missed",
                    describe_count(connections_lost_)));
    code = ExitCode::loss;
  }
  if (messages == 0) {
    say("no message arrived");
    code = ExitCode::loss;
  }
  return code;
}

}  // namespace autotape
