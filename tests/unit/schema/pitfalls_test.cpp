// What validators of this stream were seen to get wrong. Each case is judged twice: as a stream is,
// and without the fast look.
#include <algorithm>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "schema/message_check.hpp"
#include "schema/message_validator.hpp"

using namespace autotape;

namespace {

constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};  // 2029

const MessageSchemas& schemas() {
  static const MessageSchemas made = MessageSchemas::built_in();
  return made;
}

// The rules that a message breaks, warnings left out.
std::vector<std::string> errors_of(const std::string& capability, const std::string& property,
                                   const std::string& property_object) {
  const std::string topic = fmt::format(
      "live/level13/1FBBEDED80595912588FF4FF/VF1AAAAA55B123456/{}/get/{}", capability, property);
  const std::string payload = fmt::format(
      R"({{"message_id":"AB","version":1,"vin":"VF1AAAAA55B123456","capability":"{}","property":"{}",)"
      R"("data":{{"{}":{{"{}":{}}}}}}})",
      capability, property, capability, property, property_object);
  std::vector<Violation> thorough;
  check_message(topic, payload, StreamVersion::v1, schemas().exact(StreamVersion::v1), latest,
                thorough);
  std::vector<std::string> errors;
  for (const Violation& violation : thorough) {
    if (violation.severity == Severity::error) {
      errors.emplace_back(violation.rule);
    }
  }
  MessageValidator validator(schemas());
  const MessageView message{topic, payload, latest};
  std::vector<MessageViolation> found;
  validator.check({&message, 1}, found);
  REQUIRE(found.size() == thorough.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].violation == thorough[i]);
  }
  return errors;
}

using Errors = std::vector<std::string>;
const Errors none;
const Errors schema_error = {"schema"};
const Errors no_json = {"json"};

Errors odometer(const std::string& value) {
  return errors_of("diagnostics", "odometer",
                   fmt::format(R"({{"data":{{"unit":"kilometers","value":{}}}}})", value));
}

Errors timestamp(const std::string& text) {
  return errors_of("diagnostics", "odometer", fmt::format(R"({{"timestamp":"{}"}})", text));
}

Errors red(const std::string& integer) {  // without limits
  return errors_of("lights", "ambient_light_colour",
                   fmt::format(R"({{"data":{{"red":{},"green":0,"blue":0}}}})", integer));
}

Errors gear(const std::string& integer) {  // from -128 to 127
  return errors_of("race", "selected_gear", fmt::format(R"({{"data":{}}})", integer));
}

}  // namespace

TEST_CASE("Pitfall: a number without fraction is an integer, however it is written") {
  for (const char* literal : {"1", "1.0", "1e2", "-0", "1.50e1", "18446744073709551616",
                              "-18446744073709551617", "1e300", "100000000000000000000000.0"}) {
    CAPTURE(literal);
    CHECK(red(literal) == none);
  }
  for (const char* literal : {"1.5", "9007199254740993.5", "1e-1", "\"1\"", "true", "null"}) {
    CAPTURE(literal);
    CHECK(red(literal) == schema_error);
  }
}

TEST_CASE("Pitfall: limits hold to the last digit, also beyond 64 bits") {
  for (const char* literal : {"127", "-128", "127.0", "1.27e2", "-1.28E+2"}) {
    CAPTURE(literal);
    CHECK(gear(literal) == none);
  }
  for (const char* literal : {"128", "-129", "127.5", "18446744073709551616", "1e300",
                              "-9223372036854775809", "127.00000000000000000000001"}) {
    CAPTURE(literal);
    const Errors errors = gear(literal);
    CHECK_FALSE(errors.empty());
    CHECK(std::all_of(errors.begin(), errors.end(),
                      [](const auto& rule) { return rule == "schema"; }));
  }
}

TEST_CASE("Pitfall: numbers beyond a double, and what is no number of JSON") {
  for (const char* literal : {"1e400", "-1e400", "NaN", "Infinity", "-Infinity", "+1", "01", ".5",
                              "1.", "0x10", "1e", "--1"}) {
    CAPTURE(literal);
    CHECK(odometer(literal) == no_json);
  }
  CHECK(odometer("1e-400") == none);
  CHECK(odometer("1e308") == none);
}

TEST_CASE("Pitfall: timestamps are RFC 3339") {
  for (const char* text :
       {"2021-11-01T10:33:10Z", "2021-11-01t10:33:10z", "2021-11-01T10:33:10.123456789012Z",
        "2024-02-29T00:00:00Z", "2016-12-31T23:59:60Z", "2017-01-01T00:59:60+01:00",
        "2021-11-01T10:33:10-00:00"}) {
    CAPTURE(text);
    CHECK(timestamp(text) == none);
  }
  for (const char* text :
       {"2021-11-01 10:33:10Z", "2021-11-01T10:33:10", "2021-11-01T10:33:10+01",
        "2021-11-01T10:33:10+0100", "21-11-01T10:33:10Z", "12021-11-01T10:33:10Z",
        "2023-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2021-11-01T24:00:00Z",
        "2016-12-31T22:59:60Z", "2016-12-31T23:59:60+01:00", "2021-11-01T10:33:10.Z",
        "2021-11-01T10:33:10,5Z", "2021-11-01T10:33:60Z", "2021-11-31T10:33:10Z", ""}) {
    CAPTURE(text);
    CHECK(timestamp(text) == schema_error);
  }
}

TEST_CASE("Pitfall: bytes that are no UTF-8, and halves of surrogate pairs") {
  for (const char* text : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xC3",
                           "\\uD800", "\\uDC00\\uD800", "\\uD83Dx", "\\x41", "\n"}) {
    CAPTURE(text);
    CHECK(odometer(fmt::format("\"{}\"", text)) == no_json);
  }
  CHECK(odometer("\"\\uD83D\\uDE00\"") == schema_error);  // whole, and no number
}

TEST_CASE("Pitfall: member names that come twice, also where one is written with escapes") {
  CHECK(odometer(R"(1,"value":1)") == Errors{"duplicate-member"});
  CHECK(odometer(R"(1,"v\u0061lue":1)") == Errors{"duplicate-member"});
  CHECK(
      errors_of(
          "diagnostics", "odometer",
          R"({"data":{"unit":"miles","v\u0061lue":1},"time\u0073tamp":"2021-11-01T10:33:10Z"})") ==
      none);
  CHECK(errors_of("diagnostics", "odometer", R"({"data":{"unit":"mile\u0073","value":1}})") ==
        none);
}

TEST_CASE("Pitfall: bytes behind the end, and an end that is missing") {
  MessageValidator validator(schemas());
  const std::string topic = "live/level13/48aa1779-91c2-468e-97e9-ab112efd53b9";
  const std::string payload =
      R"({"version":2,"message_id":"AB","application_id":"48aa1779-91c2-468e-97e9-ab112efd53b9",)"
      R"("vin":"VF1AAAAA55B123456","data":{"race":{"vehicle_moving":[{"data":"moving"}]}}})";
  const auto rules = [&](const std::string& text) {
    const MessageView message{topic, text, latest};
    std::vector<MessageViolation> found;
    validator.check({&message, 1}, found);
    Errors errors;
    for (const auto& [place, violation] : found) {
      errors.emplace_back(violation.rule);
    }
    return errors;
  };
  CHECK(rules(payload) == none);
  CHECK(rules(" \r\n\t" + payload + " \r\n\t") == none);
  for (const char* more : {"x", "}", "{}", ",", "\xEF\xBB\xBF"}) {
    CAPTURE(more);
    CHECK(rules(payload + more) == no_json);
  }
  CHECK(rules(payload + std::string(1, '\0')) == no_json);
  CHECK(rules("\xEF\xBB\xBF" + payload) == no_json);
  CHECK(rules(payload.substr(0, payload.size() - 1)) == no_json);
  CHECK(rules("") == no_json);
}

TEST_CASE("Pitfall: half a million levels") {
  for (const std::string opening : {"[", "{\"a\":"}) {
    std::string deep;
    for (int i = 0; i < 500'000; ++i) {
      deep += opening;
    }
    CHECK(odometer(deep) == no_json);
  }
  CHECK(odometer(std::string(500'000, '[') + std::string(500'000, ']')) == no_json);
}

TEST_CASE("Pitfall: a value of any size stays a value") {
  CHECK(odometer(std::string(300, '9')) == none);
  CHECK(odometer("0." + std::string(100'000, '1')) == none);
  CHECK(odometer("\"" + std::string(1'000'000, 'x') + "\"") == schema_error);
}

TEST_CASE("Pitfall: a capability without properties is valid data, though no message of V1") {
  const auto tree = JsonTree::parse(R"({"diagnostics":{}})", "");
  CHECK(schemas().exact(StreamVersion::v1)->accepts(tree->root()));
  const auto two = JsonTree::parse(R"({"diagnostics":{},"race":{}})", "");
  CHECK_FALSE(schemas().exact(StreamVersion::v1)->accepts(two->root()));
  const auto unknown = JsonTree::parse(R"({"diagnostic":{}})", "");
  CHECK_FALSE(schemas().exact(StreamVersion::v1)->accepts(unknown->root()));
}
