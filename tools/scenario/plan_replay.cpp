#include "scenario/plan_replay.hpp"

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "shape/plan_file.hpp"

namespace autotape {
namespace {

Json remap_json(const Rewrite& remap) {
  Json json = Json::object();
  if (remap.app_id) {
    json["app_id"] = *remap.app_id;
  }
  if (remap.environment) {
    json["environment"] = *remap.environment;
  }
  for (const auto& [from, to] : remap.vins) {
    json["vins"][from] = to;
  }
  return json;
}

std::string text_in(const Json& object, const std::string& name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

void take_remap(const Json& json, Rewrite& remap) {
  if (const std::string app_id = text_in(json, "app_id"); !app_id.empty()) {
    remap.app_id = app_id;
  }
  if (const std::string environment = text_in(json, "environment"); !environment.empty()) {
    remap.environment = environment;
  }
  if (const auto vins = json.find("vins"); vins != json.end() && vins->is_object()) {
    for (const auto& [from, to] : vins->items()) {
      remap.vins[from] = text_in(*vins, from);
    }
  }
}

// Each takes the text of one member; false for what cannot be read.
bool take_rate(const std::string& text, Scenario& scenario) {
  const auto rate = parse_replay_rate(text);
  scenario.rate = rate.value_or(scenario.rate);
  return rate.has_value();
}

bool take_max_lag(const std::string& text, Scenario& scenario) {
  scenario.max_lag = parse_duration(text);
  return scenario.max_lag.has_value();
}

bool take_restamp_at(const std::string& text, Scenario& scenario) {
  scenario.remap.first_data_time = parse_rfc3339_as<DataClock>(text);
  return scenario.remap.first_data_time.has_value();
}

}  // namespace

std::string plan_replay(const Scenario& scenario) {
  Json json = Json::object();
  if (scenario.rate != ReplayRate()) {
    json["rate"] = scenario.rate.text();
  }
  if (Json remap = remap_json(scenario.remap); !remap.empty()) {
    json["remap"] = std::move(remap);
  }
  if (scenario.restamp) {
    json["restamp"] = true;
  }
  if (const auto& first = scenario.remap.first_data_time) {
    json["restamp_at"] = format_rfc3339(first->time_since_epoch());
  }
  if (scenario.max_lag) {
    json["max_lag"] = format_duration(*scenario.max_lag);
  }
  return json.empty() ? std::string() : write_document(json);
}

Result<void> take_plan_replay(Scenario& scenario) {
  AUTOTAPE_TRY_ASSIGN(const PlanHeader header, SavedPlan::read_header(scenario.tape));
  if (header.replay.empty()) {
    return {};
  }
  const std::string where = scenario.tape + ":1";
  AUTOTAPE_TRY_ASSIGN(const Json json, parse_document(header.replay, where));
  using Take = bool (*)(const std::string&, Scenario&);
  for (const auto& [name, take] : std::initializer_list<std::pair<std::string, Take>>{
           {"rate", take_rate}, {"max_lag", take_max_lag}, {"restamp_at", take_restamp_at}}) {
    const std::string text = text_in(json, name);
    if (json.contains(name) && !take(text, scenario)) {
      return file_error(where, fmt::format("/replay/{} is \"{}\", which cannot be read", name,
                                           printable(text, 40)));
    }
  }
  if (const auto remap = json.find("remap"); remap != json.end() && remap->is_object()) {
    take_remap(*remap, scenario.remap);
  }
  if (const auto wrong = wrong_name_in(scenario.remap)) {
    return file_error(
        where, fmt::format("/replay/remap: \"{}\" cannot stand in a topic", printable(*wrong, 40)));
  }
  if (const auto restamp = json.find("restamp"); restamp != json.end() && restamp->is_boolean()) {
    scenario.restamp = restamp->get<bool>();
  }
  return {};
}

}  // namespace autotape
