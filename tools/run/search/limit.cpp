#include "run/search/limit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"
#include "run/judged_run.hpp"
#include "run/search/exploration.hpp"
#include "run/search/quiet_listener.hpp"
#include "run/temporary_folder.hpp"
#include "run/test_broker.hpp"

namespace autotape {
namespace {

using Unit = VariedValue::Unit;

std::optional<double> parse_number(std::string_view text) {
  const std::string copy(text);
  char* end = nullptr;
  const double number = std::strtod(copy.c_str(), &end);
  const bool whole = !copy.empty() && end == copy.c_str() + copy.size();
  return whole && std::isfinite(number) && number >= 0 ? std::optional(number) : std::nullopt;
}

// Whole numbers, microseconds, and so on: finer steps make no other run.
double smallest_step(Unit unit) {
  switch (unit) {
    case Unit::number:
      return 1;
    case Unit::duration:
      return 1e-3;
    case Unit::share:
      return 1e-4;
    case Unit::rate:
      return 1;
  }
  return 1;
}

VariedValue between(const VariedValue& a, const VariedValue& b) {
  const double step = smallest_step(a.unit);
  const double middle = std::sqrt(std::max(a.value, step) * std::max(b.value, step));
  const double least = std::min(a.value, b.value);
  const double most = std::max(a.value, b.value);
  return {a.unit, std::clamp(std::round(middle / step) * step, std::min(least + step, most), most)};
}

bool close_enough(const VariedValue& a, const VariedValue& b, double precision) {
  const double distance = std::abs(a.value - b.value);
  return distance <= smallest_step(a.unit) * 1.0001 ||
         distance <= precision * std::max(a.value, b.value);
}

class Prober {
 public:
  Prober(const LimitSettings& settings, const TemporaryFolder& folder, LimitListener& listener)
      : settings_(settings), folder_(folder), listener_(listener) {}

  // Nothing when it is over.
  Result<std::optional<bool>> fails(const VariedValue& value) {
    listener_.on_probe(value);
    AUTOTAPE_TRY_ASSIGN(const TestRunSettings run, settings_.run_at(value));
    if (!broker_) {
      AUTOTAPE_TRY_ASSIGN(broker_, TestBroker::start(run.scenario.stream));
    }
    ProbedValue probe{value, false, {}};
    for (unsigned tries = 0; tries < settings_.confirm && !probe.failed; ++tries) {
      const std::string folder = fmt::format("{}/{}", folder_.path(), ++limit.runs);
      QuietListener quiet([this] { return listener_.should_stop(); });
      AUTOTAPE_TRY_ASSIGN(const RunReport report, judged_run(run, *broker_, folder, quiet));
      std::error_code ignored;
      std::filesystem::remove_all(folder, ignored);
      if (report.interrupted) {
        limit.interrupted = true;
        return std::optional<bool>();
      }
      probe.failed = report.outcome() == Outcome::failed;
      probe.failures = failures_of(report);
    }
    limit.probes.push_back(probe);
    return std::optional(probe.failed);
  }

  FoundLimit limit;

 private:
  const LimitSettings& settings_;
  const TemporaryFolder& folder_;
  LimitListener& listener_;
  std::optional<TestBroker> broker_;
};

}  // namespace

std::string VariedValue::text() const {
  switch (unit) {
    case Unit::number:
      return fmt::format("{:.0f}", value);
    case Unit::duration:
      return format_duration(Duration(static_cast<std::int64_t>(std::llround(value * 1e9))));
    case Unit::share:
      return fmt::format("{:g}%", value * 100);
    case Unit::rate:
      return fmt::format("{:.0f}/s", value);
  }
  return {};
}

std::optional<VariedValue> parse_varied_value(std::string_view text) {
  if (text.ends_with("/s")) {
    const auto rate = parse_number(text.substr(0, text.size() - 2));
    return rate ? std::optional(VariedValue{Unit::rate, *rate}) : std::nullopt;
  }
  if (text.ends_with('%')) {
    const auto share = parse_share(text);
    return share ? std::optional(VariedValue{Unit::share, *share}) : std::nullopt;
  }
  if (const auto number = parse_number(text)) {
    return VariedValue{Unit::number, *number};
  }
  const auto duration = parse_duration(text);
  return duration ? std::optional(VariedValue{Unit::duration,
                                              std::chrono::duration<double>(*duration).count()})
                  : std::nullopt;
}

Result<FoundLimit> find_limit(const LimitSettings& settings, LimitListener& listener) {
  AUTOTAPE_TRY_ASSIGN(const TemporaryFolder folder, TemporaryFolder::create());
  Prober prober(settings, folder, listener);
  FoundLimit& limit = prober.limit;
  VariedValue ends[2] = {settings.from, settings.to};
  bool fails_at[2] = {false, false};
  for (int end = 0; end < 2; ++end) {
    AUTOTAPE_TRY_ASSIGN(const auto failed, prober.fails(ends[end]));
    if (!failed) {
      return std::move(limit);
    }
    fails_at[end] = *failed;
  }
  limit.found = fails_at[0] != fails_at[1];
  while (limit.found && !close_enough(ends[0], ends[1], settings.precision)) {
    const VariedValue middle = between(ends[0], ends[1]);
    AUTOTAPE_TRY_ASSIGN(const auto failed, prober.fails(middle));
    if (!failed) {
      break;
    }
    ends[*failed == fails_at[0] ? 0 : 1] = middle;
  }
  limit.passes = ends[fails_at[0] ? 1 : 0];
  limit.fails = ends[fails_at[0] ? 0 : 1];
  std::sort(
      limit.probes.begin(), limit.probes.end(),
      [](const ProbedValue& a, const ProbedValue& b) { return a.value.value < b.value.value; });
  return std::move(limit);
}

std::string plot(const FoundLimit& limit) {
  constexpr double width = 40;
  if (limit.probes.empty()) {
    return {};
  }
  const double step = smallest_step(limit.probes.front().value.unit);
  const auto logarithm = [&](const ProbedValue& probe) {
    return std::log(std::max(probe.value.value, step));
  };
  const double least = logarithm(limit.probes.front());
  const double span = std::max(logarithm(limit.probes.back()) - least, 1e-9);
  std::string text;
  for (const ProbedValue& probe : limit.probes) {
    const auto place = static_cast<std::size_t>((logarithm(probe) - least) / span * width);
    std::string line;
    for (std::size_t i = 0; i < place; ++i) {
      line += "─";
    }
    text += fmt::format(
        "  {:>10}  {}{}{}\n", probe.value.text(), line, probe.failed ? "✗" : "●",
        probe.failures.empty()
            ? ""
            : "  " + printable(fmt::format("{}", fmt::join(probe.failures, ", ")), 120));
  }
  return text;
}

}  // namespace autotape
