#include "scenario/fleet_text.hpp"

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/document.hpp"

namespace autotape {
namespace {

void read_start(Fields& fields, FleetSettings& fleet) {
  std::string text;
  fields.text("start", text);
  if (text.empty()) {
    return;
  }
  if (const auto start = parse_rfc3339_as<DataClock>(text)) {
    fleet.start = *start;
  } else {
    fields.refuse("start", fmt::format("\"start\" must be a time like 2026-03-02T06:45:00Z, and is "
                                       "\"{}\"",
                                       printable(text, 40)));
  }
}

}  // namespace

FleetSettings read_fleet(const YamlNode& node, StreamVersion stream, Problems& problems) {
  FleetSettings fleet;
  fleet.stream = stream;
  Fields fields(node, "\"generate\"", problems);
  fields.count("cars", fleet.cars, 1, FleetSettings::most_cars);
  fields.optional_duration("duration", fleet.duration);
  fields.optional_count("count", fleet.count);
  fields.count("seed", fleet.seed);
  fields.texts("properties", fleet.properties);
  read_start(fields, fleet);
  fields.refuse_others();
  if (fleet.duration && *fleet.duration <= Duration(0)) {
    fields.refuse("duration", "\"duration\" must be longer than nothing");
  }
  if (const auto refused = check_fleet(fleet); !refused) {
    fields.refuse("properties", refused.error().what, refused.error().advice);
  }
  return fleet;
}

std::string fleet_text(const FleetSettings& fleet) {
  Json json{{"cars", fleet.cars}, {"seed", fleet.seed}};
  if (fleet.duration) {
    json["duration"] = format_duration(*fleet.duration);
  }
  if (fleet.count) {
    json["count"] = *fleet.count;
  }
  if (!fleet.properties.empty()) {
    json["properties"] = fleet.properties;
  }
  json["start"] = format_rfc3339(fleet.start.time_since_epoch());
  return write_document(json);
}

Result<FleetSettings> fleet_from_text(const std::string& text, StreamVersion stream,
                                      const std::string& where) {
  AUTOTAPE_TRY_ASSIGN(const YamlNode node, parse_yaml(text, where));  // JSON is YAML
  Problems problems(where);
  FleetSettings fleet = read_fleet(node, stream, problems);
  if (!problems.all().empty()) {
    return problems.all().front();
  }
  return fleet;
}

}  // namespace autotape
