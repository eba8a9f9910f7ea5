#include "run/test_run.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/quantity.hpp"
#include "journal/ledger.hpp"
#include "replay/prefetch.hpp"
#include "run/broker_watch.hpp"
#include "run/clean_plan.hpp"
#include "run/delivery_log.hpp"
#include "run/fault_driver.hpp"
#include "run/manifest.hpp"
#include "run/playback.hpp"
#include "run/strikes.hpp"
#include "run/test_broker.hpp"
#include "run/tested_consumers.hpp"
#include "run/unobserved_messages.hpp"
#include "scenario/scenario_plan.hpp"
#include "shape/plan.hpp"
#include "x509/digest.hpp"

namespace autotape {
namespace {

// How often the listener is asked whether to stop, when nothing else happens.
constexpr Duration turn = std::chrono::milliseconds(100);

// How long the broker's log may take to tell of a refusal of which a consumer died at once.
constexpr Duration longest_until_logged = std::chrono::seconds(1);

// So much longer all must be quiet where an acknowledged message has not been observed: it may be
// on its way. The filter behind `mosquitto_sub`, say, need not have been scheduled yet.
constexpr int times_as_quiet = 7;

class TestRun {
 public:
  TestRun(const TestRunSettings& settings, TestBroker& broker, const std::string& folder,
          TestRunListener& listener)
      : settings_(settings),
        scenario_(settings.scenario),
        broker_(broker),
        folder_(folder),
        files_(folder),
        listener_(listener),
        unobserved_(settings.scenario.expect.parties == Parties::together),
        faults_(settings.scenario.faults, settings.scenario.rate, changed_),
        consumers_(settings, changed_, unobserved_, listener) {}

  // Whatever the replay waits for, it will not come any more.
  ~TestRun() { faults_.release(); }

  Result<void> run();

  // All of it was played, and no consumer failed as a program.
  bool went_well() const { return !manifest_.interrupted && !consumers_.any_fault(); }

 private:
  Result<void> prepare_folder();
  Result<void> wait_for_subscriptions();
  void say_what_was_refused();
  void warn_of_lag(Duration most);
  Result<void> play();
  Result<void> look_after_consumers();
  Result<void> lift_what_holds();
  Result<void> settle();
  Result<void> keep_manifest();

  bool stopping();
  bool settled() const;
  Duration needed_quiet(const TestedConsumer& tested) const;
  bool is_locked_out(const TestedConsumer& tested) const;
  bool is_kept_away(const TestedConsumer& tested) const {
    return strikes_->held().holds(tested.client_id()) || is_locked_out(tested);
  }
  void note_hang(TestedConsumer& tested);
  void note_unrest(TestedConsumer& tested);
  std::uint64_t outstanding(const TestedConsumer& tested) const {
    return watch_->outstanding(tested.client_id());
  }
  MonotonicTime last_progress(const TestedConsumer& tested) const {
    return std::max({watch_->last_progress(tested.client_id()), tested.consumer->last_observation(),
                     replayed_});
  }

  const TestRunSettings& settings_;
  const Scenario& scenario_;
  TestBroker& broker_;
  std::string folder_;
  RunFiles files_;
  TestRunListener& listener_;
  ChangeSignal changed_;
  Manifest manifest_;
  UnobservedMessages unobserved_;
  std::unique_ptr<BrokerWatch> watch_;
  std::unique_ptr<ObservationLog> observations_;
  FaultDriver faults_;
  TestedConsumers consumers_;
  std::optional<Strikes> strikes_;
  std::unique_ptr<Playback> playback_;
  MonotonicTime replay_start_{};
  MonotonicTime replayed_{};                    // when the last delivery was sent
  std::optional<MonotonicTime> held_up_since_;  // by faults, and nothing else will come
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
  if (!scenario_.file.empty()) {
    AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(scenario_.file));
    AUTOTAPE_TRY(write_file(files_.scenario, text));
  }
  AUTOTAPE_TRY_ASSIGN(observations_, ObservationLog::create(files_.observations));
  return {};
}

bool TestRun::stopping() {
  manifest_.interrupted = manifest_.interrupted || listener_.should_stop();
  return manifest_.interrupted || consumers_.any_fault();
}

Result<void> TestRun::wait_for_subscriptions() {
  listener_.on_phase(consumers_.external() ? "waiting for a consumer to subscribe"
                                           : "waiting for the consumer to subscribe");
  const MonotonicTime until = monotonic_now() + settings_.start_timeout;
  const auto all_subscribed = [&] {
    return consumers_.all(
        [&](const TestedConsumer& tested) { return watch_->subscribed(tested.client_id()); });
  };
  while (!all_subscribed() && !stopping() && monotonic_now() < until) {
    changed_.wait_for(
        turn, [&] { return all_subscribed() || consumers_.note_ends("before it had subscribed"); });
    AUTOTAPE_TRY(watch_->failure());
  }
  const bool gave_up = !stopping();
  for (TestedConsumer& tested : consumers_) {
    if (gave_up && !watch_->subscribed(tested.client_id())) {
      tested.conduct.fault =
          fmt::format("did not subscribe within {}", describe_duration(settings_.start_timeout));
    }
  }
  say_what_was_refused();
  return {};
}

// A consumer that the broker turned away says little of it, and the two most likely first mistakes
// are a wrong filter and a wrong client id.
void TestRun::say_what_was_refused() {
  for (TestedConsumer& tested : consumers_) {
    if (!tested.faulty() || watch_->subscribed(tested.client_id())) {
      continue;
    }
    const auto refusal = [&] { return watch_->refusal(tested.client_id()); };
    changed_.poll_for(longest_until_logged,
                      [&] { return listener_.should_stop() || !refusal().empty(); });
    if (!refusal().empty()) {
      tested.conduct.fault += ": " + refusal();
    }
  }
}

Result<void> TestRun::play() {
  const BrokerConnection& connection = broker_.connection();
  AUTOTAPE_TRY_ASSIGN(auto plan,
                      settings_.make_plan ? settings_.make_plan() : plan_scenario(scenario_));
  plan = rewritten_for(std::move(plan), scenario_, {connection.environment, connection.app_id});
  plan = std::make_unique<PrefetchedPlan>(std::move(plan));
  AUTOTAPE_TRY_ASSIGN(auto logged, LoggedPlan::create(files_.deliveries, std::move(plan)));
  LoggedPlan& log = *logged;  // the playback's, which lives longer than this
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
      return playback_->over() || faults_.held_after() ||
             consumers_.note_ends("while the stream was played");
    });
    AUTOTAPE_TRY(look_after_consumers());
    if (stopping()) {
      playback_->stop();
      faults_.release();
    }
  }
  AUTOTAPE_TRY(playback_->result());
  AUTOTAPE_TRY(log.close());  // of a replay that was stopped, it still holds the last deliveries
  const ReplaySummary& summary = playback_->summary();
  manifest_.sent = summary.sent;
  manifest_.acknowledged = summary.acknowledged;
  if (summary.finished) {
    manifest_.tape_damage = describe_damage(playback_->plan().tape_damage());
    for (const std::string& idle : describe_idle_stages(playback_->plan())) {
      listener_.on_warning(idle);
    }
    warn_of_lag(summary.lateness.greatest());
  }
  manifest_.rate_multiple = scenario_.rate.value;
  if (scenario_.rate.kind != ReplayRate::Kind::multiple && summary.elapsed > Duration::zero()) {
    manifest_.rate_multiple = static_cast<double>(summary.played_to.time_since_epoch().count()) /
                              static_cast<double>(summary.elapsed.count());
  }
  replayed_ = monotonic_now();
  return {};
}

// A replay on its own ends there; a test goes on, and its verdict is of what was delivered.
void TestRun::warn_of_lag(Duration most) {
  if (scenario_.max_lag && most > *scenario_.max_lag) {
    listener_.on_warning(fmt::format("the stream was up to {} behind its schedule, max_lag is {}",
                                     describe_duration(most),
                                     describe_duration(*scenario_.max_lag)));
  }
}

Result<void> TestRun::look_after_consumers() {
  consumers_.note_floods(watch_->published());
  if (stopping()) {
    return {};
  }
  AUTOTAPE_TRY(consumers_.start_again());
  AUTOTAPE_TRY(faults_.strike_due(
      replay_start_, [this](const std::string& event) { return watch_->seen(event); },
      [this](std::size_t number, const Json& what) { return strikes_->strike(number, what); }));
  return lift_what_holds();
}

// A fault that nothing ends any more would keep the consumer from what it is to be judged by, and
// the replay from its acknowledgements.
Result<void> TestRun::lift_what_holds() {
  const bool at_end = faults_.at_end();
  if (strikes_->held().empty() || faults_.may_still_strike() ||
      (!at_end && faults_.overdue(replay_start_) < settings_.hang_timeout)) {
    held_up_since_.reset();
    return {};
  }
  held_up_since_ = held_up_since_.value_or(monotonic_now());
  if (!strikes_->held().any_stands_still() &&
      monotonic_now() - *held_up_since_ < settings_.hang_timeout) {
    return {};  // slow, but it may do
  }
  AUTOTAPE_TRY_ASSIGN(const auto lifted, strikes_->lift());
  faults_.note_lifted(lifted, at_end ? "the stream had ended" : "the replay could not go on");
  return {};
}

// While a fault keeps it away, it is not to blame.
void TestRun::note_hang(TestedConsumer& tested) {
  const std::uint64_t left = outstanding(tested);
  const MonotonicTime since = std::max(last_progress(tested), tested.undisturbed_since);
  if (left > 0 && !tested.faulty() && !tested.starts_again && !is_kept_away(tested) &&
      monotonic_now() - since > settings_.hang_timeout) {
    tested.conduct.fault =
        fmt::format("{} for {}, with {} messages not acknowledged",
                    watch_->connected(tested.client_id()) ? "took nothing" : "stayed away",
                    describe_duration(settings_.hang_timeout), describe_count(left));
  }
}

// All is acknowledged, and it still has something to say.
void TestRun::note_unrest(TestedConsumer& tested) {
  const MonotonicTime acknowledged = std::max(watch_->last_progress(tested.client_id()), replayed_);
  if (outstanding(tested) == 0 && !tested.faulty() &&
      tested.consumer->last_observation() - acknowledged > settings_.hang_timeout) {
    tested.conduct.fault = fmt::format("still wrote observations {} after it had acknowledged all",
                                       describe_duration(settings_.hang_timeout));
  }
}

// It has lost its connection, and gets none any more.
bool TestRun::is_locked_out(const TestedConsumer& tested) const {
  return tested.expired && !watch_->connected(tested.client_id());
}

Duration TestRun::needed_quiet(const TestedConsumer& tested) const {
  return unobserved_.any(tested.client_id()) ? times_as_quiet * settings_.settle : settings_.settle;
}

bool TestRun::settled() const {
  return watch_->published() >= manifest_.acknowledged &&
         consumers_.all([&](const TestedConsumer& tested) {
           return (outstanding(tested) == 0 || is_locked_out(tested)) &&
                  monotonic_now() - last_progress(tested) >= needed_quiet(tested);
         });
}

Result<void> TestRun::settle() {
  listener_.on_phase("waiting for the consumer to settle");
  while (!stopping() && !settled()) {
    changed_.wait_for(std::min(turn, settings_.settle), [&] {
      return settled() || consumers_.note_ends("before the stream had settled");
    });
    AUTOTAPE_TRY(watch_->failure());
    AUTOTAPE_TRY(observations_->failure());
    AUTOTAPE_TRY(look_after_consumers());
    for (TestedConsumer& tested : consumers_) {
      note_hang(tested);
      note_unrest(tested);
    }
  }
  return {};
}

Result<void> TestRun::keep_manifest() {
  manifest_.tool = settings_.tool;
  manifest_.command_line = settings_.command_line;
  manifest_.tape = scenario_.tape;
  if (!scenario_.tape.empty()) {
    AUTOTAPE_TRY_ASSIGN(manifest_.tape_hash, sha256_of_file(scenario_.tape));
  }
  manifest_.scenario = scenario_.file;
  manifest_.labels = scenario_.labels;
  for (const char* const name : RunFiles::evidence) {
    AUTOTAPE_TRY_ASSIGN(manifest_.evidence[name], sha256_of_file(files_.file(name)));
  }
  manifest_.seed = scenario_.seed;
  manifest_.rate = scenario_.rate.text();
  manifest_.stream = scenario_.stream;
  manifest_.faults = scenario_.faults;
  if (!went_well()) {
    faults_.release();  // that is why the others did not strike
  }
  manifest_.fates = faults_.fates();
  manifest_.channel = settings_.channel;
  manifest_.expectation = scenario_.expect;
  manifest_.ended = wall_now();
  for (const TestedConsumer& tested : consumers_) {
    manifest_.consumers.push_back(tested.conduct);
  }
  return write_manifest(files_.manifest, manifest_);
}

Result<void> TestRun::run() {
  manifest_.started = wall_now();
  AUTOTAPE_TRY(prepare_folder());
  AUTOTAPE_TRY_ASSIGN(auto events, broker_.begin_run());
  watch_ = std::make_unique<BrokerWatch>(std::move(events), changed_, unobserved_);
  strikes_.emplace(
      broker_, consumers_, *watch_, faults_, changed_, [this] { return listener_.should_stop(); },
      settings_.stop_timeout);
  AUTOTAPE_TRY(consumers_.start(broker_, files_, *observations_));
  AUTOTAPE_TRY(wait_for_subscriptions());
  AUTOTAPE_TRY(play());
  AUTOTAPE_TRY(settle());
  for (TestedConsumer& tested : consumers_) {
    tested.conduct.locked_out = is_locked_out(tested) && outstanding(tested) > 0;
  }
  AUTOTAPE_TRY(consumers_.stop());
  if (!settings_.state_command.empty()) {
    stopping();  // their state may not have been asked for
  }
  watch_.reset();
  AUTOTAPE_TRY(broker_.end_run(files_.events));
  return keep_manifest();
}

// Nothing is asked of the consumer but the state that it ends with.
TestRunSettings clean_settings(const TestRunSettings& settings, const RunFiles& files) {
  TestRunSettings clean = settings;
  clean.scenario.faults.clear();
  clean.scenario.remap = {};  // what was sent has the right names and times
  clean.scenario.restamp = false;
  clean.scenario.expect = {};
  clean.scenario.expect.completeness = CheckMode::off;
  clean.scenario.expect.dedup = CheckMode::off;
  clean.make_plan = [path = files.deliveries]() -> Result<std::unique_ptr<DeliverySource>> {
    AUTOTAPE_TRY_ASSIGN(auto plan, CleanPlan::open(path));
    return std::unique_ptr<DeliverySource>(std::move(plan));
  };
  return clean;
}

}  // namespace

Result<void> run_test(const TestRunSettings& settings, TestBroker& broker,
                      const std::string& folder, TestRunListener& listener) {
  TestRun run(settings, broker, folder, listener);
  AUTOTAPE_TRY(run.run());
  if (settings.scenario.expect.metamorphic == CheckMode::off || !run.went_well()) {
    return {};
  }
  const RunFiles files(folder);
  return TestRun(clean_settings(settings, files), broker, files.clean, listener).run();
}

Result<void> run_test(const TestRunSettings& settings, const std::string& folder,
                      TestRunListener& listener) {
  listener.on_phase("starting the broker");
  AUTOTAPE_TRY_ASSIGN(TestBroker broker, TestBroker::start(settings.scenario.stream));
  return run_test(settings, broker, folder, listener);
}

}  // namespace autotape
