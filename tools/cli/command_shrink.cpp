// autotape shrink: the smallest stream that a consumer still does not survive.
#include <filesystem>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/consumer_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "json/document.hpp"
#include "run/search/regression.hpp"
#include "run/search/shrinker.hpp"

namespace autotape {
namespace {

struct ShrinkOptions {
  std::string run;
  ConsumerOptions consumer;
  std::string check;
  unsigned confirm = 1;
  std::optional<std::uint64_t> runs;
  Duration longest{};
  std::string out;
  std::string name;
  bool force = false;
  bool json = false;
};

// More of them are in the files.
constexpr std::size_t most_shown = 20;

class Narrator final : public ShrinkListener {
 public:
  explicit Narrator(std::size_t deliveries) : all_(deliveries) {}

  void on_try(const std::string& phase, std::uint64_t runs, const Part& smallest) override {
    if (progress_.due()) {
      progress_.show(fmt::format("{} of {} deliveries, {} faults, after {} runs: {} …",
                                 describe_count(smallest.deliveries.size()), describe_count(all_),
                                 smallest.faults.size(), runs, phase));
    }
  }
  bool should_stop() const override { return interrupted(); }

 private:
  std::size_t all_;
  ProgressLine progress_;
};

struct Finished {
  RecordedRun run;
  Symptom symptom;
  Shrunk shrunk;
  std::optional<Regression> saved;
};

std::string default_name(const RecordedRun& run, const Symptom& symptom) {
  return fmt::format("{}-{}", run.report.name, symptom.check.empty() ? "fault" : symptom.check);
}

Result<Finished> shrink_and_save(const ShrinkOptions& options) {
  Finished outcome;
  AUTOTAPE_TRY_ASSIGN(outcome.run, read_recorded_run(options.run));
  const auto symptom = symptom_of(outcome.run.report, options.check);
  if (!symptom) {
    return usage_error(fmt::format("{}: {} in this run", options.run,
                                   options.check.empty() ? "nothing failed"
                                                         : "'" + options.check + "' did not fail"),
                       "name a failed run that test or explore kept with --out");
  }
  outcome.symptom = *symptom;
  const Manifest& manifest = outcome.run.manifest;
  ShrinkSettings settings;
  Scenario& scenario = settings.run.scenario;
  scenario.tape = manifest.tape;
  scenario.seed = manifest.seed;
  scenario.stream = manifest.stream;
  scenario.expect = manifest.expectation;
  scenario.consumers = static_cast<std::uint32_t>(manifest.consumers.size());
  ConsumerOptions consumer = options.consumer;
  if (consumer.observations.empty()) {
    consumer.observations = name_of(manifest.channel);
  }
  AUTOTAPE_TRY(apply_consumer_options(consumer, settings.run));
  if (settings.run.command.empty()) {
    return usage_error("shrink starts the consumer again and again, and needs its command",
                       "autotape shrink RUN -- COMMAND");
  }
  settings.symptom = outcome.symptom;
  settings.confirm = options.confirm;
  settings.most_runs = options.runs;
  if (options.longest > Duration::zero()) {
    settings.longest = options.longest;
  }
  const std::string name =
      options.name.empty() ? default_name(outcome.run, outcome.symptom) : options.name;
  if (name.find('/') != std::string::npos) {
    return usage_error(fmt::format("--name {}: has a \"/\"", name), "-o DIR names the folder");
  }
  if (!options.out.empty() && !options.force) {
    AUTOTAPE_TRY(refuse_existing_regression(options.out, name));
  }
  {
    Narrator narrator(outcome.run.deliveries.size());
    AUTOTAPE_TRY_ASSIGN(outcome.shrunk, shrink(outcome.run, settings, narrator));
  }
  if (outcome.shrunk.failed_again && !options.out.empty()) {
    AUTOTAPE_TRY_ASSIGN(outcome.saved,
                        save_regression(outcome.run, outcome.shrunk.part, outcome.symptom,
                                        options.out, name, options.force));
  }
  return outcome;
}

std::string counted(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", describe_count(count), count == 1 ? one : many);
}

std::string summary_of(const Finished& outcome) {
  const Shrunk& shrunk = outcome.shrunk;
  const Part& part = shrunk.part;
  if (!shrunk.failed_again) {
    return fmt::format(
        "not found again: {} passed in {}\n"
        "  a consumer that fails now and then needs more tries: --confirm 10\n",
        counted(shrunk.runs, "run", "runs"), describe_duration(shrunk.elapsed));
  }
  std::string text = fmt::format(
      "{}  with {} of {}{}, found in {}, {}\n", outcome.symptom.text(),
      describe_count(part.deliveries.size()),
      counted(outcome.run.deliveries.size(), "delivery", "deliveries"),
      part.faults.empty() ? "" : " and " + counted(part.faults.size(), "fault", "faults"),
      counted(shrunk.runs, "run", "runs"), describe_duration(shrunk.elapsed));
  if (part.deliveries.size() <= most_shown) {
    text += describe_part(outcome.run, part);
  }
  text += shrunk.proven ? "  none of them can be left out" : "  fewer may do";
  text += fmt::format("; played once more it failed {} of {} times\n", shrunk.last_failures,
                      shrunk.last_tries);
  if (shrunk.interrupted) {
    text += "  the search was ended before it was done\n";
  }
  if (outcome.saved) {
    text += fmt::format("  saved: {} {}{}\n    autotape test {} -- COMMAND\n",
                        outcome.saved->scenario, outcome.saved->tape,
                        outcome.saved->plan.empty() ? "" : " " + outcome.saved->plan,
                        outcome.saved->scenario);
  } else {
    text += "  give -o DIR to keep it as a test\n";
  }
  return text;
}

Json json_of(const Finished& outcome) {
  const Shrunk& shrunk = outcome.shrunk;
  Json json{{"symptom", outcome.symptom.text()},
            {"failed_again", shrunk.failed_again},
            {"deliveries", shrunk.part.deliveries.size()},
            {"of_deliveries", outcome.run.deliveries.size()},
            {"faults", Json::array()},
            {"rate", shrunk.part.rate.text()},
            {"proven", shrunk.proven},
            {"interrupted", shrunk.interrupted},
            {"runs", shrunk.runs},
            {"seconds", std::chrono::duration<double>(shrunk.elapsed).count()},
            {"played_once_more", {{"runs", shrunk.last_tries}, {"failed", shrunk.last_failures}}}};
  for (const TimedFault& fault : faults_of(outcome.run, shrunk.part)) {
    json["faults"].push_back(fault.what);
  }
  if (outcome.saved) {
    json["scenario"] = outcome.saved->scenario;
    json["tape"] = outcome.saved->tape;
    if (!outcome.saved->plan.empty()) {
      json["plan"] = outcome.saved->plan;
    }
  }
  return json;
}

ExitCode shrink_command(const ShrinkOptions& options) {
  const auto outcome = shrink_and_save(options);
  if (!outcome) {
    return report_error(outcome.error());
  }
  const auto shown = print(options.json ? write_document_indented(json_of(*outcome)) + "\n"
                                        : summary_of(*outcome));
  if (!shown) {
    return report_error(shown.error());
  }
  return !outcome->shrunk.failed_again ? ExitCode::inconclusive
         : outcome->shrunk.interrupted ? ExitCode::loss
                                       : ExitCode::passed;
}

}  // namespace

void add_shrink_command(CLI::App& program, Action& chosen) {
  const auto options = std::make_shared<ShrinkOptions>();
  options->consumer.observations.clear();  // as the run had it
  options->consumer.settle = search_settle;
  CLI::App& command =
      add_command(program, "shrink", "Find the smallest part of a failed run that still fails",
                  "autotape shrink failed/run-17 -o regressions -- ./my-consumer");
  command.footer("Exit codes: 0 found, 3 ended early, 7 it did not fail again.\n" +
                 command.get_footer());
  command.add_option("RUN", options->run, "Folder of a run that test or explore kept with --out")
      ->required();
  command
      .add_option("-o,--out", options->out,
                  "Save tape and scenario in this folder, to be committed as a test")
      ->type_name("DIR");
  command.add_option("--name", options->name, "Name of the saved files and of the scenario");
  command.add_flag("--force", options->force, "Overwrite saved files");
  command.add_option("--only-check", options->check, "Which failed check [the first]")
      ->type_name("CHECK");
  command
      .add_option(
          "--confirm", options->confirm,
          "For a consumer that fails only sometimes: a part must pass so often to be given up")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command.add_option("--runs", options->runs, "End after so many runs")->check(at_least_one());
  add_duration_option(command, "--for", options->longest, "End after so long");
  add_consumer_options(command, options->consumer);
  take_consumer_command(command, true);
  command.add_flag("--json", options->json, "Print the result as JSON");
  run_when_chosen(command, chosen, [options] { return shrink_command(*options); });
}

}  // namespace autotape
