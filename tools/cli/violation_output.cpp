#include "cli/violation_output.hpp"

#include <array>
#include <cstdlib>
#include <map>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/stream_facts.hpp"
#include "cli/terminal.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "schema/rules.hpp"

namespace autotape {
namespace {

constexpr std::size_t longest_line = 1000;  // characters

std::string sentence(const LocatedViolation& located) {
  return printable(fmt::format("message {}: {}: {} ({})", located.message, located.violation.rule,
                               located.violation.line(), located.topic),
                   longest_line);
}

std::string sentence(const DeniedFact& fact) {
  return fmt::format("denied: {} {} in the stream: --deny {} wants none", fact.count, fact.name,
                     fact.name);
}

class TextOutput final : public ViolationOutput {
 public:
  Result<void> add(const LocatedViolation& located) override {
    const Violation& violation = located.violation;
    const bool error = violation.severity == Severity::error;
    const std::string_view colour = !coloured_ ? "" : error ? "\x1B[31m" : "\x1B[33m";
    return print(fmt::format(
        "message {}: {}{}{}: {}\n", located.message, colour, name_of(violation.severity),
        coloured_ ? "\x1B[0m" : "",
        printable(fmt::format("{}: {} ({})", violation.rule, violation.line(), located.topic),
                  longest_line)));
  }

  Result<void> add(const DeniedFact& fact) override {
    return fact.count == 0
               ? Result<void>()
               : print(fmt::format("stream: {}error{}: {}\n", coloured_ ? "\x1B[31m" : "",
                                   coloured_ ? "\x1B[0m" : "", sentence(fact)));
  }

 private:
  bool coloured_ = isatty(STDOUT_FILENO) != 0 && std::getenv("NO_COLOR") == nullptr;
};

class NdjsonOutput final : public ViolationOutput {
 public:
  Result<void> add(const LocatedViolation& located) override {
    const Violation& violation = located.violation;
    Json line;
    line["message"] = located.message;
    line["topic"] = located.topic;
    line["severity"] = name_of(violation.severity);
    line["rule"] = violation.rule;
    line["instance"] = violation.instance;
    line["expected"] = violation.expected;
    line["found"] = violation.found;
    if (violation.nearest) {
      line["nearest"] = *violation.nearest;
    }
    if (violation.unlisted > 0) {
      line["unlisted"] = violation.unlisted;
    }
    if (!violation.schema_location.empty()) {
      line["keyword"] = violation.keyword;
      line["schema"] = violation.schema_location;
    }
    return print(write_document(line) + "\n");
  }

  Result<void> add(const DeniedFact& fact) override {
    return fact.count == 0
               ? Result<void>()
               : print(write_document(Json{
                           {"severity", "error"}, {"denied", fact.name}, {"found", fact.count}}) +
                       "\n");
  }
};

// One test case for each rule and each denied fact: a report of a million messages stays readable.
class JunitOutput final : public ViolationOutput {
 public:
  Result<void> add(const LocatedViolation& located) override {
    Case& found = cases_[std::string(located.violation.rule)];
    (located.violation.severity == Severity::error ? found.errors : found.warnings) +=
        located.violation.count();
    constexpr std::size_t most_shown = 100;
    if (++found.shown <= most_shown) {
      found.lines += sentence(located) + "\n";
    }
    return {};
  }

  Result<void> add(const DeniedFact& fact) override {
    ++facts_;
    fact_failures_ += fact.count > 0 ? 1 : 0;
    fact_cases_ += fmt::format("    <testcase classname=\"validate\" name=\"{}\">\n", fact.name);
    if (fact.count > 0) {
      fact_cases_ += fmt::format("      <failure message=\"{}\">{}</failure>\n",
                                 escaped(sentence(fact)), escaped(fact.meaning));
    }
    fact_cases_ += "    </testcase>\n";
    return {};
  }

  Result<void> end() override {
    std::size_t failures = fact_failures_;
    std::string body;
    for (const MessageRule& rule : message_rules()) {
      const Case& found = cases_[std::string(rule.name)];
      failures += found.errors > 0 ? 1 : 0;
      body += fmt::format("    <testcase classname=\"validate\" name=\"{}\">\n", rule.name);
      if (found.errors > 0) {
        body += fmt::format("      <failure message=\"{} errors: {}\">{}</failure>\n", found.errors,
                            escaped(rule.meaning), escaped(found.lines));
      } else if (found.warnings > 0) {
        body += fmt::format("      <system-out>{} warnings\n{}</system-out>\n", found.warnings,
                            escaped(found.lines));
      }
      body += "    </testcase>\n";
    }
    return print(
        fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n"
                    "  <testsuite name=\"autotape validate\" tests=\"{}\" failures=\"{}\">\n"
                    "{}{}  </testsuite>\n</testsuites>\n",
                    message_rules().size() + facts_, failures, body, fact_cases_));
  }

 private:
  struct Case {
    std::uint64_t errors = 0;
    std::uint64_t warnings = 0;
    std::size_t shown = 0;
    std::string lines;
  };

  // The text is printable() already; of what that lets pass, XML 1.0 has no U+FFFE and U+FFFF.
  static std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
      if ((c == '\xBE' || c == '\xBF') && out.ends_with("\xEF\xBF")) {
        out += '\xBD';  // U+FFFD
        continue;
      }
      switch (c) {
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "&lt;";
          break;
        case '>':
          out += "&gt;";
          break;
        case '"':
          out += "&quot;";
          break;
        default:
          out += c;
      }
    }
    return out;
  }

  std::map<std::string, Case> cases_;
  std::size_t facts_ = 0;
  std::size_t fact_failures_ = 0;
  std::string fact_cases_;
};

// A path as a relative reference of RFC 3986.
std::string uri_of_path(std::string_view path) {
  constexpr std::string_view kept = "-._~/";
  std::string uri;
  for (const char c : path) {
    const bool letter_or_digit =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter_or_digit || kept.find(c) != std::string_view::npos) {
      uri += c;
    } else {
      uri += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return uri;
}

// SARIF 2.1.0, as code-scanning services read it.
class SarifOutput final : public ViolationOutput {
 public:
  explicit SarifOutput(std::string tape) : tape_(std::move(tape)) {}

  Result<void> begin() override {
    Json rules = Json::array();
    for (const MessageRule& rule : message_rules()) {
      rules.push_back({{"id", rule.name}, {"shortDescription", {{"text", rule.meaning}}}});
    }
    for (const StreamFact& fact : stream_facts()) {
      rules.push_back({{"id", fact.name}, {"shortDescription", {{"text", fact.meaning}}}});
    }
    return print(
        fmt::format("{{\"version\":\"2.1.0\",\"$schema\":"
                    "\"https://json.schemastore.org/sarif-2.1.0.json\",\"runs\":[{{"
                    "\"tool\":{{\"driver\":{{\"name\":\"autotape\",\"rules\":{}}}}},"
                    "\"results\":[",
                    write_document(rules)));
  }

  Result<void> add(const LocatedViolation& located) override {
    const Violation& violation = located.violation;
    Json result;
    result["ruleId"] = violation.rule;
    result["level"] = name_of(violation.severity);
    result["message"] = {{"text", sentence(located)}};
    result["locations"] = Json::array(
        {{{"physicalLocation", place()},
          {"logicalLocations",
           Json::array({{{"fullyQualifiedName",
                          fmt::format("message {}{}", located.message, violation.instance)}}})}}});
    return print_result(result);
  }

  Result<void> add(const DeniedFact& fact) override {
    if (fact.count == 0) {
      return {};
    }
    return print_result({{"ruleId", fact.name},
                         {"level", "error"},
                         {"message", {{"text", sentence(fact)}}},
                         {"locations", Json::array({{{"physicalLocation", place()}}})}});
  }

  Result<void> end() override { return print("\n]}]}\n"); }

 private:
  // Code-scanning services show a result at a line, and refuse one without. A tape's messages have
  // numbers, which the logical location tells.
  Json place() const {
    return {{"artifactLocation", {{"uri", uri_of_path(tape_)}}}, {"region", {{"startLine", 1}}}};
  }

  Result<void> print_result(const Json& result) {
    const std::string_view separator = first_ ? "\n" : ",\n";
    first_ = false;
    return print(fmt::format("{}{}", separator, write_document(result)));
  }

  std::string tape_;
  bool first_ = true;
};

// Workflow commands of GitHub Actions.
class GithubOutput final : public ViolationOutput {
 public:
  explicit GithubOutput(std::string tape) : tape_(std::move(tape)) {}

  Result<void> add(const LocatedViolation& located) override {
    return print(fmt::format("::{} file={},title={}::{}\n", name_of(located.violation.severity),
                             escaped(tape_, ":,"), located.violation.rule,
                             escaped(sentence(located), "")));
  }

  Result<void> add(const DeniedFact& fact) override {
    return fact.count == 0 ? Result<void>()
                           : print(fmt::format("::error file={},title={}::{}\n",
                                               escaped(tape_, ":,"), fact.name, sentence(fact)));
  }

 private:
  static std::string escaped(std::string_view text, std::string_view more) {
    std::string out;
    for (const char c : text) {
      if (c == '%' || c == '\r' || c == '\n' || more.find(c) != std::string_view::npos) {
        out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
      } else {
        out += c;
      }
    }
    return out;
  }

  std::string tape_;
};

}  // namespace

const std::vector<std::string>& violation_formats() {
  static const std::vector<std::string> formats = {"text", "ndjson", "junit", "sarif", "github"};
  return formats;
}

std::unique_ptr<ViolationOutput> make_violation_output(const std::string& format,
                                                       const std::string& tape) {
  if (format == "ndjson") {
    return std::make_unique<NdjsonOutput>();
  }
  if (format == "junit") {
    return std::make_unique<JunitOutput>();
  }
  if (format == "sarif") {
    return std::make_unique<SarifOutput>(tape);
  }
  if (format == "github") {
    return std::make_unique<GithubOutput>(tape);
  }
  return std::make_unique<TextOutput>();
}

}  // namespace autotape
