#include "report/run_report.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

CheckResult check(const char* name, Outcome outcome) {
  CheckResult result;
  result.name = name;
  result.outcome = outcome;
  result.summary = "a <summary> & more";
  return result;
}

RunReport report_with(std::vector<CheckResult> checks) {
  RunReport report;
  report.name = "commute";
  report.labels = {{"story", "a \"label\""}};
  PartyReport party;
  party.verdict.party = "consumer";
  party.verdict.facts.delivered = 1;
  party.verdict.checks = std::move(checks);
  report.parties.push_back(std::move(party));
  return report;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("A run failed if one check did, and is unknown if one is and none failed") {
  CHECK(report_with({check("a", Outcome::passed), check("b", Outcome::unexercised)}).outcome() ==
        Outcome::passed);
  CHECK(report_with({check("a", Outcome::unknown), check("b", Outcome::passed)}).outcome() ==
        Outcome::unknown);
  CHECK(report_with({check("a", Outcome::unknown), check("b", Outcome::failed)}).outcome() ==
        Outcome::failed);
}

TEST_CASE("A run that was interrupted did not pass, and all forms of the report say so") {
  RunReport report = report_with({check("a", Outcome::passed)});
  report.interrupted = true;
  CHECK(report.outcome() == Outcome::unknown);
  CHECK(report_text(report).starts_with("INTERRUPTED"));
  CHECK(contains(report_junit({report}), R"(tests="2" failures="0" errors="1")"));
  report.parties[0].verdict.checks[0].outcome = Outcome::failed;
  CHECK(report.outcome() == Outcome::failed);
  CHECK(report_text(report).starts_with("FAILED"));
}

TEST_CASE("A consumer that failed as a program fails the run, and its last words are shown") {
  RunReport report = report_with({check("a", Outcome::passed)});
  report.consumer_faults.push_back({2, "exited with 3", "first\nlast \x1B[31mwords\n"});
  CHECK(report.outcome() == Outcome::failed);
  const std::string text = report_text(report);
  CHECK(contains(text, "consumer 2 exited with 3"));
  CHECK(contains(text, "last \\x1B[31mwords"));
}

TEST_CASE("A failed check names its first finding and tells its story") {
  RunReport report = report_with({check("dedup", Outcome::failed)});
  Finding finding;
  finding.kind = FindingKind::duplicated;
  finding.message_id = "B10BB67D6B4D2EBAB49FD3F81D41111C2AC0D6E0816DE47F87DCDD1388F3D911";
  finding.text = "was handled 2 times";
  finding.observation = 7;
  CheckResult& failed = report.parties[0].verdict.checks[0];
  failed.findings = {finding, finding};
  failed.violations = 2;
  report.parties[0].counterexamples = {
      {"dedup", finding, {{std::chrono::milliseconds(1500), "sent", "delivery 3"}}, 0}};
  report.repeat = "autotape test x";
  const std::string text = report_text(report);
  CHECK(contains(text, "duplicated: B10BB67D…3D911 was handled 2 times (observation 7)"));
  CHECK(contains(text, "1.500 s  sent          delivery 3"));
  CHECK(contains(text, "and 1 more"));
  CHECK(contains(text, "repeat with: autotape test x"));
}

TEST_CASE(
    "JUnit: failed is a failure, unknown an error, unexercised skipped; labels are properties") {
  const std::string xml = report_junit({report_with(
      {check("a", Outcome::failed), check("b", Outcome::unknown), check("c", Outcome::unexercised),
       check("d", Outcome::passed), check("e", Outcome::off)})});
  CHECK(contains(xml, R"(tests="4" failures="1" errors="1" skipped="1")"));
  CHECK(contains(xml, R"(<failure message="a &lt;summary&gt; &amp; more">)"));
  CHECK(contains(xml, R"(<error message="unknown: a &lt;summary&gt; &amp; more"/>)"));
  CHECK(contains(xml, R"(<property name="story" value="a &quot;label&quot;"/>)"));
  CHECK_FALSE(contains(xml, R"(name="e")"));
}

TEST_CASE("HTML: what a consumer wrote stays text, and nothing is fetched from anywhere") {
  RunReport report = report_with({check("dedup", Outcome::failed), check("order", Outcome::off)});
  report.consumer_faults.push_back({1, "exited with 3", "<script>alert(1)</script>\nlast words"});
  const std::string page = report_html({report});
  CHECK(contains(page, "default-src 'none'"));
  CHECK(contains(page, "&lt;script&gt;alert(1)&lt;/script&gt;\nlast words"));
  CHECK(contains(page, "a &lt;summary&gt; &amp; more"));
  CHECK_FALSE(contains(page, "<script"));
  CHECK_FALSE(contains(page, "http://"));
  CHECK_FALSE(contains(page, ">order<"));
}

TEST_CASE("Short ids are shown whole, long ones by their ends") {
  CHECK(short_id("A1") == "A1");
  CHECK(short_id("0123456789012345678901234567890") == "01234567…67890");
}
