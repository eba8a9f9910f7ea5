// What is made of tapes: parts of them, several as one, in another order; and whether two are the
// same.
#include <algorithm>

#include <doctest/doctest.h>

#include "tape/edit/compare.hpp"
#include "tape/edit/merging_reader.hpp"
#include "tape/edit/message_filter.hpp"
#include "tape/edit/sorted_reader.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;

namespace {

constexpr std::string_view car = "WATDEMPT0TRA1N001";
constexpr std::string_view other_car = "WATDEMEV7TRA1N002";

// An odometer message that is received so many milliseconds after the start of the day.
TapeEntry at(int milliseconds, std::string_view vin = car) {
  return odometer_message(vin, milliseconds);
}

Marker marker_at(int milliseconds) {
  return {MarkerKind::disconnected,
          ReceivedTime(std::chrono::milliseconds(1'772'434'800'000 + milliseconds)),
          "at " + std::to_string(milliseconds)};
}

std::string tape_with(const TestFolder& folder, const std::string& name,
                      const std::vector<TapeEntry>& entries, const TapeHeader& header = {}) {
  write_all(folder.file(name), header, entries);
  return folder.file(name);
}

std::unique_ptr<TapeReader> opened(const std::string& path) {
  auto tape = open_tape(path);
  REQUIRE_MESSAGE(tape.ok(), tape.error().line());
  return std::move(*tape);
}

std::vector<TapeEntry> merged(const std::vector<std::string>& paths) {
  std::vector<std::unique_ptr<TapeReader>> tapes;
  for (const std::string& path : paths) {
    tapes.push_back(opened(path));
  }
  const auto reader = MergingReader::open(std::move(tapes));
  REQUIRE(reader.ok());
  const auto content = read_all(**reader);
  REQUIRE(content.ok());
  return content->entries;
}

std::vector<TapeEntry> sorted(const std::string& path, std::size_t memory,
                              SortBy by = SortBy::received) {
  const TestFolder folder;
  const auto reader = sort_tape(*opened(path), by, {memory, folder.file("")});
  REQUIRE_MESSAGE(reader.ok(), reader.error().line());
  const auto content = read_all(**reader);
  REQUIRE(content.ok());
  return content->entries;
}

Comparison compared(const std::string& a, const std::string& b, const CompareRules& rules = {}) {
  const auto result = compare_tapes(*opened(a), *opened(b), rules);
  REQUIRE(result.ok());
  return *result;
}

bool wants(MessageConditions conditions, const TapeEntry& entry) {
  return MessageFilter(std::move(conditions)).wants(std::get<RecordedMessage>(entry));
}

}  // namespace

TEST_CASE("Merged tapes are in the order of received time, each in its own where it has none") {
  const TestFolder folder;
  const auto a = tape_with(folder, "a.ndjson", {at(1), at(5), at(3)});
  const auto b = tape_with(folder, "b.mcap", {at(2), marker_at(4), at(6)});
  CHECK(merged({a, b}) == std::vector<TapeEntry>{at(1), at(2), marker_at(4), at(5), at(3), at(6)});
}

TEST_CASE("Of merged messages with one time, those of the tape that is named first come first") {
  const TestFolder folder;
  const auto a = tape_with(folder, "a.ndjson", {at(1, car), at(2, car)});
  const auto b = tape_with(folder, "b.ndjson", {at(1, other_car), at(2, other_car)});
  CHECK(merged({b, a}) ==
        std::vector<TapeEntry>{at(1, other_car), at(1, car), at(2, other_car), at(2, car)});
}

TEST_CASE("A merged header says what all headers say, and is raw if one is") {
  const TestFolder folder;
  TapeHeader a = full_header();
  TapeHeader b = full_header();
  b.broker = "elsewhere:8883";
  b.privacy = "anonymized";
  *b.started -= std::chrono::seconds(1);
  std::vector<std::unique_ptr<TapeReader>> tapes;
  tapes.push_back(opened(tape_with(folder, "a.mcap", {}, a)));
  tapes.push_back(opened(tape_with(folder, "b.mcap", {}, b)));
  const auto reader = MergingReader::open(std::move(tapes));
  REQUIRE(reader.ok());
  TapeHeader expected = full_header();
  expected.broker.clear();
  expected.started = b.started;
  CHECK((*reader)->header() == expected);
}

TEST_CASE("Sorting keeps the order of what has one time, and needs no memory for the tape") {
  const TestFolder folder;
  std::vector<TapeEntry> entries;
  for (int i = 0; i < 500; ++i) {
    entries.push_back(at(i * 7919 % 100, i % 2 == 0 ? car : other_car));
    if (i % 50 == 0) {
      entries.emplace_back(marker_at(i * 31 % 100));
    }
  }
  const auto path = tape_with(folder, "t.ndjson", entries);
  const auto time_of = [](const TapeEntry& entry) {
    const auto* const message = std::get_if<RecordedMessage>(&entry);
    return message != nullptr ? message->received : std::get<Marker>(entry).at;
  };
  std::stable_sort(entries.begin(), entries.end(),
                   [&](const TapeEntry& a, const TapeEntry& b) { return time_of(a) < time_of(b); });
  constexpr std::size_t all_in_memory = 1 << 20U;
  constexpr std::size_t a_few_messages = 4096;
  CHECK(sorted(path, all_in_memory) == entries);
  CHECK(sorted(path, a_few_messages) == entries);
}

TEST_CASE("Sorting by data time looks at the newest reading of a message") {
  const TestFolder folder;
  auto early = odometer_message(car, 9);
  auto& payload = early.message.payload;
  payload.replace(payload.find("06:45:00.214Z"), 13, "06:44:00.214Z");
  const auto path = tape_with(folder, "t.ndjson", {at(1), at(2), early});
  CHECK(sorted(path, 1 << 20U, SortBy::data) == std::vector<TapeEntry>{early, at(1), at(2)});
}

TEST_CASE("A filter takes messages by time, car, capability, property and topic") {
  const TapeEntry entry = at(500);
  const ReceivedTime received = std::get<RecordedMessage>(entry).received;
  CHECK(wants({}, entry));
  CHECK(wants({.from = received, .until = received + Duration(1)}, entry));
  CHECK_FALSE(wants({.from = received + Duration(1)}, entry));
  CHECK_FALSE(wants({.until = received}, entry));
  CHECK(wants({.cars = {std::string(other_car), std::string(car)}}, entry));
  CHECK_FALSE(wants({.cars = {std::string(other_car)}}, entry));
  CHECK(wants({.capabilities = {"diagnostics"}, .properties = {"odometer"}}, entry));
  CHECK(wants({.properties = {"diagnostics.odometer"}}, entry));
  CHECK_FALSE(wants({.properties = {"charging.odometer"}}, entry));
  CHECK_FALSE(wants({.capabilities = {"charging"}}, entry));
  CHECK(wants({.include = {"sandbox/#"}}, entry));
  CHECK_FALSE(wants({.include = {"live/#"}}, entry));
  CHECK_FALSE(wants({.exclude = {"+/+/+/+/diagnostics/#"}}, entry));
}

TEST_CASE("Tapes in different formats hold the same messages") {
  const TestFolder folder;
  const auto a = tape_with(folder, "a.ndjson", varied_entries());
  const auto b = tape_with(folder, "b.mcap", varied_entries(), full_header());
  CHECK(compared(a, b, {.markers = true}).equal());
}

TEST_CASE("A message that one tape lacks does not make all that follow different") {
  const TestFolder folder;
  const auto a = tape_with(folder, "a.ndjson", {at(1), at(2), at(3), at(4)});
  const auto b = tape_with(folder, "b.ndjson", {at(1), at(3), at(4), at(5)});
  const Comparison result = compared(a, b);
  CHECK_FALSE(result.equal());
  CHECK(result.same == 3);
  CHECK(result.only_a == 1);
  CHECK(result.only_b == 1);
  REQUIRE(result.differences.size() == 2);
  CHECK(result.differences[0].a == 2);
  CHECK(result.differences[0].what.starts_with("only on the first tape: sandbox/level13/"));
}

TEST_CASE("Of a changed message, what changed is said") {
  const TestFolder folder;
  auto changed = odometer_message(car, 2);
  changed.message.qos = 0;
  changed.received += Duration(1);
  const auto a = tape_with(folder, "a.ndjson", {at(1), at(2)});
  const auto b = tape_with(folder, "b.ndjson", {at(1), changed});
  const Comparison result = compared(a, b);
  REQUIRE(result.changed == 1);
  CHECK(result.differences[0].what ==
        "received: 2026-03-02T07:00:00.002Z / 2026-03-02T07:00:00.002000001Z; qos: 1 / 0");
  CHECK(compared(a, b, {.received_times = false}).differences[0].what == "qos: 1 / 0");
}

TEST_CASE("The same messages in another order are told from different ones") {
  const TestFolder folder;
  const auto a = tape_with(folder, "a.ndjson", {at(1), at(2), at(3)});
  CHECK(compared(a, tape_with(folder, "b.ndjson", {at(3), at(1), at(2)})).same_in_another_order);
  CHECK_FALSE(compared(a, tape_with(folder, "c.ndjson", {at(3), at(1)})).same_in_another_order);
}
