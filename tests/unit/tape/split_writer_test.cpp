#include "tape/split/split_writer.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "tape/reader.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

RecordedMessage numbered(int number) {
  RecordedMessage recorded;
  recorded.received = ReceivedTime(1'700'000'000s + std::chrono::seconds(number));
  recorded.message.topic = "sandbox/level13/AA/VIN/diagnostics/get/odometer";
  recorded.message.payload = "payload " + std::to_string(number);
  return recorded;
}

Result<ResumedTape> open_part(const std::string& path) {
  if (std::filesystem::exists(path)) {
    return resume_tape(path, {});
  }
  ResumedTape opened;
  AUTOTAPE_TRY_ASSIGN(opened.writer, create_tape(path, {}));
  return opened;
}

void record(const std::string& path, const SplitLimits& limits, int first, int last) {
  auto writer = SplitWriter::open(path, limits, open_part);
  REQUIRE(writer);
  for (int i = first; i < last; ++i) {
    REQUIRE((*writer)->append(numbered(i)));
    REQUIRE((*writer)->sync());
  }
  REQUIRE((*writer)->close());
}

// The messages of all parts, in the order of the index.
std::vector<std::string> payloads(const TestFolder& folder, const SplitIndex& index) {
  std::vector<std::string> all;
  for (const TapePart& part : index.parts) {
    auto tape = open_tape(folder.file(part.file));
    REQUIRE(tape);
    RecordedMessage message;
    std::uint64_t count = 0;
    while (*(*tape)->next_message(message)) {
      all.push_back(message.message.payload);
      ++count;
    }
    CHECK(count == part.messages);
  }
  return all;
}

}  // namespace

TEST_CASE("A recording is split by duration, and its index names every part") {
  const TestFolder folder;
  const std::string path = folder.file("trip.ndjson");
  record(path, {std::nullopt, 10s}, 0, 25);
  const auto index = read_split_index(path);
  REQUIRE(index);
  REQUIRE(*index);
  REQUIRE((*index)->parts.size() == 3);
  CHECK((*index)->parts[0].file == "trip.0001.ndjson");
  CHECK((*index)->parts[1].first == numbered(10).received);
  CHECK((*index)->parts[1].last == numbered(19).received);
  CHECK((*index)->parts[2].messages == 5);
  CHECK(payloads(folder, **index).size() == 25);
}

TEST_CASE("A recording is split by size, and goes on in its last part") {
  const TestFolder folder;
  const std::string path = folder.file("trip.ndjson");
  const SplitLimits limits{1000, std::nullopt};
  record(path, limits, 0, 7);
  record(path, limits, 7, 40);
  const auto index = read_split_index(path);
  REQUIRE(index);
  REQUIRE(*index);
  CHECK((*index)->parts.size() > 3);
  const auto all = payloads(folder, **index);
  REQUIRE(all.size() == 40);
  for (int i = 0; i < 40; ++i) {
    CHECK(all[static_cast<std::size_t>(i)] == "payload " + std::to_string(i));
  }
}

TEST_CASE("What is no index of parts is refused") {
  const TestFolder folder;
  REQUIRE(write_file(folder.file("trip.parts.json"), "[]"));
  const auto index = read_split_index(folder.file("trip.mcap"));
  REQUIRE_FALSE(index);
  CHECK(index.error().what == "is no index of a recording in parts");
}

TEST_CASE("Parts keep the whole ending of their tape") {
  CHECK(split_part_path("a/trip.mcap", 2) == "a/trip.0002.mcap");
  CHECK(split_part_path("trip.ndjson.zst", 1) == "trip.0001.ndjson.zst");
  CHECK(split_index_path("trip.ndjson.zst") == "trip.parts.json");
}
