#include "report/run_report.hpp"

namespace autotape {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Json finding_json(const Finding& finding) {
  Json json{{"kind", name_of(finding.kind)}};
  if (!finding.message_id.empty()) {
    json["message_id"] = finding.message_id;
  }
  if (!finding.reading.empty()) {
    json["reading"] = finding.reading;
  }
  if (finding.observation != 0) {
    json["observation"] = finding.observation;
  }
  json["text"] = finding.text;
  return json;
}

Json check_json(const CheckResult& check) {
  Json json{{"check", check.name},
            {"outcome", name_of(check.outcome)},
            {"summary", check.summary},
            {"violations", check.violations},
            {"findings", Json::array()}};
  for (const Finding& finding : check.findings) {
    json["findings"].push_back(finding_json(finding));
  }
  return json;
}

Json distance_json(const DuplicateDistance& distance) {
  Json json{{"least_messages", distance.messages.least},
            {"most_messages", distance.messages.most},
            {"least_seconds", seconds(distance.wall.least)},
            {"most_seconds", seconds(distance.wall.most)}};
  if (distance.data.count != 0) {
    json["least_data_seconds"] = seconds(distance.data.least);
    json["most_data_seconds"] = seconds(distance.data.most);
  }
  return json;
}

Json facts_json(const StreamFacts& facts) {
  return {{"planned", facts.planned},
          {"unplanned", facts.unplanned},
          {"messages", facts.messages},
          {"delivered", facts.delivered},
          {"redelivered", facts.redelivered},
          {"duplicates", facts.duplicates},
          {"late_readings", facts.late_readings},
          {"invalid", facts.invalid},
          {"without_id", facts.without_id},
          {"handled", facts.handled},
          {"rejected", facts.rejected},
          {"applied_readings", facts.applied_readings},
          {"state_lines", facts.state_lines},
          {"unreadable_lines", facts.unreadable_lines},
          {"first_unreadable", facts.first_unreadable},
          {"duplicate_distance", distance_json(facts.distance)}};
}

Json counterexample_json(const Counterexample& example) {
  Json json{{"check", example.check},
            {"finding", finding_json(example.finding)},
            {"timeline", Json::array()},
            {"left_out", example.left_out}};
  for (const TimelineEntry& entry : example.timeline) {
    json["timeline"].push_back(
        {{"seconds", seconds(entry.at)}, {"what", entry.what}, {"detail", entry.detail}});
  }
  return json;
}

Json party_json(const PartyReport& party) {
  Json json{{"party", party.verdict.party},
            {"outcome", name_of(party.verdict.outcome())},
            {"checks", Json::array()},
            {"facts", facts_json(party.verdict.facts)},
            {"counterexamples", Json::array()}};
  for (const CheckResult& check : party.verdict.checks) {
    json["checks"].push_back(check_json(check));
  }
  for (const Counterexample& example : party.counterexamples) {
    json["counterexamples"].push_back(counterexample_json(example));
  }
  return json;
}

}  // namespace

Json report_json(const RunReport& report) {
  Json json{{"name", report.name},
            {"outcome", name_of(report.outcome())},
            {"seed", report.seed},
            {"seconds", seconds(report.elapsed)},
            {"labels", Json::object()},
            {"interrupted", report.interrupted},
            {"tape_damaged", report.tape_damaged},
            {"parties", Json::array()},
            {"consumer_faults", Json::array()},
            {"notes", report.notes}};
  for (const auto& [label, value] : report.labels) {
    json["labels"][label] = value;
  }
  for (const PartyReport& party : report.parties) {
    json["parties"].push_back(party_json(party));
  }
  for (const ConsumerFault& fault : report.consumer_faults) {
    json["consumer_faults"].push_back(
        {{"consumer", fault.number}, {"fault", fault.fault}, {"output_tail", fault.output_tail}});
  }
  if (!report.repeat.empty()) {
    json["repeat"] = report.repeat;
  }
  return json;
}

}  // namespace autotape
