#include "run/test_run.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>
#include <signal.h>

#include "core/quantity.hpp"
#include "journal/ledger.hpp"
#include "mockbroker/harness/broker.hpp"
#include "run/broker_watch.hpp"
#include "run/delivery_log.hpp"
#include "run/fault_driver.hpp"
#include "run/manifest.hpp"
#include "run/playback.hpp"
#include "run/temporary_folder.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {
namespace {

// How often the listener is asked whether to stop, when nothing else happens.
constexpr Duration turn = std::chrono::milliseconds(100);

// How long a fault waits for the consumer to take what was sent before.
constexpr Duration longest_drain = std::chrono::seconds(2);

using Settings = std::vector<std::pair<std::string, std::string>>;

class TestRun {
 public:
  TestRun(const TestRunSettings& settings, const std::string& folder, TestRunListener& listener)
      : settings_(settings),
        scenario_(settings.scenario),
        folder_(folder),
        files_(folder),
        listener_(listener),
        faults_(settings.scenario.faults, settings.scenario.rate, changed_) {}

  Result<void> run();

 private:
  // A consumer, and what is known of it as a program.
  struct Tested {
    std::unique_ptr<Consumer> consumer;
    ConsumerConduct conduct;
    Settings settings;
    std::optional<MonotonicTime> starts_again;  // it is stopped on purpose until then

    bool faulty() const { return !conduct.fault.empty(); }
  };

  Result<void> prepare_folder();
  Result<void> start_broker();
  Result<void> start_consumers();
  Result<void> wait_for_subscriptions();
  Result<void> play();
  Result<void> settle();
  Result<void> look_after_consumers();
  Result<void> strike(const Json& what);
  Result<void> strike_consumer(Tested& tested, const Json& what);
  Result<void> strike_broker(Json what);
  Result<void> stop_consumers();
  Result<void> ask_for_state(Tested& tested);
  Result<void> keep_events();
  Result<void> keep_manifest();

  Settings settings_for(const Bundle& bundle) const;
  bool external() const { return settings_.command.empty(); }
  bool any_fault() const;
  bool stopping();
  bool note_ended(Tested& tested, std::string_view when);
  bool any_ended(std::string_view when);
  void note_hang(Tested& tested);
  void note_flood(Tested& tested);
  bool settled() const;
  std::uint64_t outstanding(const Tested& tested) const {
    return watch_->outstanding(tested.conduct.client_id);
  }
  MonotonicTime last_progress(const Tested& tested) const {
    return std::max(
        {watch_->last_progress(tested.conduct.client_id), tested.consumer->last_line(), replayed_});
  }

  const TestRunSettings& settings_;
  const Scenario& scenario_;
  std::string folder_;
  RunFiles files_;
  TestRunListener& listener_;
  ChangeSignal changed_;
  Manifest manifest_;
  std::optional<TemporaryFolder> broker_folder_;
  std::optional<Broker> broker_;
  std::unique_ptr<BrokerWatch> watch_;
  std::unique_ptr<ObservationLog> observations_;
  FaultDriver faults_;
  std::vector<Tested> tested_;
  std::unique_ptr<Playback> playback_;
  MonotonicTime replay_start_{};
  MonotonicTime replayed_{};  // when the last delivery was sent
};

Result<void> TestRun::prepare_folder() {
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error || !std::filesystem::is_directory(folder_)) {
    return file_error(folder_, "cannot make the folder: " + error.message());
  }
  folder_ = std::filesystem::canonical(folder_);
  files_ = RunFiles(folder_);
  if (!std::filesystem::is_empty(folder_, error)) {
    return file_error(folder_, "is not empty", "name another folder for the run");
  }
  AUTOTAPE_TRY_ASSIGN(observations_, ObservationLog::create(files_.observations));
  return {};
}

Result<void> TestRun::start_broker() {
  AUTOTAPE_TRY_ASSIGN(broker_folder_, TemporaryFolder::create());
  BrokerSettings broker;
  broker.directory = broker_folder_->path();
  broker.port = 0;
  broker.stream = scenario_.stream;
  broker.owned = true;
  AUTOTAPE_TRY_ASSIGN(broker_, Broker::start(broker));
  AUTOTAPE_TRY_ASSIGN(auto events, broker_->follow_events(EventStart::beginning));
  watch_ = std::make_unique<BrokerWatch>(std::move(events), changed_);
  return {};
}

Settings TestRun::settings_for(const Bundle& bundle) const {
  const BrokerConnection& connection = broker_->connection();
  return {{"HOST", connection.host},           {"PORT", std::to_string(connection.port)},
          {"CA_FILE", bundle.files.ca_file},   {"CERT_FILE", bundle.files.certificate_file},
          {"KEY_FILE", bundle.files.key_file}, {"CLIENT_ID", bundle.certificate_id.value_or("")},
          {"TOPIC", connection.topic},         {"APP_ID", connection.app_id},
          {"RATE", scenario_.rate.text()}};
}

Result<void> TestRun::start_consumers() {
  const CertificateStore certificates(broker_folder_->path());
  AUTOTAPE_TRY_ASSIGN(auto bundles, broker_->consumer_bundles());
  while (bundles.size() < scenario_.consumers) {
    AUTOTAPE_TRY(certificates.issue({.app_id = broker_->connection().app_id}));
    AUTOTAPE_TRY_ASSIGN(bundles, broker_->consumer_bundles());
  }
  for (std::uint32_t number = 1; number <= scenario_.consumers; ++number) {
    Tested tested;
    tested.settings = settings_for(bundles[number - 1]);
    tested.conduct.number = number;
    tested.conduct.client_id = bundles[number - 1].certificate_id.value_or("");
    AUTOTAPE_TRY_ASSIGN(tested.consumer,
                        Consumer::create({number, settings_.command, tested.settings,
                                          files_.consumer(number), settings_.channel},
                                         *observations_, changed_));
    if (external()) {
      listener_.on_settings(number, tested.consumer->environment());
    } else {
      AUTOTAPE_TRY(tested.consumer->start());
    }
    tested_.push_back(std::move(tested));
  }
  return {};
}

bool TestRun::any_fault() const {
  return std::any_of(tested_.begin(), tested_.end(),
                     [](const Tested& tested) { return tested.faulty(); });
}

bool TestRun::stopping() {
  manifest_.interrupted = manifest_.interrupted || listener_.should_stop();
  return manifest_.interrupted || any_fault();
}

bool TestRun::note_ended(Tested& tested, std::string_view when) {
  const auto end = tested.consumer->ended();
  if (!end || tested.faulty()) {
    return false;
  }
  tested.conduct.fault = fmt::format("{} {}", end->description(), when);
  return true;
}

Result<void> TestRun::wait_for_subscriptions() {
  listener_.on_phase(external() ? "waiting for a consumer to subscribe"
                                : "waiting for the consumer to subscribe");
  const MonotonicTime until = monotonic_now() + settings_.start_timeout;
  const auto all_subscribed = [&] {
    return std::all_of(tested_.begin(), tested_.end(), [&](const Tested& tested) {
      return watch_->subscribed(tested.conduct.client_id);
    });
  };
  while (!all_subscribed() && !stopping() && monotonic_now() < until) {
    changed_.wait_for(turn,
                      [&] { return all_subscribed() || any_ended("before it had subscribed"); });
    AUTOTAPE_TRY(watch_->failure());
  }
  for (Tested& tested : tested_) {
    if (!watch_->subscribed(tested.conduct.client_id) && !stopping()) {
      const std::string refusal = watch_->refusal(tested.conduct.client_id);
      tested.conduct.fault =
          fmt::format("did not subscribe within {}{}", describe_duration(settings_.start_timeout),
                      refusal.empty() ? "" : fmt::format(": the broker refused it ({})", refusal));
    }
  }
  return {};
}

Result<void> TestRun::play() {
  const BrokerConnection& connection = broker_->connection();
  AUTOTAPE_TRY_ASSIGN(auto plan, settings_.make_plan(connection));
  AUTOTAPE_TRY_ASSIGN(auto logged, LoggedPlan::create(files_.deliveries, std::move(plan)));
  LedgerHeader header;
  header.started = wall_now();
  header.tool = settings_.tool;
  header.tape = scenario_.tape;
  header.seed = scenario_.seed;
  header.rate = scenario_.rate.text();
  AUTOTAPE_TRY_ASSIGN(auto ledger, LedgerWriter::create(files_.ledger, header, false));
  if (stopping()) {
    return ledger.close();  // nothing was played, and the logs say so
  }
  listener_.on_phase("replaying");
  replay_start_ = monotonic_now();
  AUTOTAPE_TRY_ASSIGN(playback_, Playback::start(connection, faults_.gated(std::move(logged)),
                                                 scenario_.rate, std::move(ledger), changed_));
  while (!playback_->over()) {
    changed_.wait_for(turn, [&] {
      return playback_->over() || faults_.holding() || any_ended("while the stream was played");
    });
    AUTOTAPE_TRY(look_after_consumers());
    if (stopping()) {
      playback_->stop();
      faults_.release();
    }
  }
  AUTOTAPE_TRY(playback_->result());
  const ReplaySummary& summary = playback_->summary();
  manifest_.sent = summary.sent;
  manifest_.acknowledged = summary.acknowledged;
  manifest_.rate_multiple = scenario_.rate.value;
  if (scenario_.rate.kind != ReplayRate::Kind::multiple && summary.elapsed > Duration::zero()) {
    manifest_.rate_multiple = static_cast<double>(summary.played_to.time_since_epoch().count()) /
                              static_cast<double>(summary.elapsed.count());
  }
  replayed_ = monotonic_now();
  return {};
}

bool TestRun::any_ended(std::string_view when) {
  return std::any_of(tested_.begin(), tested_.end(),
                     [&](Tested& tested) { return note_ended(tested, when); });
}

Result<void> TestRun::look_after_consumers() {
  for (Tested& tested : tested_) {
    note_flood(tested);
    if (tested.starts_again && monotonic_now() >= *tested.starts_again) {
      tested.starts_again.reset();
      AUTOTAPE_TRY(tested.consumer->start());
    }
  }
  return faults_.strike_due(replay_start_, *watch_,
                            [this](const Json& what) { return strike(what); });
}

Result<void> TestRun::strike(const Json& what) {
  if (!what.contains("consumer")) {
    return strike_broker(what);
  }
  for (Tested& tested : tested_) {
    const bool chosen = !what.contains("number") || what["number"] == tested.conduct.number;
    if (chosen && !external() && !tested.faulty()) {
      AUTOTAPE_TRY(strike_consumer(tested, what));
    }
  }
  return {};
}

Result<void> TestRun::strike_consumer(Tested& tested, const Json& what) {
  const std::string action = what.value("consumer", "");
  if (action == "kill") {
    tested.consumer->kill();
  } else {
    // What was sent before must have come to it, or the place of the fault would be a matter of
    // luck.
    changed_.wait_for(longest_drain, [&] { return outstanding(tested) == 0; });
    tested.consumer->stop(settings_.stop_timeout);
  }
  if (action == "stop") {
    const Duration away = parse_duration(what.value("for", "0")).value_or(Duration::zero());
    tested.starts_again = monotonic_now() + faults_.wall_time(away);
    return {};
  }
  return tested.consumer->start();
}

Result<void> TestRun::strike_broker(Json what) {
  for (const Tested& tested : tested_) {
    if (what.contains("client") &&
        (what["client"] == "consumer" ||
         what["client"] == fmt::format("consumer {}", tested.conduct.number))) {
      what["client"] = tested.conduct.client_id;
    }
  }
  AUTOTAPE_TRY_ASSIGN(const Fault fault, fault_from_json(what, "faults"));
  return broker_->inject(fault);
}

void TestRun::note_flood(Tested& tested) {
  const std::uint64_t most = settings_.most_observations != 0 ? settings_.most_observations
                                                              : 100'000 + 100 * watch_->published();
  if (!tested.faulty() && tested.consumer->lines() > most) {
    tested.conduct.fault = fmt::format("wrote more than {} observations", describe_count(most));
  }
}

void TestRun::note_hang(Tested& tested) {
  const std::uint64_t left = outstanding(tested);
  if (left > 0 && !tested.faulty() &&
      monotonic_now() - last_progress(tested) > settings_.hang_timeout) {
    tested.conduct.fault =
        fmt::format("{} for {}, with {} messages not acknowledged",
                    watch_->connected(tested.conduct.client_id) ? "took nothing" : "stayed away",
                    describe_duration(settings_.hang_timeout), describe_count(left));
  }
}

bool TestRun::settled() const {
  if (watch_->published() < manifest_.acknowledged) {
    return false;
  }
  return std::all_of(tested_.begin(), tested_.end(), [&](const Tested& tested) {
    return outstanding(tested) == 0 && monotonic_now() - last_progress(tested) >= settings_.settle;
  });
}

Result<void> TestRun::settle() {
  listener_.on_phase("waiting for the consumer to settle");
  while (!stopping() && !settled()) {
    changed_.wait_for(std::min(turn, settings_.settle),
                      [&] { return settled() || any_ended("before the stream had settled"); });
    AUTOTAPE_TRY(watch_->failure());
    AUTOTAPE_TRY(observations_->failure());
    AUTOTAPE_TRY(look_after_consumers());
    for (Tested& tested : tested_) {
      note_hang(tested);
    }
  }
  return {};
}

Result<void> TestRun::stop_consumers() {
  for (Tested& tested : tested_) {
    const auto end = tested.consumer->stop(settings_.stop_timeout);
    tested.consumer->finish_observations();
    if (end && end->signal == SIGKILL && !tested.faulty()) {
      tested.conduct.note = fmt::format("did not end within {} of SIGTERM and was killed",
                                        describe_duration(settings_.stop_timeout));
    }
    if (tested.faulty()) {
      tested.conduct.output_tail = tested.consumer->output_tail();
    } else if (!settings_.state_command.empty()) {
      AUTOTAPE_TRY(ask_for_state(tested));
    }
  }
  return observations_->failure();
}

// The state command speaks for its consumer, on standard output.
Result<void> TestRun::ask_for_state(Tested& tested) {
  AUTOTAPE_TRY_ASSIGN(
      auto asked, Consumer::create({tested.conduct.number, settings_.state_command, tested.settings,
                                    files_.consumer(tested.conduct.number) + "/state",
                                    ObservationChannel::output},
                                   *observations_, changed_));
  AUTOTAPE_TRY(asked->start());
  changed_.wait_for(settings_.start_timeout, [&] { return asked->ended().has_value(); });
  const auto end = asked->ended();
  asked->kill();
  if (!end || !end->succeeded()) {
    tested.conduct.fault = end ? fmt::format("has a state command that {}", end->description())
                               : fmt::format("has a state command that did not end within {}",
                                             describe_duration(settings_.start_timeout));
    tested.conduct.output_tail = asked->output_tail();
  }
  return {};
}

Result<void> TestRun::keep_events() {
  AUTOTAPE_TRY(broker_->stop());
  watch_.reset();
  std::error_code error;
  std::filesystem::copy_file(StateDirectory(broker_folder_->path()).events_file(), files_.events,
                             error);
  return error ? Result<void>(file_error(files_.events, "cannot write: " + error.message()))
               : Result<void>();
}

Result<void> TestRun::keep_manifest() {
  manifest_.tool = settings_.tool;
  manifest_.command_line = settings_.command_line;
  manifest_.tape = scenario_.tape;
  manifest_.tape_hash = settings_.tape_hash;
  manifest_.scenario = scenario_.file;
  manifest_.seed = scenario_.seed;
  manifest_.rate = scenario_.rate.text();
  manifest_.expectation = scenario_.expect;
  manifest_.ended = wall_now();
  for (const Tested& tested : tested_) {
    manifest_.consumers.push_back(tested.conduct);
  }
  return write_manifest(files_.manifest, manifest_);
}

Result<void> TestRun::run() {
  manifest_.started = wall_now();
  AUTOTAPE_TRY(prepare_folder());
  listener_.on_phase("starting the broker");
  AUTOTAPE_TRY(start_broker());
  AUTOTAPE_TRY(start_consumers());
  AUTOTAPE_TRY(wait_for_subscriptions());
  AUTOTAPE_TRY(play());
  AUTOTAPE_TRY(settle());
  AUTOTAPE_TRY(stop_consumers());
  AUTOTAPE_TRY(keep_events());
  return keep_manifest();
}

}  // namespace

Result<void> run_test(const TestRunSettings& settings, const std::string& folder,
                      TestRunListener& listener) {
  return TestRun(settings, folder, listener).run();
}

}  // namespace autotape
