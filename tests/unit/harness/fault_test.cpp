#include "mockbroker/harness/fault.hpp"

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

TEST_CASE("each fault is the same after its journey as JSON") {
  const Fault faults[] = {Disconnect{"a", true},
                          Disconnect{},
                          Refuse{"a", 10s},
                          Restart{true, true},
                          Pause{std::nullopt, Direction::to_broker},
                          Resume{"a"},
                          Latency{"a", Direction::to_client, 200ms, 50ms},
                          Bandwidth{std::nullopt, Direction::both, 65'536},
                          Cut{"a", Direction::to_client, 1'000},
                          Expire{"a"},
                          RotateServerCertificate{}};
  for (const Fault& fault : faults) {
    const Json json = fault_to_json(fault);
    CAPTURE(write_document(json));
    const auto read = fault_from_json(json, "test");
    REQUIRE_MESSAGE(read.ok(), read.error().line());
    CHECK(read->index() == fault.index());
    CHECK(fault_to_json(*read) == json);
  }
}

TEST_CASE("what is no fault is a usage error that says where") {
  for (const char* text :
       {"{}", R"({"fault":"earthquake"})", R"({"fault":"refuse"})", R"({"fault":7})"}) {
    CAPTURE(text);
    const auto fault = fault_from_json(*parse_document(text, ""), "scenario.yaml:3");
    REQUIRE_FALSE(fault.ok());
    CHECK(fault.error().kind == ErrorKind::usage);
    CHECK(fault.error().where == "scenario.yaml:3");
  }
}
