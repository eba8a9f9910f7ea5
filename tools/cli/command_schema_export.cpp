// autotape schema export: the catalogue as JSON Schema, for other tools.
#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/file.hpp"
#include "schema/json_schema.hpp"

namespace autotape {
namespace {

struct ExportOptions {
  std::string stream = "v1";
  std::string part = "data";
  std::string output;
  bool force = false;
};

Result<void> export_schema(const ExportOptions& options) {
  const Json schema = json_schema(Catalogue::level13(),
                                  options.stream == "v1" ? StreamVersion::v1 : StreamVersion::v2,
                                  options.part == "data" ? SchemaPart::data : SchemaPart::message);
  const std::string text = write_document_indented(schema);
  if (options.output.empty()) {
    return print(text);
  }
  AUTOTAPE_TRY(refuse_overwrite(options.output, options.force));
  return write_file(options.output, text);
}

}  // namespace

void add_schema_export_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<ExportOptions>();
  CLI::App& command = add_command(group, "export", "Write the catalogue as JSON Schema (draft-07)",
                                  "autotape schema export --stream v2 -o level13.schema.json");
  command.add_option("--stream", options->stream, "Of which stream")
      ->check(CLI::IsMember({"v1", "v2"}))
      ->capture_default_str();
  command
      .add_option("--part", options->part,
                  "data: what stands under `data`; message: the whole payload")
      ->check(CLI::IsMember({"data", "message"}))
      ->capture_default_str();
  command.add_option("-o", options->output, "The file; standard output without it")
      ->type_name("FILE");
  command.add_flag("--force", options->force, "Overwrite an existing file");
  run_when_chosen(command, chosen, [options] {
    const auto done = export_schema(*options);
    return done ? ExitCode::passed : report_error(done.error());
  });
}

}  // namespace autotape
