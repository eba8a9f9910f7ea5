#include "run/clean_plan.hpp"

#include <fstream>

#include <doctest/doctest.h>

#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

TEST_CASE("A clean plan has each whole message once, in the order of the tape, at the run's pace") {
  const TestFolder folder;
  const std::string path = folder.file("deliveries.ndjson");
  std::ofstream(path) << R"({"delivery":1,"message":2,"due":10,"topic":"t","payload":"two"}
{"delivery":2,"message":1,"actions":["reorder/moved"],"due":20,"topic":"t","payload":"one"}
{"delivery":3,"message":2,"copy":1,"actions":["duplicate/copied"],"due":30,"topic":"t","payload":"two"}
{"delivery":4,"message":4,"actions":["corrupt/truncated"],"due":40,"topic":"t","payload":"fo"}
{"delivery":5,"message":3,"due":50,"topic":"t","payload":"three"}
)";
  const auto plan = CleanPlan::open(path);
  REQUIRE(plan.ok());
  std::vector<std::string> payloads;
  std::vector<std::int64_t> dues;
  while (true) {
    const auto item = (*plan)->next();
    REQUIRE(item.ok());
    if (!*item) {
      break;
    }
    const auto& delivery = std::get<Delivery>(**item);
    payloads.push_back(delivery.content->payload);
    dues.push_back(delivery.due.time_since_epoch().count());
    CHECK(delivery.index == payloads.size());
    CHECK(delivery.actions.empty());
  }
  CHECK(payloads == std::vector<std::string>{"one", "two", "three"});
  CHECK(dues == std::vector<std::int64_t>{10, 20, 50});
}
