#include "message/envelope.hpp"

#include <doctest/doctest.h>

#include "core/rfc3339.hpp"

using namespace autotape;

TEST_CASE("A V1 message has the readings of one property") {
  EnvelopeReader reader;
  const auto envelope = reader.read(R"({"message_id":"AB","version":1,"vin":"VF1",
    "capability":"diagnostics","property":"odometer","data":{"diagnostics":{"odometer":
    {"data":{"unit":"kilometers","value":100},"timestamp":"2021-11-01T10:33:10.000Z"}}}})");
  REQUIRE(envelope);
  CHECK((*envelope)->message_id == "AB");
  CHECK((*envelope)->version == StreamVersion::v1);
  REQUIRE((*envelope)->readings.size() == 1);
  const Reading& reading = (*envelope)->readings[0];
  CHECK(reading.capability == "diagnostics");
  CHECK(reading.property == "odometer");
  CHECK(reading.timestamp == parse_rfc3339_as<DataClock>("2021-11-01T10:33:10Z"));
  CHECK(reader.reading_text(0) ==
        R"({"data":{"unit":"kilometers","value":100},"timestamp":"2021-11-01T10:33:10.000Z"})");
}

TEST_CASE("Two readings have one hash exactly if they have one text") {
  EnvelopeReader reader;
  REQUIRE(reader.read(R"({"message_id":"AB","vin":"VF1","data":{"c":{"p":[
    {"data":{"a":1,"b":2}},  {"data": {"a": 1, "b": 2}},
    {"data":{"b":2,"a":1}},  {"data":{"a":{"b":2}}},   {"data":{"a":{}},"b":2}, {"data":[1,2]},
    {"data":[[1],2]},        {"data":[[1,2]]},         {"data":1},              {"data":1.0},
    {"data":-1},             {"data":18446744073709551615}, {"data":"1"},       {"data":true},
    {"data":null},           {"data":[]},              {"data":{}},             {"data":0.5},
    null,                    "data",                   {}
  ]}}})"));
  constexpr std::size_t count = 21;
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t k = 0; k < count; ++k) {
      CAPTURE(reader.reading_text(i));
      CAPTURE(reader.reading_text(k));
      CHECK((reader.reading_hash(i) == reader.reading_hash(k)) ==
            (reader.reading_text(i) == reader.reading_text(k)));
    }
  }
}

TEST_CASE("The items of a list property are readings of their own") {
  EnvelopeReader reader;
  const auto envelope = reader.read(R"({"message_id":"AB","version":1,"vin":"VF1","data":{"doors":
    {"locks":[{"data":1,"timestamp":"2021-11-01T10:33:10Z"},{"data":2}]}}})");
  REQUIRE(envelope);
  REQUIRE((*envelope)->readings.size() == 2);
  CHECK((*envelope)->readings[1].item == 1);
  CHECK_FALSE((*envelope)->readings[1].timestamp);
}

TEST_CASE("A reading whose timestamp is none is told from one that has none") {
  EnvelopeReader reader;
  REQUIRE(reader.read(R"({"message_id":"AB","vin":"V","data":{"c":{"p":[
    {"timestamp":"2021-11-01T10:33:10Z"}, {"data":1}, {"timestamp":"2026-13-45T25:61:99Z"},
    {"timestamp":7}, {"timestamp":null}, "none"]}}})"));
  std::vector<bool> unreadable;
  for (std::size_t i = 0; i < 6; ++i) {
    unreadable.push_back(reader.is_unreadable(i));
  }
  CHECK(unreadable == std::vector{false, false, true, true, true, true});
}

TEST_CASE("A V2 message carries many readings, and its newest one counts") {
  EnvelopeReader reader;
  const auto envelope = reader.read(R"({"message_id":"AB","version":2,"vin":"VF1","data":{
    "diagnostics":{"odometer":[{"timestamp":"2021-11-01T10:00:00Z"}],
                   "speed":[{"timestamp":"2021-11-01T11:00:00Z"}]},
    "doors":{"locks":[{},{}]}}})");
  REQUIRE(envelope);
  CHECK((*envelope)->version == StreamVersion::v2);
  CHECK((*envelope)->readings.size() == 4);
  CHECK((*envelope)->newest() == parse_rfc3339_as<DataClock>("2021-11-01T11:00:00Z"));
}

TEST_CASE("What is no envelope is refused with the place") {
  EnvelopeReader reader;
  CHECK(reader.read("{").error().what == "is not JSON");
  CHECK(reader.read("[]").error().what == "is not a JSON object");
  CHECK(reader.read("{}").error().where == "/message_id");
  CHECK(reader.read(R"({"message_id":"A","vin":"V","data":{"doors":1}})").error().where ==
        "/data/doors");
}
