// autotape limits: the value from which on a consumer fails.
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/consumer_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/replay_options.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "run/search/limit.hpp"
#include "run/search/limit_probe.hpp"
#include "run/search/recorded_run.hpp"
#include "scenario/scenario_file.hpp"

namespace autotape {
namespace {

struct LimitsOptions {
  std::string input;
  std::string vary;
  ReplayOptions replay;
  ConsumerOptions consumer;
  double precision = 0.05;
  unsigned confirm = 1;
  bool json = false;
  std::vector<std::string> command_line;
};

// "dedup-messages=10..1000"
struct Range {
  std::string key;
  VariedValue from;
  VariedValue to;
};

Result<Range> range_of(const std::string& text) {
  const std::size_t equals = text.find('=');
  const std::size_t dots = text.find("..", equals == std::string::npos ? 0 : equals);
  const std::string advice = "write it like --vary dedup-messages=10..1000";
  if (equals == std::string::npos || dots == std::string::npos) {
    return usage_error(fmt::format("--vary {}: is no range", printable(text)), advice);
  }
  const auto from =
      parse_varied_value(std::string_view(text).substr(equals + 1, dots - equals - 1));
  const auto to = parse_varied_value(std::string_view(text).substr(dots + 2));
  if (!from || !to || from->unit != to->unit) {
    return usage_error(
        fmt::format("--vary {}: both ends must be numbers, durations, shares or rates",
                    printable(text)),
        advice);
  }
  if (from->value >= to->value) {
    return usage_error(fmt::format("--vary {}: must go up", printable(text)), advice);
  }
  return Range{text.substr(0, equals), *from, *to};
}

class Narrator final : public LimitListener {
 public:
  explicit Narrator(std::string key) : key_(std::move(key)) {}
  void on_probe(const VariedValue& value) override {
    progress_.show(fmt::format("{} = {} …", key_, value.text()));
  }
  bool should_stop() const override { return interrupted(); }

 private:
  std::string key_;
  ProgressLine progress_;
};

// The run that a named probe makes for a value.
Result<LimitSettings> settings_of_probe(const LimitProbeName& probe, const Range& range,
                                        const TestRunSettings& base) {
  if (range.from.unit != probe.unit) {
    return usage_error(fmt::format("--vary {}: has values like {}", range.key,
                                   VariedValue{probe.unit, 10}.text()));
  }
  AUTOTAPE_TRY_ASSIGN(auto plain, plain_deliveries(base.scenario));
  LimitSettings settings;
  settings.run_at = [probe = probe.probe, base, plain = std::move(plain)](
                        const VariedValue& value) -> Result<TestRunSettings> {
    TestRunSettings run = base;
    AUTOTAPE_TRY_ASSIGN(auto deliveries, probing_deliveries(probe, value, plain, run.scenario));
    run.make_plan = [deliveries =
                         std::move(deliveries)]() -> Result<std::unique_ptr<DeliverySource>> {
      return plan_of_deliveries(deliveries, {"probe"});
    };
    return run;
  };
  return settings;
}

// What is no probe is a value of the scenario, which a tape has not.
Result<void> refuse_unknown_probe(const std::string& key, const std::string& input) {
  std::vector<std::string_view> names;
  for (const LimitProbeName& probe : limit_probes()) {
    names.push_back(probe.name);
  }
  const auto nearest = nearest_name(key, names);
  const bool is_tape = !is_scenario_file(input);
  if (!is_tape && !nearest) {
    return {};
  }
  return usage_error(fmt::format("--vary {}: cannot be varied{}", printable(key, 40),
                                 is_tape ? fmt::format(" of a tape, {}", printable(input)) : ""),
                     nearest ? fmt::format("did you mean {}?", *nearest)
                             : fmt::format("there are {}; other values are those of a scenario",
                                           fmt::join(names, ", ")));
}

Result<LimitSettings> settings_of(const LimitsOptions& options, const Range& range) {
  const auto run_for =
      [options](const std::optional<std::string>& setting) -> Result<TestRunSettings> {
    ReplayOptions replay = options.replay;
    if (setting) {
      replay.settings.push_back(*setting);
    }
    TestRunSettings run;
    AUTOTAPE_TRY_ASSIGN(run.scenario, scenario_of(options.input, replay));
    Expectation& expect = run.scenario.expect;
    expect.state = expect.state == CheckMode::off ? CheckMode::by_default : expect.state;
    AUTOTAPE_TRY(apply_consumer_options(options.consumer, run));
    if (run.command.empty()) {
      return usage_error("limits starts the consumer again and again, and needs its command",
                         "autotape limits SCENARIO --vary KEY=FROM..TO -- COMMAND");
    }
    run.command_line = options.command_line;
    return run;
  };
  LimitSettings settings;
  if (const auto probe = limit_probe(range.key)) {
    AUTOTAPE_TRY_ASSIGN(const TestRunSettings base, run_for(std::nullopt));
    AUTOTAPE_TRY_ASSIGN(settings, settings_of_probe(*probe, range, base));
  } else {
    settings.run_at = [run_for, key = range.key](const VariedValue& value) {
      return run_for(key + "=" + value.text());
    };
    AUTOTAPE_TRY(refuse_unknown_probe(range.key, options.input));
    AUTOTAPE_TRY(settings.run_at(range.from));  // before a broker is started for nothing
  }
  settings.from = range.from;
  settings.to = range.to;
  settings.precision = options.precision;
  settings.confirm = options.confirm;
  return settings;
}

std::string summary_of(const FoundLimit& limit, const std::string& key) {
  std::string text;
  if (limit.found) {
    text = fmt::format("{}  passes at {}, fails at {}  ({} runs)\n", key, limit.passes.text(),
                       limit.fails.text(), limit.runs);
  } else if (!limit.probes.empty() && !limit.interrupted) {
    text = fmt::format("{}  {} at both ends: there is no limit between them\n", key,
                       limit.probes.front().failed ? "fails" : "passes");
  }
  return text + plot(limit) + (limit.interrupted ? "  ended before it was found\n" : "");
}

Json json_of(const FoundLimit& limit, const std::string& key) {
  Json json{{"vary", key}, {"found", limit.found}, {"runs", limit.runs}};
  if (limit.found) {
    json["passes_at"] = limit.passes.text();
    json["fails_at"] = limit.fails.text();
  }
  json["probes"] = Json::array();
  for (const ProbedValue& probe : limit.probes) {
    json["probes"].push_back(
        {{"value", probe.value.text()}, {"failed", probe.failed}, {"failures", probe.failures}});
  }
  return json;
}

Result<FoundLimit> find(const LimitsOptions& options, std::string& key) {
  AUTOTAPE_TRY_ASSIGN(const Range range, range_of(options.vary));
  key = range.key;
  AUTOTAPE_TRY_ASSIGN(const LimitSettings settings, settings_of(options, range));
  Narrator narrator(range.key);
  return find_limit(settings, narrator);
}

ExitCode limits(const LimitsOptions& options) {
  std::string key;
  const auto limit = find(options, key);
  if (!limit) {
    return report_error(limit.error());
  }
  const auto shown = print(options.json ? write_document_indented(json_of(*limit, key)) + "\n"
                                        : summary_of(*limit, key));
  if (!shown) {
    return report_error(shown.error());
  }
  return limit->interrupted ? ExitCode::loss
         : limit->found     ? ExitCode::passed
                            : ExitCode::inconclusive;
}

std::string probes_text() {
  std::string text = "What can be varied, beside values of the scenario (shape.0.delay=1s..1h):\n";
  for (const LimitProbeName& probe : limit_probes()) {
    text += fmt::format("  {:<26}{}\n", probe.name, probe.what);
  }
  return text;
}

}  // namespace

void add_limits_command(CLI::App& program, Action& chosen) {
  const auto options = std::make_shared<LimitsOptions>();
  options->consumer.settle = search_settle;
  CLI::App& command =
      add_command(program, "limits", "Find the value from which on a consumer fails",
                  "autotape limits scenarios/clean-commute.yaml --vary dedup-messages=1..1000 -- "
                  "./my-consumer");
  command.footer(
      probes_text() +
      "Exit codes: 0 a limit was found, 7 passes or fails at both ends, 3 ended early.\n" +
      command.get_footer());
  command.add_option("SCENARIO", options->input, "Scenario, or a tape")->required();
  command.add_option("--vary", options->vary, "What is varied, and between which values")
      ->type_name("KEY=FROM..TO")
      ->required();
  add_share_option(command, "--precision", options->precision,
                   "End when both sides are so near [5%]");
  command.add_option("--confirm", options->confirm, "A value passes when it has passed so often")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_replay_options(command, options->replay);
  add_consumer_options(command, options->consumer);
  take_consumer_command(command, true);
  command.add_flag("--json", options->json, "Print the result as JSON");
  run_when_chosen(command, chosen, [options] {
    options->command_line = whole_command_line();
    return limits(*options);
  });
}

}  // namespace autotape
