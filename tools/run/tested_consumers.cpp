#include "run/tested_consumers.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <signal.h>

#include "core/quantity.hpp"

namespace autotape {
namespace {

std::vector<std::pair<std::string, std::string>> settings_for(const Bundle& bundle,
                                                              const BrokerConnection& connection,
                                                              const ReplayRate& rate) {
  return {{"HOST", connection.host},
          {"PORT", std::to_string(connection.port)},
          {"CA_FILE", bundle.files.ca_file},
          {"CERT_FILE", bundle.files.certificate_file},
          {"KEY_FILE", bundle.files.key_file},
          {"CLIENT_ID", bundle.certificate_id.value_or("")},
          {"TOPIC", connection.topic},
          {"APP_ID", connection.app_id},
          {"RATE", rate.text()}};
}

}  // namespace

Result<void> TestedConsumers::start(const TestBroker& broker, const RunFiles& files,
                                    ObservationLog& log) {
  files_ = files;
  log_ = &log;
  const Scenario& scenario = settings_.scenario;
  AUTOTAPE_TRY_ASSIGN(const auto bundles, broker.consumer_bundles(scenario.consumers));
  for (std::uint32_t number = 1; number <= scenario.consumers; ++number) {
    const Bundle& bundle = bundles[number - 1];
    TestedConsumer tested;
    tested.settings = settings_for(bundle, broker.connection(), scenario.rate);
    tested.conduct.number = number;
    tested.conduct.client_id = bundle.certificate_id.value_or("");
    const auto on_message = [this, client = tested.client_id()](std::string_view message_id) {
      unobserved_.note_observed(client, message_id);
    };
    AUTOTAPE_TRY_ASSIGN(tested.consumer, Consumer::create({.number = number,
                                                           .command = settings_.command,
                                                           .settings = tested.settings,
                                                           .folder = files.consumer(number),
                                                           .channel = settings_.channel,
                                                           .on_message = on_message},
                                                          log, changed_));
    if (external()) {
      listener_.on_settings(number, tested.consumer->environment());
    } else {
      AUTOTAPE_TRY(tested.consumer->start());
    }
    all_.push_back(std::move(tested));
  }
  return {};
}

bool TestedConsumers::all(const std::function<bool(const TestedConsumer&)>& is_it) const {
  return std::all_of(all_.begin(), all_.end(), is_it);
}

bool TestedConsumers::any_fault() const {
  return !all([](const TestedConsumer& tested) { return !tested.faulty(); });
}

std::string TestedConsumers::failure_of(TestedConsumer& tested, std::string_view when) const {
  if (const auto end = tested.consumer->ended()) {
    return fmt::format("{} {}", end->description(), when);
  }
  const std::string why = external() ? listener_.failure_of(tested.conduct.number) : std::string();
  return why.empty() ? why : fmt::format("failed {}: {}", when, why);
}

bool TestedConsumers::note_ends(std::string_view when) {
  bool one_ended = false;
  for (TestedConsumer& tested : all_) {
    if (!tested.faulty()) {
      tested.conduct.fault = failure_of(tested, when);
      one_ended = one_ended || tested.faulty();
    }
  }
  return one_ended;
}

void TestedConsumers::note_floods(std::uint64_t published) {
  const std::uint64_t most =
      settings_.most_observations != 0 ? settings_.most_observations : 100'000 + 100 * published;
  for (TestedConsumer& tested : all_) {
    if (!tested.faulty() && tested.consumer->lines() > most) {
      tested.conduct.fault = fmt::format("wrote more than {} observations; the rest was not read",
                                         describe_count(most));
      tested.flooded = true;
    }
  }
}

Result<void> TestedConsumers::start_again() {
  for (TestedConsumer& tested : all_) {
    if (tested.starts_again && monotonic_now() >= *tested.starts_again) {
      tested.starts_again.reset();
      tested.undisturbed_since = monotonic_now();
      AUTOTAPE_TRY(tested.consumer->start());
    }
  }
  return {};
}

Result<void> TestedConsumers::stop() {
  const MonotonicTime killed_at = monotonic_now() + settings_.stop_timeout;
  for (TestedConsumer& tested : all_) {
    tested.consumer->ask_to_end();
  }
  for (TestedConsumer& tested : all_) {
    const auto end = tested.consumer->stop(std::max(Duration(0), killed_at - monotonic_now()));
    if (tested.flooded) {
      tested.consumer->abandon_observations();
    } else {
      tested.consumer->finish_observations();
    }
    if (end && end->signal == SIGKILL && !tested.faulty()) {
      tested.conduct.note = fmt::format("did not end within {} of SIGTERM and was killed",
                                        describe_duration(settings_.stop_timeout));
    }
    if (tested.faulty()) {
      tested.conduct.output_tail = tested.consumer->output_tail();
    } else if (!settings_.state_command.empty() && !listener_.should_stop()) {
      AUTOTAPE_TRY(ask_for_state(tested));
    }
  }
  return log_->failure();
}

// The state command speaks for its consumer, on standard output.
Result<void> TestedConsumers::ask_for_state(TestedConsumer& tested) {
  const std::string folder = files_->consumer(tested.conduct.number);
  AUTOTAPE_TRY_ASSIGN(auto asked, Consumer::create({.number = tested.conduct.number,
                                                    .command = settings_.state_command,
                                                    .settings = tested.settings,
                                                    .folder = folder + "/state-command",
                                                    .home = folder,
                                                    .channel = ObservationChannel::output},
                                                   *log_, changed_));
  AUTOTAPE_TRY(asked->start());
  changed_.poll_for(settings_.start_timeout,
                    [&] { return listener_.should_stop() || asked->ended().has_value(); });
  const auto end = asked->ended();
  asked->kill();
  if (!end && listener_.should_stop()) {
    return {};
  }
  if (!end || !end->succeeded()) {
    tested.conduct.fault = end ? fmt::format("has a state command that {}", end->description())
                               : fmt::format("has a state command that did not end within {}",
                                             describe_duration(settings_.start_timeout));
    tested.conduct.output_tail = asked->output_tail();
  }
  return {};
}

}  // namespace autotape
