// The report as one page that needs nothing beside it: no script, no font, no network.
#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"
#include "report/run_report.hpp"

namespace autotape {
namespace {

// The policy forbids whatever the page does not bring along: what consumers wrote is in it.
constexpr std::string_view head = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width">
<title>autotape</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #222; }
h2 { margin: 2.5rem 0 .5rem; border-top: 1px solid #ddd; padding-top: 1.5rem; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid #eee; }
pre, .time, code { font-family: ui-monospace, monospace; font-size: 13px; }
.time { white-space: nowrap; text-align: right; color: #666; }
pre { background: #f6f6f6; padding: .75rem; overflow-x: auto; }
.passed { color: #17702b; } .failed { color: #b00020; } .unknown { color: #8a5a00; }
.unexercised, .facts { color: #666; }
.outcome { font-weight: 600; white-space: nowrap; }
@media (prefers-color-scheme: dark) {
 body { background: #181818; color: #ddd; } pre { background: #262626; }
 h2, th, td { border-color: #333; } .passed { color: #6cc784; } .failed { color: #ff7a8a; } .unknown { color: #e0b050; }
}
</style></head><body>
)";

std::string escaped(std::string_view text, std::size_t most = 400) {
  std::string html;
  for (const char c : printable(text, most)) {
    switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  }
  return html;
}

std::string lines_escaped(std::string_view text) {
  std::string html;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    html += escaped(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return html;
}

std::string mark(Outcome outcome) {
  return fmt::format("<span class=\"outcome {0}\">{0}</span>", name_of(outcome));
}

void append_finding(std::string& html, const Finding& finding) {
  html +=
      fmt::format("<div>{}: <code title=\"{}\">{}</code> {} {}{}</div>\n", name_of(finding.kind),
                  escaped(finding.message_id), escaped(short_id(finding.message_id)),
                  escaped(finding.reading), escaped(finding.text),
                  finding.observation == 0 ? std::string()
                                           : fmt::format(" (observation {})", finding.observation));
}

void append_timeline(std::string& html, const Counterexample& example) {
  html += "<table>\n";
  for (const TimelineEntry& entry : example.timeline) {
    html += fmt::format("<tr><td class=\"time\">{:.3f} s</td><td>{}</td><td>{}</td></tr>\n",
                        std::chrono::duration<double>(entry.at).count(), escaped(entry.what),
                        escaped(entry.detail));
  }
  html += "</table>\n";
  if (example.left_out != 0) {
    html += fmt::format("<div>… and {} more</div>\n", describe_count(example.left_out));
  }
}

void append_check(std::string& html, const CheckResult& check, const PartyReport& party) {
  html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}\n", mark(check.outcome),
                      escaped(check.name), escaped(check.summary));
  for (const Finding& finding : check.findings) {
    append_finding(html, finding);
  }
  for (const Counterexample& example : party.counterexamples) {
    if (example.check == check.name) {
      html += "<details open><summary>how the first one came about</summary>\n";
      append_timeline(html, example);
      html += "</details>\n";
    }
  }
  if (check.violations > check.findings.size()) {
    html += fmt::format("<div>and {} more</div>\n",
                        describe_count(check.violations - check.findings.size()));
  }
  html += "</td></tr>\n";
}

void append_party(std::string& html, const PartyReport& party) {
  html += fmt::format("<h3>{}</h3>\n<table>\n", escaped(party.verdict.party));
  for (const CheckResult& check : party.verdict.checks) {
    if (check.outcome != Outcome::off) {
      append_check(html, check, party);
    }
  }
  const StreamFacts& facts = party.verdict.facts;
  html += fmt::format(
      "</table>\n<p class=\"facts\">{} messages in {} deliveries, {} redelivered; {} duplicates, "
      "{} late readings, {} invalid; {} handled, {} refused, {} observations that cannot be read, "
      "or "
      "not wholly{}</p>\n",
      describe_count(facts.messages), describe_count(facts.delivered),
      describe_count(facts.redelivered), describe_count(facts.duplicates),
      describe_count(facts.late_readings), describe_count(facts.invalid),
      describe_count(facts.handled), describe_count(facts.rejected),
      describe_count(facts.unreadable_lines),
      facts.duplicates == 0
          ? ""
          : "; duplicates came " + describe(facts.distance) + " behind the first");
}

void append_run(std::string& html, const RunReport& report, std::size_t number) {
  html += fmt::format("<h2 id=\"run-{}\">{} {}</h2>\n<p class=\"facts\">seed {}, {}", number,
                      escaped(report.name), mark(report.outcome()), report.seed,
                      describe_duration(report.elapsed));
  for (const auto& [label, value] : report.labels) {
    html += fmt::format(", {}: {}", escaped(label), escaped(value));
  }
  html +=
      report.interrupted ? ", interrupted: judged is what was played until then</p>\n" : "</p>\n";
  for (const ConsumerFault& fault : report.consumer_faults) {
    html += fmt::format("<p class=\"failed\">consumer {} {}</p>\n<pre>{}</pre>\n", fault.number,
                        escaped(fault.fault), lines_escaped(fault.output_tail));
  }
  for (const PartyReport& party : report.parties) {
    append_party(html, party);
  }
  for (const std::string& note : report.notes) {
    html += fmt::format("<p>note: {}</p>\n", escaped(note));
  }
  if (!report.repeat.empty()) {
    html += fmt::format("<p>Repeat with:</p><pre>{}</pre>\n", escaped(report.repeat, 4000));
  }
}

}  // namespace

std::string report_html(const std::vector<RunReport>& reports) {
  std::string html(head);
  html += "<h1>autotape</h1>\n<table>\n";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    html += fmt::format("<tr><td>{}</td><td><a href=\"#run-{}\">{}</a></td><td>{}</td></tr>\n",
                        mark(reports[i].outcome()), i + 1, escaped(reports[i].name),
                        describe_duration(reports[i].elapsed));
  }
  html += "</table>\n";
  for (std::size_t i = 0; i < reports.size(); ++i) {
    append_run(html, reports[i], i + 1);
  }
  return html + "</body></html>\n";
}

}  // namespace autotape
