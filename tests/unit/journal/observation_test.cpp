#include "journal/observation.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

std::string refusal(std::string_view line) {
  ObservationReader reader;
  const auto read = reader.read(line);
  return read ? "read" : read.error().line();
}

}  // namespace

TEST_CASE("A line with a message id says that the message was handled") {
  ObservationReader reader;
  for (const char* line :
       {R"({"message_id":"A1"})", R"({"message_id": "A1"})", R"({ "message_id" : "A1" })",
        R"({"message_id":"\u00411"})", R"({"at":5,"message_id":"A1"})"}) {
    CAPTURE(line);
    const auto read = reader.read(line);
    REQUIRE(read.ok());
    CHECK((*read)->kind == ObservationKind::handled);
    CHECK((*read)->message_id == "A1");
    CHECK((*read)->readings.empty());
  }
}

TEST_CASE("A handled message may name the readings that were applied") {
  ObservationReader reader;
  const auto read = reader.read(
      R"({"message_id":"A1","readings":[
          {"vin":"V","capability":"doors","property":"locks","item":2,
           "timestamp":"2021-11-01T10:33:10.5Z","value":{"b":1.0,"a":"x"},"applied":false},
          {"vin":"V","capability":"doors","property":"position"}]})");
  REQUIRE(read.ok());
  REQUIRE((*read)->readings.size() == 2);
  const ObservedReading& first = (*read)->readings[0];
  CHECK(first.vin == "V");
  CHECK(first.capability == "doors");
  CHECK(first.property == "locks");
  CHECK(first.item == 2);
  CHECK(first.timestamp->time_since_epoch() == std::chrono::milliseconds(1635762790500));
  CHECK(first.value == R"({"a":"x","b":1})");
  CHECK_FALSE(first.applied);
  const ObservedReading& second = (*read)->readings[1];
  CHECK(second.item == 0);
  CHECK(second.applied);
  CHECK_FALSE(second.timestamp);
  CHECK_FALSE(second.value);
}

TEST_CASE("Equal values have one text, however they are written") {
  ObservationReader reader;
  const auto value = [&](const std::string& text) {
    const auto read = reader.read(
        R"({"state":{"vin":"V","capability":"c","property":"p","value":)" + text + "}}");
    return read ? std::string((*read)->readings[0].value.value_or("none")) : read.error().line();
  };
  CHECK(value("1") == value("1.0"));
  CHECK(value("1e2") == "100");
  CHECK(value("1e300") == value("10e299"));
  CHECK(value("-0.5") == value("-5e-1"));
  CHECK(value("18446744073709551615") == "18446744073709551615");
  CHECK(value(R"({"b":[1, 2],"a":null})") == value(R"({"a":null,"b":[1.0,2]})"));
  CHECK(value(R"("\u0061")") == R"("a")");
  CHECK(value("[1,2]") != value("[2,1]"));
}

TEST_CASE("A refused message and a state line are told apart") {
  ObservationReader reader;
  auto read = reader.read(R"({"rejected":{"message_id":"A1","reason":"no JSON"}})");
  REQUIRE(read.ok());
  CHECK((*read)->kind == ObservationKind::rejected);
  CHECK((*read)->message_id == "A1");
  CHECK((*read)->reason == "no JSON");

  read = reader.read(
      R"({"state":{"vin":"V","capability":"c","property":"p","value":3,"applied":false}})");
  REQUIRE(read.ok());
  CHECK((*read)->kind == ObservationKind::state);
  REQUIRE((*read)->readings.size() == 1);
  CHECK((*read)->readings[0].applied);
}

TEST_CASE("A reading whose timestamp is none is taken without it, and that is said") {
  ObservationReader reader;
  const auto read = reader.read(
      R"({"message_id":"A1","readings":[
          {"vin":"V","capability":"c","property":"p","timestamp":null},
          {"vin":"V","capability":"c","property":"q","timestamp":"2026-13-45T25:61:99Z","value":1},
          {"vin":"V","capability":"c","property":"r","timestamp":1635762790500}]})");
  REQUIRE(read.ok());
  CHECK((*read)->fault == "/readings/1/timestamp: is not an RFC 3339 date-time");
  REQUIRE((*read)->readings.size() == 3);
  CHECK_FALSE((*read)->readings[1].timestamp);
  CHECK((*read)->readings[1].value == "1");
  REQUIRE(reader.read(R"({"message_id":"A2"})").ok());
  CHECK((*read)->fault.empty());
}

TEST_CASE("Any other line is unreadable, with its reason") {
  CHECK(refusal("") == "is empty, not JSON");
  CHECK(refusal("hello") == "is not JSON");
  CHECK(refusal("[1]") == "is not a JSON object");
  CHECK(refusal("{}") == R"(has none of "message_id", "rejected" and "state")");
  CHECK(refusal(R"({"message_id":""})") == "/message_id: is not a string with an id");
  CHECK(refusal(R"({"message_id":7})") == "/message_id: is not a string with an id");
  CHECK(refusal(R"({"message_id":"A1"}})") != "read");
  CHECK(refusal(R"({"message_id":"A1","readings":{}})") == "/readings: is not an array");
  CHECK(refusal(R"({"message_id":"A1","readings":[{"vin":"V"}]})") ==
        "/readings/0/capability: is not a string");
  CHECK(refusal(R"({"state":{"vin":"V","capability":"c","property":"p","item":-1}})") ==
        "/state/item: is not the place in a list");
  CHECK(refusal(R"({"rejected":{"reason":"x"}})") ==
        "/rejected/message_id: is not a string with an id");
}
