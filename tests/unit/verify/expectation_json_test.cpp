#include "verify/expectation_json.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

std::string refusal(const char* text) {
  const auto json = parse_document(text, "expect");
  const auto read = expectation_from_json(*json, "expect");
  return read ? "read" : read.error().line();
}

}  // namespace

TEST_CASE("An expectation is the same after it was written and read") {
  Expectation expectation;
  expectation.dedup = CheckMode::required;
  expectation.completeness = CheckMode::off;
  expectation.processing = Processing::idempotent;
  expectation.same_id_new_content = SameIdNewContent::any;
  expectation.ties = TieRule::last;
  expectation.parties = Parties::together;
  expectation.dedup_memory = std::chrono::minutes(10);
  const Json json = expectation_to_json(expectation);
  const auto read = expectation_from_json(json, "expect");
  REQUIRE(read.ok());
  CHECK(expectation_to_json(*read) == json);
  CHECK(json.size() == 7);
  CHECK(json["dedup_memory"] == "10m");
  CHECK(read->parties == Parties::together);
}

TEST_CASE("What is as by default is not written") {
  CHECK(expectation_to_json(Expectation{}) == Json::object());
}

TEST_CASE("Unknown members and values are told with the nearest known one") {
  CHECK(refusal(R"({"dedub":"required"})") ==
        "expect/dedub: is not known (did you mean \"dedup\"?)");
  CHECK(refusal(R"({"dedup":"on"})") ==
        "expect/dedup: is none of \"required\", \"off\", \"default\"");
  CHECK(refusal(R"({"max_lateness":"soon"})") ==
        "expect/max_lateness: is no duration (write it like \"10min\")");
  CHECK(refusal("[]") == "expect: is not an object");
}
