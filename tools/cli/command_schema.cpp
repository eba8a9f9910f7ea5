// autotape schema …: judges any JSON by any draft-07 schema, and speaks of the built-in catalogue.
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/file.hpp"
#include "core/text.hpp"
#include "json/tree.hpp"
#include "schema/schema.hpp"
#include "schema/suite.hpp"

namespace autotape {
namespace {

struct CheckOptions {
  std::string schema;
  std::string remotes;
  std::vector<std::string> instances;
};

struct SuiteOptions {
  std::string remotes;
  std::vector<std::string> files;
  bool failures_only = false;
};

std::string shown(const std::string& path, const Violation& violation) {
  std::string line = fmt::format("{}: {}", printable(path, 300), printable(violation.line(), 1000));
  if (!violation.schema_location.empty()) {
    line += fmt::format(" [{}]", printable(violation.schema_location, 300));
  }
  return line + "\n";
}

Result<Schema> load_schema(const CheckOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(options.schema));
  AUTOTAPE_TRY_ASSIGN(const JsonTree tree, JsonTree::parse(text, options.schema));
  const auto draft = tree.root().member("$schema");
  if (draft && draft->is(JsonKind::string) &&
      draft->text().find("json-schema.org/") != std::string_view::npos &&
      draft->text().find("draft-07") == std::string_view::npos) {
    return file_error(options.schema,
                      fmt::format("is of another draft ({})", printable(draft->text(), 100)),
                      "this program knows draft-07");
  }
  const auto violations = check_schema(tree.root());
  for (const Violation& violation : violations) {
    AUTOTAPE_TRY(print(shown(options.schema, violation)));
  }
  if (!violations.empty()) {
    return file_error(options.schema, "is no draft-07 schema", "correct what is listed");
  }
  auto documents = std::make_shared<SchemaDocuments>();
  const std::string uri = file_uri(options.schema);
  AUTOTAPE_TRY(documents->add(uri, text, options.schema));
  if (!options.remotes.empty()) {
    AUTOTAPE_TRY(documents->add_folder(options.remotes));
  }
  // Other files of this machine, as relative references name them.
  documents->set_loader(read_file_uri);
  return Schema::compile(std::move(documents), uri);
}

Result<ExitCode> check_instance(const Schema& schema, const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(path));
  AUTOTAPE_TRY_ASSIGN(const JsonTree instance, JsonTree::parse(text, path));
  const auto violations = schema.check(instance.root());
  for (const Violation& violation : violations) {
    AUTOTAPE_TRY(print(shown(path, violation)));
  }
  if (violations.empty()) {
    AUTOTAPE_TRY(print(fmt::format("{}: valid\n", printable(path, 300))));
  }
  return violations.empty() ? ExitCode::passed : ExitCode::check_failed;
}

ExitCode check(const CheckOptions& options) {
  const auto schema = load_schema(options);
  if (!schema) {
    return report_error(schema.error());
  }
  ExitCode code = ExitCode::passed;
  for (const std::string& path : options.instances) {
    const auto judged = check_instance(*schema, path);
    code = graver(code, judged ? *judged : report_error(judged.error()));
  }
  return code;
}

ExitCode check_suite(const SuiteOptions& options) {
  ExitCode code = ExitCode::passed;
  SuiteCounts counts;
  for (const std::string& path : options.files) {
    const auto done = run_suite_file(path, options.remotes, counts, [&](const SuiteCase& result) {
      if (result.passed && options.failures_only) {
        return Result<void>();
      }
      std::string line =
          fmt::format("{} {}: {}: {}", result.passed ? "pass" : "FAIL", printable(path, 300),
                      printable(result.group, 300), printable(result.description, 300));
      if (!result.passed) {
        line += fmt::format(" ({})", printable(result.reason, 500));
      }
      return print(line + "\n");
    });
    if (!done) {
      code = graver(code, report_error(done.error()));
    }
  }
  say(fmt::format("{} cases passed, {} failed", counts.passed, counts.failed));
  return counts.failed > 0 ? graver(code, ExitCode::check_failed) : code;
}

void add_check(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<CheckOptions>();
  CLI::App& command = add_command(group, "check", "Judge JSON files by a draft-07 schema",
                                  "autotape schema check --schema car.schema.json car.json");
  command.add_option("--schema", options->schema, "The schema")->type_name("FILE")->required();
  command
      .add_option("--remotes", options->remotes,
                  "A folder of further schemas, found by their $id; nothing is ever fetched")
      ->type_name("DIR");
  command.add_option("instances", options->instances, "What to judge")
      ->type_name("INSTANCE")
      ->required();
  run_when_chosen(command, chosen, [options] { return check(*options); });
}

void add_check_suite(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<SuiteOptions>();
  CLI::App& command =
      add_command(group, "check-suite", "Run files of the public JSON-Schema-Test-Suite",
                  "autotape schema check-suite --remotes suite/remotes suite/tests/draft7/*.json");
  command.add_option("files", options->files, "Files of test cases")->type_name("FILE")->required();
  command
      .add_option("--remotes", options->remotes,
                  "The folder that stands for http://localhost:1234/")
      ->type_name("DIR");
  command.add_flag("--failures-only", options->failures_only, "Leave out the cases that passed");
  run_when_chosen(command, chosen, [options] { return check_suite(*options); });
}

}  // namespace

void add_schema_commands(CLI::App& program, Action& chosen) {
  CLI::App& group = add_command_group(program, "schema", "Schemas, and the built-in catalogue",
                                      "autotape schema show diagnostics.odometer\n"
                                      "  autotape schema check --schema schema.json file.json");
  add_check(group, chosen);
  add_check_suite(group, chosen);
  add_schema_show_command(group, chosen);
  add_schema_export_command(group, chosen);
}

}  // namespace autotape
