#include "anonymize/payload_rewriter.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

// Makes visible what is replaced, and as what.
class Marked final : public Substitution {
 public:
  std::string_view text(std::string_view) override { return "TEXT"; }
  std::string_view date_time(std::string_view) override { return "TIME"; }
  std::string_view number(std::string_view) override { return "0"; }
  std::string_view coordinate(Axis axis, std::string_view, std::string_view vin) override {
    car = vin;
    return axis == Axis::latitude ? "1" : "2";
  }
  std::string car;
};

struct Rewriting {
  Marked marked;
  Harmless harmless;
  PayloadRewriter rewriter;

  explicit Rewriting(const std::vector<std::string>& keep = {})
      : harmless(*Harmless::with(keep)), rewriter(marked, harmless) {}

  std::string of(std::string_view payload) {
    REQUIRE(rewriter.rewrite(payload, "CAR OF THE TOPIC"));
    return rewriter.out();
  }
};

std::string rewritten(std::string_view payload, const std::vector<std::string>& keep = {}) {
  return Rewriting(keep).of(payload);
}

std::string data(std::string_view inner, const std::vector<std::string>& keep = {}) {
  constexpr std::string_view before = R"({"data":)";
  const std::string all = rewritten(std::string(before).append(inner).append("}"), keep);
  return all.substr(before.size(), all.size() - before.size() - 1);
}

}  // namespace

TEST_CASE("Only personal parts change; every other byte stays, white space and escapes too") {
  CHECK(rewritten(
            "{ \"message_id\" : \"A\\u0041\", \"version\": 1,\n\t\"vin\":\"V\", "
            "\"capability\":\"diagnostics\", \"property\" : \"odometer\", \"data\":{ "
            "\"diagnostics\": {\"odometer\": {\"data\":{\"unit\":\"kilo\\u006deters\",\"value\": "
            "1.50e2 },\"timestamp\" :\"2026-03-01T07:00:00Z\"} } } } ") ==
        "{ \"message_id\" : \"TEXT\", \"version\": 1,\n\t\"vin\":\"TEXT\", "
        "\"capability\":\"diagnostics\", \"property\" : \"odometer\", \"data\":{ "
        "\"diagnostics\": {\"odometer\": {\"data\":{\"unit\":\"kilo\\u006deters\",\"value\": "
        "1.50e2 },\"timestamp\" :\"TIME\"} } } } ");
}

TEST_CASE("Free text, coordinates, and what is no value of an enumeration are replaced") {
  CHECK(data(R"({"trips":{"driver_name":{"data":"Alice"}}})") ==
        R"({"trips":{"driver_name":{"data":"TEXT"}}})");
  CHECK(
      data(R"({"vehicle_location":{"coordinates":{"data":{"latitude":52.5,"longitude":13.4}}}})") ==
      R"({"vehicle_location":{"coordinates":{"data":{"latitude":1,"longitude":2}}}})");
  CHECK(data(R"({"ignition":{"state":{"data":"on"}}})") ==
        R"({"ignition":{"state":{"data":"on"}}})");
  CHECK(data(R"({"ignition":{"state":{"data":"Alice"}}})") ==
        R"({"ignition":{"state":{"data":"TEXT"}}})");
  CHECK(
      data(
          R"({"doors":{"locks":[{"data":{"location":"front_left","lock_state":"locked"}},{"failure":{"reason":"unknown","description":"of Alice"}}]}})") ==
      R"({"doors":{"locks":[{"data":{"location":"front_left","lock_state":"locked"}},{"failure":{"reason":"unknown","description":"TEXT"}}]}})");
}

TEST_CASE(
    "What the catalogue does not know is replaced, names too, but not times, truths and nulls") {
  CHECK(
      data(
          R"({"telepathy":{"thought":[{"data":{"of":"Alice","sure":true,"age":7,"unit":null},"timestamp":"2026-03-01T07:00:00Z"}]}})") ==
      R"({"TEXT":{"TEXT":[{"data":{"TEXT":"TEXT","TEXT":true,"TEXT":0,"unit":null},"timestamp":"TIME"}]}})");
  CHECK(rewritten(R"({"note":["Alice",1],"timestamp":"2026-03-01T07:00:00Z"})") ==
        R"({"TEXT":["TEXT",0],"timestamp":"TIME"})");
}

TEST_CASE("A value of another type than the catalogue's is replaced") {
  CHECK(data(R"({"diagnostics":{"fuel_level":{"data":"Alice"},"speed":{"data":[52.5]}}})") ==
        R"({"diagnostics":{"fuel_level":{"data":"TEXT"},"speed":{"data":[0]}}})");
  CHECK(data(R"({"diagnostics":{"speed":{"data":{"unit":5,"value":"Alice","driver":"Alice"}}}})") ==
        R"({"diagnostics":{"speed":{"data":{"unit":0,"value":"TEXT","TEXT":"TEXT"}}}})");
  CHECK(data(R"(["Alice"])") == R"(["TEXT"])");
  CHECK(rewritten(R"("Alice")") == R"("TEXT")");
  CHECK(rewritten(R"( 52.5 )") == R"( 0 )");
}

TEST_CASE("What is kept stays whole, at its place only") {
  CHECK(data(R"({"trips":{"description":{"data":"to A"},"start_address":{"data":"A"}}})",
             {"trips.description"}) ==
        R"({"trips":{"description":{"data":"to A"},"start_address":{"data":"TEXT"}}})");
  CHECK(
      data(
          R"({"diagnostics":{"trouble_codes":[{"data":{"occurrences":1,"id":"P0301","ecu_id":"E","status":"s","system":"body"}}]}})",
          {"diagnostics.trouble_codes.id"}) ==
      R"({"diagnostics":{"trouble_codes":[{"data":{"occurrences":1,"id":"P0301","ecu_id":"TEXT","status":"TEXT","system":"body"}}]}})");
  CHECK(rewritten(R"({"note":"x","other":"y"})", {"note"}) == R"({"note":"x","TEXT":"TEXT"})");
}

TEST_CASE("Nobody keeps by mistake whose car it is") {
  for (const char* path : {"vin", "diagnostics.vin", "message_id", "data", "", ".a", "a..b"}) {
    CHECK_FALSE(Harmless::with({path}));
  }
}

TEST_CASE("A car's coordinates are moved by the car that the payload names, else by the topic's") {
  Rewriting rewriting;
  rewriting.of(
      R"({"data":{"vehicle_location":{"coordinates":{"data":{"latitude":1}}}},"vin":"W"})");
  CHECK(rewriting.marked.car == "W");
  rewriting.of(R"({"data":{"vehicle_location":{"coordinates":{"data":{"latitude":1}}}}})");
  CHECK(rewriting.marked.car == "CAR OF THE TOPIC");
}

TEST_CASE("What is no JSON is not rewritten") {
  Rewriting rewriting;
  for (const char* payload : {"", "{", "Alice", "{\"vin\":\"A\"}}", "\"\xFF\"", "[1,]"}) {
    CHECK_FALSE(rewriting.rewriter.rewrite(payload, ""));
  }
}

TEST_CASE("Names that the catalogue lacks are counted") {
  Rewriting rewriting;
  rewriting.of(R"({"data":{"diagnostics":{"new":{"data":1}},"telepathy":{"thought":[]}}})");
  rewriting.of(R"({"data":{"diagnostics":{"new":{"data":1}}}})");
  CHECK(rewriting.rewriter.unknown().at("diagnostics.new") == 2);
  CHECK(rewriting.rewriter.unknown().at("telepathy.thought") == 1);
}

TEST_CASE("A time is moved where everything is kept too: one real time would tell them all") {
  constexpr std::string_view trip =
      R"({"trips":{"description":{"data":"2026-03-01 and \"more\"","timestamp":"2026-03-01T07:00:00Z","2026-03-01T07:00:00Z":["2026-03-01T07:00:00Z",1]}}})";
  constexpr std::string_view moved =
      R"({"trips":{"description":{"data":"2026-03-01 and \"more\"","timestamp":"TIME","2026-03-01T07:00:00Z":["TIME",1]}}})";
  for (const char* path : {"trips.description", "trips"}) {
    CHECK(data(trip, {path}) == moved);
  }
  CHECK(data(R"({"trips":{"start_time":{"data":"2026-03-01T07:00:00Z"}}})", {"trips.start_time"}) ==
        R"({"trips":{"start_time":{"data":"TIME"}}})");
  CHECK(rewritten(R"({"sent":"2026-03-01T07:00:00Z"})", {"sent"}) == R"({"sent":"TIME"})");
}
