#include "verify/message_table.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("Each message has one state, found again by its id") {
  MessageTable table;
  for (int i = 0; i < 10000; ++i) {
    table.at(fingerprint_of(std::to_string(i))).handled = static_cast<std::uint16_t>(i);
  }
  CHECK(table.size() == 10000);
  for (int i = 0; i < 10000; ++i) {
    const MessageState* const state = table.find(fingerprint_of(std::to_string(i)));
    REQUIRE(state != nullptr);
    CHECK(state->handled == i);
    CHECK(&table.at(fingerprint_of(std::to_string(i))) == state);
  }
  CHECK(table.size() == 10000);
  CHECK(table.find(fingerprint_of("10000")) == nullptr);
}

TEST_CASE("Messages are visited in the order in which they were first seen") {
  MessageTable table;
  for (const char* id : {"c", "a", "b", "a"}) {
    table.at(fingerprint_of(id));
  }
  std::vector<Fingerprint> seen;
  table.for_each([&](const MessageState& state) { seen.push_back(state.id); });
  CHECK(seen == std::vector{fingerprint_of("c"), fingerprint_of("a"), fingerprint_of("b")});
}

TEST_CASE("A message takes at most 64 bytes, reserved or grown") {
  constexpr std::uint64_t count = 200000;
  MessageTable reserved(count);
  MessageTable grown;
  for (std::uint64_t i = 0; i < count; ++i) {
    reserved.at(fingerprint_of(std::to_string(i)));
    grown.at(fingerprint_of(std::to_string(i)));
  }
  CHECK(reserved.memory() <= count * 64);
  CHECK(grown.memory() <= count * 64);
}

TEST_CASE("Counts stop at their greatest value") {
  std::uint8_t count = 254;
  count_one(count);
  count_one(count);
  CHECK(count == 255);
}
