#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"
#include "report/run_report.hpp"

namespace autotape {
namespace {

// XML 1.0 knows no control characters, not even escaped.
std::string escaped(const std::string& text) {
  std::string xml;
  for (const char c : is_utf8(text) ? text : printable(text, text.size())) {
    switch (c) {
      case '&':
        xml += "&amp;";
        break;
      case '<':
        xml += "&lt;";
        break;
      case '>':
        xml += "&gt;";
        break;
      case '"':
        xml += "&quot;";
        break;
      default:
        xml += static_cast<unsigned char>(c) < 0x20 && c != '\n' ? '?' : c;
    }
  }
  return xml;
}

std::string cleaned(std::string_view text) {
  return escaped(printable(text, 400));
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string finding_text(const Finding& finding) {
  return fmt::format("{}: {} {} {}", name_of(finding.kind), finding.message_id, finding.reading,
                     finding.text);
}

std::string timeline_text(const PartyReport& party, const std::string& check) {
  std::string text;
  for (const Counterexample& example : party.counterexamples) {
    if (example.check == check) {
      for (const TimelineEntry& entry : example.timeline) {
        text += fmt::format("{:.3f} s {} {}\n", seconds(entry.at), entry.what, entry.detail);
      }
    }
  }
  return text;
}

void append_case(std::string& xml, const std::string& suite, const CheckResult& check,
                 const PartyReport& party) {
  xml += fmt::format("    <testcase classname=\"{}\" name=\"{}\">\n", cleaned(suite), check.name);
  if (check.outcome == Outcome::failed) {
    const std::string first =
        check.findings.empty() ? std::string() : finding_text(check.findings.front());
    xml += fmt::format("      <failure message=\"{}\">{}\n{}</failure>\n", cleaned(check.summary),
                       cleaned(first), escaped(timeline_text(party, check.name)));
  } else if (check.outcome == Outcome::unknown) {
    xml += fmt::format("      <error message=\"unknown: {}\"/>\n", cleaned(check.summary));
  } else if (check.outcome == Outcome::unexercised) {
    xml += fmt::format("      <skipped message=\"{}\"/>\n", cleaned(check.summary));
  }
  xml += "    </testcase>\n";
}

// What makes a run no success whatever its checks say; mostly nothing.
std::string why_not_judged(const RunReport& report, const PartyReport& party) {
  const StreamFacts& facts = party.verdict.facts;
  return report.interrupted                         ? "interrupted: judged is what was played"
         : facts.delivered + facts.redelivered == 0 ? "nothing was delivered"
                                                    : "";
}

void append_suite(std::string& xml, const RunReport& report, const PartyReport& party) {
  const std::string suite = report.parties.size() > 1
                                ? fmt::format("{} ({})", report.name, party.verdict.party)
                                : report.name;
  const auto count = [&](Outcome outcome) {
    return std::count_if(party.verdict.checks.begin(), party.verdict.checks.end(),
                         [&](const CheckResult& check) { return check.outcome == outcome; });
  };
  const auto& checks = party.verdict.checks;
  const auto made = static_cast<std::ptrdiff_t>(checks.size()) - count(Outcome::off);
  const auto faults = static_cast<std::ptrdiff_t>(report.consumer_faults.size());
  const std::string not_judged = why_not_judged(report, party);
  const std::ptrdiff_t errors = not_judged.empty() ? 0 : 1;
  xml += fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"{:.3f}\">\n    <properties>\n",
      cleaned(suite), made + faults + errors, count(Outcome::failed) + faults,
      count(Outcome::unknown) + errors, count(Outcome::unexercised), seconds(report.elapsed));
  xml += fmt::format("      <property name=\"seed\" value=\"{}\"/>\n", report.seed);
  for (const auto& [label, value] : report.labels) {
    xml +=
        fmt::format("      <property name=\"{}\" value=\"{}\"/>\n", cleaned(label), cleaned(value));
  }
  xml += "    </properties>\n";
  for (const ConsumerFault& fault : report.consumer_faults) {
    xml += fmt::format(
        "    <testcase classname=\"{}\" name=\"consumer {}\">\n"
        "      <failure message=\"{}\">{}</failure>\n    </testcase>\n",
        cleaned(suite), fault.number, cleaned(fault.fault), escaped(fault.output_tail));
  }
  if (!not_judged.empty()) {
    xml += fmt::format(
        "    <testcase classname=\"{}\" name=\"run\">\n"
        "      <error message=\"{}\"/>\n    </testcase>\n",
        cleaned(suite), not_judged);
  }
  for (const CheckResult& check : checks) {
    if (check.outcome != Outcome::off) {
      append_case(xml, suite, check, party);
    }
  }
  if (!report.notes.empty()) {
    xml += "    <system-out>";
    for (const std::string& note : report.notes) {
      xml += fmt::format("note: {}\n", cleaned(note));
    }
    xml += "</system-out>\n";
  }
  xml += "  </testsuite>\n";
}

}  // namespace

std::string report_junit(const std::vector<RunReport>& reports) {
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const RunReport& report : reports) {
    for (const PartyReport& party : report.parties) {
      append_suite(xml, report, party);
    }
  }
  return xml + "</testsuites>\n";
}

}  // namespace autotape
