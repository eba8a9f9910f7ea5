#include "schema/message_rules.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace autotape;

namespace {

const std::string good_topic = "live/level13/1FBBEDED80595912588FF4FF/VF1/diagnostics/get/odometer";
const std::string good_payload =
    R"({"message_id":"AB","version":1,"vin":"VF1","capability":"diagnostics","property":"odometer",)"
    R"("data":{"diagnostics":{"odometer":{"data":{"unit":"kilometers","value":100}}}}})";

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  text.replace(text.find(from), from.size(), to);
  return text;
}

// "rule pointer" of each violation, sorted.
std::vector<std::string> faults(const std::string& topic, const std::string& payload) {
  MessageRules rules;
  std::vector<Violation> violations;
  Message message;
  message.topic = topic;
  message.payload = payload;
  rules.check(message, violations);
  std::vector<std::string> names;
  for (const Violation& violation : violations) {
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
  CHECK(payload_faults(R"("vin":"VF1")", R"("vin":"VF2")") == Faults{"vin-agreement /vin"});
  CHECK(payload_faults(R"("capability":"diagnostics")", R"("capability":"doors")") ==
        Faults{"capability-agreement /capability", "capability-agreement /data",
               "capability-agreement /data/diagnostics"});
  CHECK(
      payload_faults(R"({"odometer":)", R"({"speed":)") ==
      Faults{"property-agreement /data/diagnostics", "property-agreement /data/diagnostics/speed"});
}

TEST_CASE("What is no JSON object says so") {
  CHECK(faults(good_topic, "") == Faults{"json "});
  CHECK(faults(good_topic, "[]") == Faults{"json "});
  CHECK(faults(good_topic, "\xFF\xFE") == Faults{"json "});
}
