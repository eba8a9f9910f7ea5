#include "run/manifest.hpp"

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/rfc3339.hpp"
#include "json/document.hpp"
#include "scenario/timed_fault_json.hpp"
#include "verify/expectation_json.hpp"

namespace autotape {
namespace {

std::string time_text(ReceivedTime time) {
  return format_rfc3339(time.time_since_epoch());
}

// A member of the right type; anything else is as if it were absent.
template <typename Value>
Value member(const Json& object, const char* name, Value otherwise = {}) {
  const auto found = object.find(name);
  if (found == object.end()) {
    return otherwise;
  }
  if constexpr (std::is_same_v<Value, std::string>) {
    return found->is_string() ? found->get<std::string>() : otherwise;
  } else if constexpr (std::is_same_v<Value, bool>) {
    return found->is_boolean() ? found->get<bool>() : otherwise;
  } else {
    return found->is_number() ? found->get<Value>() : otherwise;
  }
}

std::vector<std::string> texts(const Json& object, const char* name) {
  std::vector<std::string> all;
  for (const Json& text : object.value(name, Json::array())) {
    all.push_back(text.is_string() ? text.get<std::string>() : "");
  }
  return all;
}

Json consumer_to_json(const ConsumerConduct& consumer) {
  Json json{{"number", consumer.number}, {"client_id", consumer.client_id}};
  if (!consumer.fault.empty()) {
    json["fault"] = consumer.fault;
    json["output_tail"] = consumer.output_tail;
  }
  if (!consumer.note.empty()) {
    json["note"] = consumer.note;
  }
  if (consumer.locked_out) {
    json["locked_out"] = true;
  }
  return json;
}

// As members of the fault itself.
void fate_to_json(const FaultFate& fate, Json& fault) {
  fault["struck"] = fate.struck;
  if (!fate.struck) {
    fault["why_not"] = fate.why_not;
  }
  if (!fate.lifted.empty()) {
    fault["lifted"] = fate.lifted;
  }
}

FaultFate fate_taken_from(Json& fault) {
  FaultFate fate{member<bool>(fault, "struck", true), member<std::string>(fault, "why_not"),
                 member<std::string>(fault, "lifted")};
  for (const char* const name : {"struck", "why_not", "lifted"}) {
    fault.erase(name);
  }
  return fate;
}

ConsumerConduct consumer_from_json(const Json& json) {
  ConsumerConduct consumer;
  consumer.number = member<std::uint32_t>(json, "number", 1);
  consumer.client_id = member<std::string>(json, "client_id");
  consumer.fault = member<std::string>(json, "fault");
  consumer.output_tail = member<std::string>(json, "output_tail");
  consumer.note = member<std::string>(json, "note");
  consumer.locked_out = member<bool>(json, "locked_out");
  return consumer;
}

}  // namespace

RunFiles::RunFiles(const std::string& folder)
    : manifest(folder + "/manifest.json"),
      deliveries(folder + "/deliveries.ndjson"),
      ledger(folder + "/ledger.ndjson"),
      events(folder + "/events.ndjson"),
      observations(folder + "/observations.ndjson"),
      verdict(folder + "/verdict.json"),
      report(folder + "/report.txt"),
      page(folder + "/report.html"),
      clean(folder + "/clean"),
      scenario(folder + "/scenario.yaml"),
      folder_(folder) {}

std::string RunFiles::consumer(std::uint32_t number) const {
  return fmt::format("{}/consumer-{}", folder_, number);
}

Result<void> write_manifest(const std::string& path, const Manifest& manifest) {
  Json json{{"run", 1}, {"tool", manifest.tool}, {"command_line", manifest.command_line}};
  json["tape"] = manifest.tape;
  json["tape_hash"] = manifest.tape_hash;
  if (!manifest.scenario.empty()) {
    json["scenario"] = manifest.scenario;
  }
  json["labels"] = manifest.labels;
  json["evidence"] = manifest.evidence;
  json["seed"] = manifest.seed;
  json["rate"] = manifest.rate;
  json["rate_multiple"] = manifest.rate_multiple;
  json["stream"] = std::string(manifest.stream == StreamVersion::v2 ? "v2" : "v1");
  json["observations"] = std::string(name_of(manifest.channel));
  json["faults"] = Json::array();
  for (std::size_t i = 0; i < manifest.faults.size(); ++i) {
    Json fault = timed_fault_to_json(manifest.faults[i]);
    if (i < manifest.fates.size()) {
      fate_to_json(manifest.fates[i], fault);
    }
    json["faults"].push_back(std::move(fault));
  }
  json["started"] = time_text(manifest.started);
  json["ended"] = time_text(manifest.ended);
  json["expect"] = expectation_to_json(manifest.expectation);
  json["sent"] = manifest.sent;
  json["acknowledged"] = manifest.acknowledged;
  json["interrupted"] = manifest.interrupted;
  if (!manifest.tape_damage.empty()) {
    json["tape_damage"] = manifest.tape_damage;
  }
  json["consumers"] = Json::array();
  for (const ConsumerConduct& consumer : manifest.consumers) {
    json["consumers"].push_back(consumer_to_json(consumer));
  }
  return write_file(path, write_document_indented(json) + "\n");
}

Result<Manifest> read_manifest(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(path));
  AUTOTAPE_TRY_ASSIGN(const Json json, parse_document(text, path));
  if (!json.is_object() || member<int>(json, "run") != 1) {
    return file_error(path, "is no manifest of a run that this version knows",
                      "name the folder that test --out made");
  }
  Manifest manifest;
  manifest.tool = member<std::string>(json, "tool");
  manifest.tape = member<std::string>(json, "tape");
  manifest.tape_hash = member<std::string>(json, "tape_hash");
  manifest.tape_damage = texts(json, "tape_damage");
  manifest.scenario = member<std::string>(json, "scenario");
  manifest.seed = member<std::uint64_t>(json, "seed");
  manifest.rate = member<std::string>(json, "rate");
  manifest.rate_multiple = member<double>(json, "rate_multiple", 1);
  manifest.sent = member<std::uint64_t>(json, "sent");
  manifest.acknowledged = member<std::uint64_t>(json, "acknowledged");
  manifest.interrupted = member<bool>(json, "interrupted");
  for (const auto& [name, target] :
       {std::pair{"started", &manifest.started}, std::pair{"ended", &manifest.ended}}) {
    const auto time = parse_rfc3339_as<ReceivedClock>(member<std::string>(json, name));
    if (!time) {
      return file_error(fmt::format("{}/{}", path, name), "is not an RFC 3339 date-time");
    }
    *target = *time;
  }
  manifest.stream =
      member<std::string>(json, "stream") == "v2" ? StreamVersion::v2 : StreamVersion::v1;
  manifest.channel =
      observation_channel(member<std::string>(json, "observations")).value_or(manifest.channel);
  for (Json fault : json.value("faults", Json::array())) {
    if (fault.contains("struck")) {
      manifest.fates.push_back(fate_taken_from(fault));
    }
    AUTOTAPE_TRY_ASSIGN(TimedFault read, timed_fault_from_json(fault, path + "/faults"));
    manifest.faults.push_back(std::move(read));
  }
  if (json.contains("expect")) {
    AUTOTAPE_TRY_ASSIGN(manifest.expectation,
                        expectation_from_json(json["expect"], path + "/expect"));
  }
  manifest.command_line = texts(json, "command_line");
  manifest.labels = texts(json, "labels");
  const Json evidence = json.value("evidence", Json::object());
  for (const auto& [file, hash] : evidence.items()) {
    manifest.evidence[file] = hash.is_string() ? hash.get<std::string>() : "";
  }
  for (const Json& consumer : json.value("consumers", Json::array())) {
    manifest.consumers.push_back(consumer_from_json(consumer));
  }
  return manifest;
}

}  // namespace autotape
