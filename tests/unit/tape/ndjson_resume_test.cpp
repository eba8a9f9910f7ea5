#include "tape/ndjson/ndjson_resume.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "tape/reader.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

namespace {

RecordedMessage numbered(int number) {
  RecordedMessage recorded;
  recorded.received = ReceivedTime(std::chrono::seconds(1'700'000'000 + number));
  recorded.message.topic = "sandbox/level13/AA/VIN/diagnostics/get/odometer";
  recorded.message.payload = "payload " + std::to_string(number);
  return recorded;
}

std::string tape_of(int messages, const std::string& path) {
  TapeHeader header;
  header.app_id = "1FBBEDED80595912588FF4FF";
  auto tape = create_tape(path, header);
  REQUIRE(tape);
  for (int i = 0; i < messages; ++i) {
    REQUIRE((*tape)->append(numbered(i)));
  }
  REQUIRE((*tape)->close());
  return *read_file(path);
}

std::vector<std::string> payloads(const std::string& path) {
  auto tape = open_tape(path);
  REQUIRE(tape);
  std::vector<std::string> all;
  RecordedMessage message;
  while (true) {
    const auto found = (*tape)->next_message(message);
    REQUIRE(found);
    if (!*found) {
      break;
    }
    all.push_back(message.message.payload);
  }
  CHECK_FALSE((*tape)->damage().any());
  return all;
}

}  // namespace

TEST_CASE("A recording that was cut at any byte goes on behind its last whole message") {
  const TestFolder folder;
  const std::string path = folder.file("tape.ndjson");
  const std::string whole = tape_of(3, path);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    CAPTURE(cut);
    REQUIRE(write_file(path, whole.substr(0, cut)));
    std::uint64_t kept = 0;
    {
      auto resumed = resume_tape(path, {});
      REQUIRE(resumed);
      kept = resumed->messages;
      REQUIRE(resumed->writer->append(numbered(99)));
      REQUIRE(resumed->writer->close());
    }
    const auto after = payloads(path);
    REQUIRE(after.size() == kept + 1);
    CHECK(after.back() == "payload 99");
    for (std::uint64_t i = 0; i < kept; ++i) {
      CHECK(after[i] == "payload " + std::to_string(i));
    }
    // All lines that were whole are kept.
    const std::string before = whole.substr(0, cut);
    const auto lines = static_cast<std::uint64_t>(std::count(before.begin(), before.end(), '\n'));
    CHECK(kept + 1 >= lines);
  }
}

TEST_CASE("A tape that is damaged before its end is not resumed") {
  const TestFolder folder;
  const std::string path = folder.file("tape.ndjson");
  std::string bytes = tape_of(3, path);
  bytes[bytes.find("payload 1") - 20] = '\x01';
  REQUIRE(write_file(path, bytes));
  const auto resumed = resume_tape(path, {});
  REQUIRE_FALSE(resumed);
  CHECK(resumed.error().where.find("tape.ndjson:3") != std::string::npos);
  CHECK(*read_file(path) == bytes);
}

TEST_CASE("Two programs cannot write one tape at the same time") {
  const TestFolder folder;
  const std::string path = folder.file("tape.ndjson");
  tape_of(1, path);
  auto first = resume_tape(path, {});
  REQUIRE(first);
  const auto second = resume_tape(path, {});
  REQUIRE_FALSE(second);
  CHECK(second.error().what == "is being written by another program");
}
