// Where a consumer breaks: the value from which on it fails, by bisection.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "run/test_run.hpp"

namespace autotape {

// A value with its unit, as scenarios have them.
struct VariedValue {
  enum class Unit { number, duration, share, rate };  // 100 · 90s · 10% · 500/s

  Unit unit = Unit::number;
  double value = 0;  // seconds for durations

  std::string text() const;  // as parse_varied_value() reads it; numbers are whole
};
std::optional<VariedValue> parse_varied_value(std::string_view text);

struct LimitSettings {
  VariedValue from{};
  VariedValue to{};
  std::function<Result<TestRunSettings>(const VariedValue&)> run_at;  // the run for a value
  double precision = 0.05;  // ends when the two sides differ by no more than this share
  unsigned confirm = 1;     // a value passes when it has passed so often
};

struct ProbedValue {
  VariedValue value{};
  bool failed = false;
  std::vector<std::string> failures{};  // as failures_of()
};

struct FoundLimit {
  std::vector<ProbedValue> probes{};  // in the order of their values
  bool found = false;                 // both ends fared alike if not
  VariedValue passes{};               // the nearest one on either side of the limit
  VariedValue fails{};
  std::uint64_t runs = 0;
  bool interrupted = false;
};

class LimitListener {
 public:
  virtual ~LimitListener() = default;
  virtual void on_probe(const VariedValue& value) = 0;  // before its run
  virtual bool should_stop() const = 0;
};

// Both ends first. A consumer is taken to fail on one side of one value and to pass on the other.
Result<FoundLimit> find_limit(const LimitSettings& settings, LimitListener& listener);

// What was probed, on a logarithmic scale, one line for each.
std::string plot(const FoundLimit& limit);

}  // namespace autotape
