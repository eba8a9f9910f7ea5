#include "run/search/shrinker.hpp"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <numeric>
#include <set>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "run/judged_run.hpp"
#include "run/search/minimize.hpp"
#include "run/search/quiet_listener.hpp"
#include "run/temporary_folder.hpp"
#include "run/test_broker.hpp"

namespace autotape {
namespace {

// How often the smallest part is played once more, to say how reliably it fails.
constexpr unsigned last_tries = 3;

// Delays are halved so often.
constexpr int most_halvings = 6;

using Places = std::vector<std::size_t>;

class Shrinker {
 public:
  Shrinker(const RecordedRun& run, const ShrinkSettings& settings, TestBroker broker,
           TemporaryFolder folder, ShrinkListener& listener)
      : run_(run),
        settings_(settings),
        broker_(std::move(broker)),
        folder_(std::move(folder)),
        listener_(listener),
        start_(monotonic_now()),
        smallest_(whole_of(run)) {}

  Result<Shrunk> shrink() {
    reproduce();
    if (failed_again_) {
      look_at_the_finding();
      drop_faults();
      drop_cars();
      drop_deliveries();
      drop_faults();
      shorten_delays();
      play_once_more();
    }
    AUTOTAPE_TRY(failure_);
    Shrunk shrunk;
    shrunk.part = smallest_;
    shrunk.report = std::move(report_);
    shrunk.failed_again = failed_again_;
    shrunk.proven = proven_;
    shrunk.interrupted = over_;
    shrunk.runs = runs_;
    shrunk.elapsed = monotonic_now() - start_;
    shrunk.last_tries = tries_;
    shrunk.last_failures = failures_;
    return shrunk;
  }

 private:
  // ---- one part

  bool limits_reached() const {
    return listener_.should_stop() || (settings_.most_runs && runs_ >= *settings_.most_runs) ||
           (settings_.longest && monotonic_now() - start_ >= *settings_.longest);
  }

  // Does this part show the symptom, played once? Nothing: it is over.
  std::optional<bool> play(const Part& part) {
    over_ = over_ || limits_reached();
    if (over_ || !failure_) {
      return std::nullopt;
    }
    listener_.on_try(phase_, runs_, smallest_);
    TestRunSettings settings = settings_.run;
    settings.scenario.rate = part.rate;
    settings.scenario.faults = faults_of(run_, part);
    settings.make_plan = [this, &part]() -> Result<std::unique_ptr<DeliverySource>> {
      return plan_of_deliveries(deliveries_of(run_, part), run_.stage_names);
    };
    const std::string folder = fmt::format("{}/{}", folder_.path(), ++runs_);
    QuietListener quiet([this] { return listener_.should_stop(); });
    auto report = judged_run(settings, broker_, folder, quiet);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    if (!report) {
      failure_ = report.error();
      return std::nullopt;
    }
    if (report->interrupted) {
      over_ = true;
      return std::nullopt;
    }
    const bool failed = shows(*report, settings_.symptom);
    if (failed) {
      last_failed_ = std::move(*report);
    }
    return failed;
  }

  // One failure is proof; a consumer that fails only sometimes is tried again.
  std::optional<bool> fails(const Part& part) {
    for (unsigned tries = 0; tries < settings_.confirm; ++tries) {
      const auto failed = play(part);
      if (!failed || *failed) {
        return failed;
      }
    }
    return false;
  }

  // Is the part the new smallest one?
  bool try_part(const Part& part) {
    const bool smaller = fails(part).value_or(false);
    if (smaller) {
      smallest_ = part;
      report_ = last_failed_;
    }
    return smaller;
  }

  // ---- what is tried

  void reproduce() {
    phase_ = "as fast as can be";
    Part fast = smallest_;
    fast.rate = {ReplayRate::Kind::maximum, 1};
    failed_again_ = try_part(fast);
    if (!failed_again_ && smallest_.rate != fast.rate) {
      phase_ = "as it was";
      failed_again_ = try_part(smallest_);
    }
  }

  // The deliveries that the finding is about, alone or with what came between them.
  void look_at_the_finding() {
    phase_ = "what the finding is about";
    const Symptom& symptom = settings_.symptom;
    const auto chosen = [&](auto is_chosen) {
      Places places;
      for (const std::size_t place : smallest_.deliveries) {
        if (is_chosen(run_.subjects[place])) {
          places.push_back(place);
        }
      }
      return places;
    };
    const auto of_message = chosen([&](const DeliverySubject& subject) {
      return !symptom.message_id.empty() && subject.message_id == symptom.message_id;
    });
    const auto of_reading = chosen([&](const DeliverySubject& subject) {
      return std::find(subject.readings.begin(), subject.readings.end(), symptom.reading) !=
             subject.readings.end();
    });
    for (const Places& about : {of_message, of_reading}) {
      if (!about.empty() && (try_deliveries(about) || try_deliveries(span_of(about)))) {
        return;
      }
    }
  }

  Places span_of(const Places& about) const {
    const auto first =
        std::lower_bound(smallest_.deliveries.begin(), smallest_.deliveries.end(), about.front());
    const auto last =
        std::upper_bound(smallest_.deliveries.begin(), smallest_.deliveries.end(), about.back());
    return {first, last};
  }

  bool try_deliveries(const Places& places) {
    return places.size() < smallest_.deliveries.size() &&
           try_part(with_deliveries(smallest_, places));
  }

  void drop_faults() {
    phase_ = "faults";
    if (smallest_.faults.empty()) {
      return;
    }
    Part without = smallest_;
    without.faults.clear();
    if (smallest_.faults.size() > 1 && try_part(without)) {
      return;
    }
    minimize(smallest_.faults, [&](const Places& faults) -> std::optional<bool> {
      Part part = smallest_;
      part.faults = faults;
      return try_or_stop(part);
    });
  }

  void drop_cars() {
    phase_ = "cars";
    std::map<std::string, Places> cars;
    for (const std::size_t place : smallest_.deliveries) {
      cars[run_.subjects[place].car].push_back(place);
    }
    if (cars.size() < 2) {
      return;
    }
    std::vector<Places> places;
    for (auto& [car, its] : cars) {
      places.push_back(std::move(its));
    }
    Places all(places.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    minimize(all, [&](const Places& kept) -> std::optional<bool> {
      Places deliveries;
      for (const std::size_t car : kept) {
        deliveries.insert(deliveries.end(), places[car].begin(), places[car].end());
      }
      std::sort(deliveries.begin(), deliveries.end());
      return try_or_stop(with_deliveries(smallest_, deliveries));
    });
  }

  void drop_deliveries() {
    phase_ = "deliveries";
    const Part before = smallest_;
    const Minimum minimum =
        minimize(before.deliveries, [&](const Places& deliveries) -> std::optional<bool> {
          return try_or_stop(with_deliveries(before, deliveries));
        });
    proven_ = minimum.proven && failure_.ok();
  }

  // As fast as can be there is nothing to shorten, and the due times only say the order.
  void shorten_delays() {
    phase_ = "delays";
    if (smallest_.rate.kind == ReplayRate::Kind::maximum) {
      for (std::size_t i = 0; i < smallest_.due.size(); ++i) {
        smallest_.due[i] = std::chrono::seconds(1) * static_cast<std::int64_t>(i);
      }
      return;
    }
    std::vector<Duration> gaps;
    for (std::size_t i = 1; i < smallest_.due.size(); ++i) {
      gaps.push_back(smallest_.due[i] - smallest_.due[i - 1]);
    }
    Places all(gaps.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    const Minimum kept = minimize(all, [&](const Places& places) -> std::optional<bool> {
      std::vector<Duration> some(gaps.size(), Duration::zero());
      for (const std::size_t place : places) {
        some[place] = gaps[place];
      }
      return try_or_stop(with_gaps(some));
    });
    std::vector<Duration> shortest(gaps.size(), Duration::zero());
    for (const std::size_t place : kept.parts) {
      shortest[place] = gaps[place];
    }
    for (const std::size_t place : kept.parts) {
      for (int halvings = 0; halvings < most_halvings; ++halvings) {
        std::vector<Duration> shorter = shortest;
        shorter[place] /= 2;
        if (!try_part(with_gaps(shorter))) {
          break;
        }
        shortest = std::move(shorter);
      }
    }
  }

  Part with_gaps(const std::vector<Duration>& gaps) const {
    Part part = smallest_;
    for (std::size_t i = 0; i < gaps.size(); ++i) {
      part.due[i + 1] = part.due[i] + gaps[i];
    }
    return part;
  }

  std::optional<bool> try_or_stop(const Part& part) {
    const bool smaller = try_part(part);
    return over_ || !failure_ ? std::nullopt : std::optional(smaller);
  }

  void play_once_more() {
    phase_ = "once more";
    for (; tries_ < last_tries; ++tries_) {
      const auto failed = play(smallest_);
      if (!failed) {
        return;
      }
      failures_ += *failed ? 1U : 0U;
    }
  }

  const RecordedRun& run_;
  const ShrinkSettings& settings_;
  TestBroker broker_;
  TemporaryFolder folder_;
  ShrinkListener& listener_;
  const MonotonicTime start_;

  Part smallest_;
  RunReport report_;       // of the smallest part
  RunReport last_failed_;  // of the last run that failed
  std::string phase_;
  bool failed_again_ = false;
  bool proven_ = false;
  bool over_ = false;
  std::uint64_t runs_ = 0;
  unsigned tries_ = 0;
  unsigned failures_ = 0;
  Result<void> failure_;
};

}  // namespace

Result<Shrunk> shrink(const RecordedRun& run, const ShrinkSettings& settings,
                      ShrinkListener& listener) {
  AUTOTAPE_TRY_ASSIGN(TemporaryFolder folder, TemporaryFolder::create());
  AUTOTAPE_TRY_ASSIGN(TestBroker broker, TestBroker::start(settings.run.scenario.stream));
  return Shrinker(run, settings, std::move(broker), std::move(folder), listener).shrink();
}

}  // namespace autotape
