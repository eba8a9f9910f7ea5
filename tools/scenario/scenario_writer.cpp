#include "scenario/scenario_writer.hpp"

#include <fmt/format.h>

#include "scenario/timed_fault_json.hpp"
#include "verify/expectation_json.hpp"

namespace autotape {
namespace {

// Each JSON scalar is one of YAML too; a plain word needs no quotes.
std::string scalar(const Json& value) {
  if (value.is_string()) {
    const auto text = value.get<std::string>();
    const bool plain = !text.empty() && text.find_first_not_of(
                                            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                            "0123456789_-./%") == std::string::npos;
    return plain ? text : write_document(value);
  }
  return write_document(value);
}

std::string text_of(const std::string& text) {
  return scalar(Json(text));
}

void append_fault(std::string& out, const TimedFault& fault) {
  const Json members = timed_fault_to_json(fault);
  std::string_view indent = "  - ";
  for (const auto& [name, value] : members.items()) {
    out += fmt::format("{}{}: {}\n", indent, name, scalar(value));
    indent = "    ";
  }
}

}  // namespace

std::string scenario_text(const Scenario& scenario) {
  std::string out = "version: 1\n";
  out += fmt::format("name: {}\n", text_of(scenario.name));
  if (!scenario.description.empty()) {
    out += fmt::format("description: {}\n", write_document(Json(scenario.description)));
  }
  out += fmt::format("seed: {}\n", scenario.seed);
  if (scenario.stream == StreamVersion::v2) {
    out += "stream: v2\n";
  }
  out += fmt::format("tape: {}\n", text_of(scenario.tape));
  out += fmt::format("replay:\n  rate: {}\n", text_of(scenario.rate.text()));
  if (!scenario.faults.empty()) {
    out += "faults:\n";
    for (const TimedFault& fault : scenario.faults) {
      append_fault(out, fault);
    }
  }
  const Json expectation = expectation_to_json(scenario.expect);
  if (!expectation.empty()) {
    out += "expect:\n";
    for (const auto& [name, value] : expectation.items()) {
      out += fmt::format("  {}: {}\n", name, scalar(value));
    }
  }
  if (scenario.consumers > 1) {
    out += fmt::format("consumers: {}\n", scenario.consumers);
  }
  return out;
}

}  // namespace autotape
