// autotape schema show: explains what the catalogue knows of a capability or property.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "schema/catalogue.hpp"
#include "schema/example.hpp"

namespace autotape {
namespace {

struct ShowOptions {
  std::string name;
  std::string stream = "v1";
};

// "tire_pressure", "one of front, rear", "an integer of 0 to 255".
std::string brief(const ValueType& type) {
  if (!type.name.empty()) {
    return std::string(type.name);
  }
  const std::string limits =
      type.limits ? fmt::format(" ({} to {})", type.limits->least, type.limits->most) : "";
  switch (type.kind) {
    case ValueKind::enumeration:
      return fmt::format("one of {}", fmt::join(type.names, ", "));
    case ValueKind::array:
      return fmt::format("an array of {} × {}", type.limits ? type.limits->most : 0,
                         brief(*type.item));
    default:
      return fmt::format("{}{}", name_of(type.kind), limits);
  }
}

std::string personal_note(PersonalData personal) {
  return personal == PersonalData::none ? ""
                                        : fmt::format("  (personal data: {})", name_of(personal));
}

// What a type is made of, a line for each part, down to its leaves.
void explain(const ValueType& type, const std::string& indent, std::string& text) {
  switch (type.kind) {
    case ValueKind::enumeration:
      text += fmt::format("{}one of: {}\n", indent, fmt::join(type.names, ", "));
      return;
    case ValueKind::quantity:
      text += fmt::format("{}value: number\n{}unit: one of {}\n", indent, indent,
                          fmt::join(type.names, ", "));
      return;
    case ValueKind::object:
      for (const Member& member : type.members) {
        const bool named = !member.type->name.empty();
        text += fmt::format("{}{}: {}{}\n", indent, member.name, brief(*member.type),
                            personal_note(member.personal));
        if (named) {
          explain(*member.type, indent + "  ", text);
        }
      }
      return;
    default:
      if (!type.name.empty()) {
        text += fmt::format("{}a {}\n", indent, name_of(type.kind));
      }
      return;
  }
}

std::string multiplicity(const Property& property) {
  if (property.everywhere) {
    return "one, in V1 and V2; each capability has it";
  }
  return property.list ? "a list of readings, in V1 and V2" : "one reading in V1, a list in V2";
}

std::string describe_property(const Capability& capability, const Property& property,
                              StreamVersion version) {
  std::string text =
      fmt::format("{}.{}: {}{}{}\n", capability.name, property.name, brief(*property.type),
                  personal_note(property.personal), property.deprecated ? "  (deprecated)" : "");
  explain(*property.type, "  ", text);
  text += fmt::format("{}\n\n", multiplicity(property));
  const ExampleMessage example = example_message(capability, property, version);
  return text + fmt::format("{}\n{}", example.topic, write_document_indented(example.payload));
}

std::string describe_capability(const Capability& capability) {
  std::string text;
  for (const Property& property : capability.properties) {
    const std::string type = brief(*property.type);
    text += fmt::format("{}.{}: {}{}{}\n", capability.name, property.name,
                        property.list ? "[" + type + "]" : type, personal_note(property.personal),
                        property.deprecated ? "  (deprecated)" : "");
  }
  return text;
}

std::string describe_catalogue(const Catalogue& catalogue) {
  std::string text;
  for (const Capability& capability : catalogue.capabilities()) {
    text += fmt::format("{:<24}{:>4} properties\n", capability.name, capability.properties.size());
  }
  return text;
}

template <typename Named>
Error unknown(std::string_view kind, std::string_view written, const Named& known) {
  std::vector<std::string_view> names;
  for (const auto& one : known) {
    names.push_back(one.name);
  }
  const auto nearest = nearest_name(written, names);
  return usage_error(
      fmt::format("'{}' is no {} of level 13", printable(written), kind),
      nearest ? fmt::format("did you mean '{}'?", *nearest) : "see autotape schema show");
}

Result<std::string> description(const ShowOptions& options) {
  const Catalogue& catalogue = Catalogue::level13();
  if (options.name.empty()) {
    return describe_catalogue(catalogue);
  }
  const std::string_view name = options.name;
  const std::size_t dot = name.find('.');
  const Capability* capability = catalogue.find(name.substr(0, dot));
  if (capability == nullptr) {
    return unknown("capability", name.substr(0, dot), catalogue.capabilities());
  }
  if (dot == std::string_view::npos) {
    return describe_capability(*capability);
  }
  const std::string_view wanted = name.substr(dot + 1);
  const Property* property = capability->find(wanted);
  if (property == nullptr) {
    return unknown(fmt::format("property of {}", capability->name), wanted, capability->properties);
  }
  return describe_property(*capability, *property,
                           options.stream == "v1" ? StreamVersion::v1 : StreamVersion::v2);
}

ExitCode show(const ShowOptions& options) {
  const auto text = description(options);
  if (!text) {
    return report_error(text.error());
  }
  const auto printed = print(*text);
  return printed ? ExitCode::passed : report_error(printed.error());
}

}  // namespace

void add_schema_show_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<ShowOptions>();
  CLI::App& command = add_command(group, "show", "Explain a capability or a property",
                                  "autotape schema show diagnostics.odometer");
  command.add_option("name", options->name, "CAPABILITY or CAPABILITY.PROPERTY; all without it")
      ->type_name("NAME");
  command.add_option("--stream", options->stream, "The stream of the example message")
      ->check(CLI::IsMember({"v1", "v2"}))
      ->capture_default_str();
  run_when_chosen(command, chosen, [options] { return show(*options); });
}

}  // namespace autotape
