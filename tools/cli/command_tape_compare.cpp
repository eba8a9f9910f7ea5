// autotape tape compare: do two tapes hold the same messages?
#include <memory>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "json/document.hpp"
#include "tape/edit/compare.hpp"

namespace autotape {
namespace {

struct CompareOptions {
  std::string a;
  std::string b;
  bool ignore_received = false;
  bool markers = false;
  std::size_t most = 10;
  bool json = false;
};

std::string comparison_text(const Comparison& result) {
  std::string out;
  for (const TapeDifference& difference : result.differences) {
    out += fmt::format("{} / {}: {}\n", difference.a, difference.b, difference.what);
  }
  if (result.equal()) {
    return fmt::format("the same {} messages\n", describe_count(result.messages_a));
  }
  out += fmt::format(
      "{} messages the same, {} changed, {} only on the first tape, {} only on the second\n",
      describe_count(result.same), describe_count(result.changed), describe_count(result.only_a),
      describe_count(result.only_b));
  if (result.same_in_another_order) {
    out += "both tapes hold the same messages, in another order\n";
  }
  return out;
}

std::string comparison_json(const Comparison& result) {
  Json json;
  json["equal"] = result.equal();
  json["same_in_another_order"] = result.same_in_another_order;
  json["messages"] = {result.messages_a, result.messages_b};
  json["same"] = result.same;
  json["changed"] = result.changed;
  json["only_first"] = result.only_a;
  json["only_second"] = result.only_b;
  json["differences"] = Json::array();
  for (const TapeDifference& difference : result.differences) {
    json["differences"].push_back(
        {{"first", difference.a}, {"second", difference.b}, {"what", difference.what}});
  }
  return write_document(json) + "\n";
}

Result<ExitCode> compare(const CompareOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const auto a, open_tape(options.a, interrupt_descriptor()));
  AUTOTAPE_TRY_ASSIGN(const auto b, open_tape(options.b, interrupt_descriptor()));
  CompareRules rules;
  rules.received_times = !options.ignore_received;
  rules.markers = options.markers;
  rules.most_differences = options.most;
  ProgressLine progress;
  std::uint64_t steps = 0;
  rules.go_on = [&] {
    ++steps;
    if (progress.due()) {
      progress.show(fmt::format("{} messages compared", describe_count(steps)));
    }
    return !interrupted();
  };
  AUTOTAPE_TRY_ASSIGN(const Comparison result, compare_tapes(*a, *b, rules));
  progress.clear();
  if (interrupted()) {
    say("interrupted: the tapes were not compared to their ends");
    return result.equal() ? ExitCode::loss : ExitCode::check_failed;
  }
  AUTOTAPE_TRY(print(options.json ? comparison_json(result) : comparison_text(result)));
  ExitCode code =
      graver(report_damage(options.a, a->damage()), report_damage(options.b, b->damage()));
  if (result.messages_a == 0 && result.messages_b == 0) {
    code = graver(code, report_empty(options.a, 0));
  }
  return graver(code, result.equal() ? ExitCode::passed : ExitCode::check_failed);
}

}  // namespace

void add_tape_compare_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<CompareOptions>();
  CLI::App& command = add_command(
      group, "compare", "Tell whether two tapes hold the same messages (exit code 4 if not)",
      "autotape tape compare before.mcap after.ndjson");
  command.add_option("first", options->a, "A tape")->type_name("TAPE")->required();
  command.add_option("second", options->b, "Another one")->type_name("TAPE")->required();
  command.add_flag("--ignore-received", options->ignore_received,
                   "Messages are the same whenever they were received");
  command.add_flag("--markers", options->markers, "Compare the markers too");
  command.add_option("--most", options->most, "Differences that are shown")->capture_default_str();
  command.add_flag("--json", options->json, "For machines");
  run_when_chosen(command, chosen, [options] {
    const auto code = compare(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
