#include "core/text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "report/run_report.hpp"

namespace autotape {
namespace {

std::string_view heading(Outcome outcome) {
  switch (outcome) {
    case Outcome::passed:
      return "PASSED";
    case Outcome::failed:
      return "FAILED";
    case Outcome::unknown:
      return "UNKNOWN";
    case Outcome::unexercised:
      return "not exercised";
    case Outcome::off:
      return "off";
  }
  return "";
}

std::string_view heading(const RunReport& report) {
  const Outcome outcome = report.outcome();
  return report.interrupted && outcome != Outcome::failed ? "INTERRUPTED" : heading(outcome);
}

std::string seconds(Duration at) {
  return fmt::format("{:.3f} s", std::chrono::duration<double>(at).count());
}

std::string facts_line(const StreamFacts& facts) {
  std::string text = fmt::format("{} messages in {} deliveries", describe_count(facts.messages),
                                 describe_count(facts.delivered));
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count != 0) {
      text += fmt::format(", {} {}", describe_count(count), what);
    }
  };
  add(facts.duplicates, "of a message that came before");
  add(facts.redelivered, "more redelivered by the broker");
  add(facts.late_readings, "readings out of time order");
  add(facts.invalid, "invalid");
  text += fmt::format("; {} handled", describe_count(facts.handled));
  add(facts.rejected, "refused");
  add(facts.unreadable_lines, "observations that cannot be read, or not wholly");
  return text;
}

std::string distance_line(const DuplicateDistance& distance) {
  return "duplicates came " + describe(distance) + " behind the first";
}

std::string finding_line(const Finding& finding) {
  std::string text = fmt::format("{}:", name_of(finding.kind));
  if (!finding.message_id.empty()) {
    text += " " + short_id(finding.message_id);
  }
  if (!finding.reading.empty()) {
    text += " " + printable(finding.reading, 120);
  }
  text += " " + printable(finding.text, 200);
  if (finding.observation != 0) {
    text += fmt::format(" (observation {})", finding.observation);
  }
  return text;
}

void append_counterexample(std::string& text, const Counterexample& example) {
  for (const TimelineEntry& entry : example.timeline) {
    text += fmt::format("      {:>10}  {:<12}  {}\n", seconds(entry.at), entry.what, entry.detail);
  }
  if (example.left_out != 0) {
    text += fmt::format("      … and {} more\n", describe_count(example.left_out));
  }
}

void append_check(std::string& text, const CheckResult& check, const PartyReport& party) {
  if (check.outcome == Outcome::off) {
    return;
  }
  text += fmt::format("  {:<13}  {:<12}  {}\n", heading(check.outcome), check.name, check.summary);
  if (check.outcome != Outcome::failed || check.findings.empty()) {
    return;
  }
  text += fmt::format("    {}\n", finding_line(check.findings.front()));
  const auto example =
      std::find_if(party.counterexamples.begin(), party.counterexamples.end(),
                   [&](const Counterexample& one) { return one.check == check.name; });
  if (example != party.counterexamples.end()) {
    append_counterexample(text, *example);
  }
  if (check.violations > 1) {
    text += fmt::format("    and {} more\n", describe_count(check.violations - 1));
  }
}

void append_fault(std::string& text, const ConsumerFault& fault) {
  text += fmt::format("  {:<13}  {:<12}  consumer {} {}\n", "FAILED", "consumer", fault.number,
                      fault.fault);
  if (fault.output_tail.empty()) {
    return;
  }
  text += "    it wrote last:\n";
  std::string_view rest = fault.output_tail;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    text += fmt::format("      {}\n", printable(rest.substr(0, end), 160));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
}

}  // namespace

std::string short_id(const std::string& id) {
  constexpr std::size_t head = 8;
  constexpr std::size_t tail = 5;
  if (id.size() <= 24) {
    return printable(id);
  }
  return printable(id.substr(0, head)) + "…" + printable(id.substr(id.size() - tail));
}

std::string report_text(const RunReport& report) {
  std::string text =
      fmt::format("{}  {}  (seed {}, {})\n", heading(report), printable(report.name, 200),
                  report.seed, describe_duration(report.elapsed));
  for (const ConsumerFault& fault : report.consumer_faults) {
    append_fault(text, fault);
  }
  for (const PartyReport& party : report.parties) {
    if (report.parties.size() > 1) {
      text += fmt::format(" {}\n", party.verdict.party);
    }
    for (const CheckResult& check : party.verdict.checks) {
      append_check(text, check, party);
    }
    const StreamFacts& facts = party.verdict.facts;
    text += fmt::format("  {}\n", facts_line(facts));
    if (facts.duplicates != 0) {
      text += fmt::format("  {}\n", distance_line(facts.distance));
    }
    if (facts.unreadable_lines != 0) {
      text += fmt::format("  the first observation that cannot be read: {}\n",
                          printable(facts.first_unreadable, 200));
    }
  }
  for (const std::string& note : report.notes) {
    text += fmt::format("  note: {}\n", note);
  }
  if (report.interrupted) {
    text += "  interrupted: judged is what was played until then\n";
  }
  if (!report.folder.empty()) {
    text += fmt::format("  run folder: {}\n", report.folder);
  }
  if (!report.repeat.empty() && report.outcome() != Outcome::passed) {
    text += fmt::format("  repeat with: {}\n", report.repeat);
  }
  return text;
}

}  // namespace autotape
