#include "schema/message_check.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "schema/message_validator.hpp"

using namespace autotape;

namespace {

const std::string good_topic =
    "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/diagnostics/get/odometer";
const std::string good_payload =
    R"({"message_id":"AB","version":1,"vin":"WATDEMEV7TRA1N002","capability":"diagnostics","property":"odometer",)"
    R"("data":{"diagnostics":{"odometer":{"data":{"unit":"kilometers","value":100}}}}})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};  // 2029

const MessageSchemas& schemas() {
  static const MessageSchemas made = MessageSchemas::built_in();
  return made;
}

// "rule pointer" of each violation, sorted.
std::vector<std::string> faults(const std::string& topic, const std::string& payload) {
  MessageValidator validator(schemas());
  const MessageView message{topic, payload, latest};
  std::vector<MessageViolation> found;
  validator.check({&message, 1}, found);
  std::vector<std::string> names;
  for (const auto& [place, violation] : found) {
    names.push_back(std::string(violation.rule) + " " + violation.instance);
  }
  std::sort(names.begin(), names.end());
  return names;
}

using Faults = std::vector<std::string>;

}  // namespace

TEST_CASE("A message of the provider's form breaks no rule") {
  CHECK(faults(good_topic, good_payload).empty());
}

TEST_CASE("The topic's grammar") {
  const auto topic_faults = [](const std::string& from, const std::string& to) {
    return faults(replaced(good_topic, from, to), good_payload);
  };
  CHECK(topic_faults("live/", "test/") == Faults{"topic "});
  CHECK(topic_faults("level13", "level12") == Faults{"topic "});
  CHECK(topic_faults("1FBB", "1fbb") == Faults{"topic "});
  CHECK(topic_faults("/get/", "/set/") == Faults{"topic "});
  CHECK(topic_faults("/odometer", "") == Faults{"topic "});
}

TEST_CASE("The envelope's members") {
  const auto payload_faults = [](const std::string& from, const std::string& to) {
    return faults(good_topic, replaced(good_payload, from, to));
  };
  CHECK(payload_faults(R"("message_id":"AB",)", "") == Faults{"envelope /message_id"});
  CHECK(payload_faults(R"("AB")", "7") == Faults{"envelope /message_id"});
  CHECK(payload_faults(R"("version":1)", R"("version":"1")") == Faults{"envelope /version"});
  CHECK(payload_faults(R"("data":{"diag)", R"("date":{"diag)") ==
        Faults{"envelope /data", "extra-member /date"});
  CHECK(payload_faults("{\"message_id", "[{\"message_id") == Faults{"json "});
}

TEST_CASE("Topic, envelope and data speak of the same car, capability and property") {
  const auto payload_faults = [](const std::string& from, const std::string& to) {
    return faults(good_topic, replaced(good_payload, from, to));
  };
  CHECK(payload_faults(R"("vin":"WATDEMEV7TRA1N002")", R"("vin":"WATDEMEV7TRA1N003")") ==
        Faults{"vin-agreement /vin"});
  CHECK(payload_faults(R"("capability":"diagnostics")", R"("capability":"doors")") ==
        Faults{"capability-agreement /capability", "capability-agreement /data",
               "capability-agreement /data/diagnostics"});
  CHECK(payload_faults(R"({"odometer":)", R"({"speed":)") ==
        Faults{"property-agreement /data/diagnostics", "property-agreement /data/diagnostics/speed",
               "schema /data/diagnostics/speed/data/unit"});
}

TEST_CASE("What is no JSON object says so") {
  CHECK(faults(good_topic, "") == Faults{"json "});
  CHECK(faults(good_topic, "[]") == Faults{"json "});
  CHECK(faults(good_topic, "\xFF\xFE") == Faults{"json "});
}

TEST_CASE("The data is what the schema asks for, and each violation is at its place") {
  const auto data_faults = [](const std::string& from, const std::string& to) {
    return faults(good_topic, replaced(good_payload, from, to));
  };
  const std::string at = "schema /data/diagnostics/odometer";
  CHECK(data_faults("kilometers", "kilograms") == Faults{at + "/data/unit"});
  CHECK(data_faults(R"(,"value":100)", "") == Faults{at + "/data"});
  CHECK(data_faults("100", R"("100")") == Faults{at + "/data/value"});
  CHECK(data_faults("100}", R"(100,"extra":1})") == Faults{at + "/data/extra"});
  CHECK(data_faults(R"({"data":{"unit":"kilometers","value":100}})", "{}") == Faults{at});
  CHECK(data_faults("100}", R"(100},"timestamp":"2021-11-01 10:33:10Z")") ==
        Faults{at + "/timestamp"});
  CHECK(data_faults("100}", R"(100},"timestamp":"2021-11-01t10:33:10.5+01:00")").empty());
}

TEST_CASE("Names that come twice are errors, whichever a parser would take") {
  CHECK(faults(good_topic, replaced(good_payload, "100", R"(100,"value":100)")) ==
        Faults{"duplicate-member /data/diagnostics/odometer/data/value"});
  CHECK(
      faults(good_topic, replaced(good_payload, R"("version":1)", R"("version":1,"version":1)")) ==
      Faults{"duplicate-member /version"});
}

TEST_CASE("Numbers: of any size and form, but within a double") {
  for (const char* number :
       {"1e2", "-0", "18446744073709551616", "9007199254740993.5", "1e308", "1e-400"}) {
    CAPTURE(number);
    CHECK(faults(good_topic, replaced(good_payload, "100", number)).empty());
  }
  CHECK(faults(good_topic, replaced(good_payload, "100", "1e400")) == Faults{"json "});
  CHECK(faults(good_topic, replaced(good_payload, "100", "NaN")) == Faults{"json "});
}

TEST_CASE("What no car sends is a warning") {
  const auto timestamp = [](const std::string& text) {
    return faults(good_topic,
                  replaced(good_payload, "100}", "100},\"timestamp\":\"" + text + "\""));
  };
  const Faults out_of_range{"timestamp-range /data/diagnostics/odometer/timestamp"};
  CHECK(timestamp("2021-11-01T10:33:10Z").empty());
  CHECK(timestamp("2009-12-31T23:59:59Z") == out_of_range);
  CHECK(timestamp("2010-01-01T00:30:00+01:00") == out_of_range);
  CHECK(timestamp("2030-01-01T00:00:00Z") == out_of_range);
  CHECK(timestamp("9999-01-01T00:00:00Z") == out_of_range);

  const auto message = [](const std::string& capability, const std::string& property,
                          const std::string& data) {
    const std::string topic = "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/" +
                              capability + "/get/" + property;
    return faults(topic,
                  R"({"message_id":"AB","version":1,"vin":"WATDEMEV7TRA1N002","capability":")" +
                      capability + R"(","property":")" + property + R"(","data":{")" + capability +
                      R"(":{")" + property + R"(":{"data":)" + data + "}}}}");
  };
  CHECK(message("diagnostics", "fuel_level", "0.5").empty());
  CHECK(message("diagnostics", "fuel_level", "1.0").empty());
  CHECK(message("diagnostics", "fuel_level", "1.01") ==
        Faults{"percentage-range /data/diagnostics/fuel_level/data"});
  CHECK(message("diagnostics", "fuel_level", "-0.1") ==
        Faults{"percentage-range /data/diagnostics/fuel_level/data"});
  CHECK(message("vehicle_location", "coordinates", R"({"latitude":90,"longitude":-180})").empty());
  CHECK(message("vehicle_location", "coordinates", R"({"latitude":-90.1,"longitude":180.5})") ==
        Faults{"coordinate-range /data/vehicle_location/coordinates/data/latitude",
               "coordinate-range /data/vehicle_location/coordinates/data/longitude"});
  CHECK(message("diagnostics", "mileage", R"({"unit":"miles","value":1})") ==
        Faults{"deprecated-property /data/diagnostics/mileage"});
}

TEST_CASE("A VIN has its form everywhere and its check digit where the law asks for one") {
  const auto vin = [](const std::string& text) {
    std::string topic = good_topic;
    std::string payload = good_payload;
    return faults(replaced(topic, "WATDEMEV7TRA1N002", text),
                  replaced(payload, "WATDEMEV7TRA1N002", text));
  };
  CHECK(vin("1M8GDM9AXKP042788").empty());
  CHECK(vin("1M8GDM9A1KP042788") == Faults{"vin-check-digit /vin"});
  CHECK(vin("VF1AAAAA55B123456").empty());
  CHECK(vin("VFXXXXXXXXXXXXX") == Faults{"vin-form /vin"});
  CHECK(vin("VF1AAAAAI5B123456") == Faults{"vin-form /vin"});
}

TEST_CASE("V2: many capabilities, each property an array, other envelope members allowed") {
  const std::string topic = "live/level13/48aa1779-91c2-468e-97e9-ab112efd53b9";
  const std::string payload =
      R"({"version":2,"message_id":"AB","application_id":"48aa1779-91c2-468e-97e9-ab112efd53b9",)"
      R"("vin":"WATDEMEV7TRA1N002","sent":"now","data":{"diagnostics":{"odometer":[{"data":)"
      R"({"value":1,"unit":"miles"}}]},"race":{"vehicle_moving":[{"data":"moving"}]}}})";
  CHECK(faults(topic, payload).empty());
  CHECK(faults(topic, replaced(payload, "\"version\":2", "\"version\":1")) ==
        Faults{"envelope /version"});
  CHECK(faults(topic, replaced(payload, "b9\",\"vin", "b8\",\"vin")) ==
        Faults{"application-agreement /application_id"});
  CHECK(faults(topic, replaced(payload, "miles", "leagues")) ==
        Faults{"schema /data/diagnostics/odometer/0/data/unit"});
  CHECK(faults(topic, replaced(payload, "\"race\"", "\"rocket\"")) ==
        Faults{"unknown-capability /data/rocket"});
  CHECK(faults(replaced(topic, "48aa", "48AA"), payload) ==
        Faults{"application-agreement /application_id", "topic "});
}
