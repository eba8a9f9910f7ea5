#include <algorithm>

#include <doctest/doctest.h>

#include "core/line_reader.hpp"
#include "tape_files.hpp"
#include "tests/unit/support/source_folder.hpp"

using namespace autotape;

namespace {

// The error of a tape with this content, or "" if it can be read.
std::string fault_of(std::string_view content) {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  put(path, content);
  const auto read = read_all(path);
  return read ? "" : read.error().line().substr(path.size());
}

std::string line_with(std::string_view members) {
  return R"({"received":"2026-03-01T07:00:00Z","topic":"a","payload":"x",)" + std::string(members) +
         "}\n";
}

}  // namespace

TEST_CASE("An NDJSON tape gives back every message, marker and header as it was") {
  const TestFolder folder;
  write_all(folder.file("t.ndjson"), full_header(), varied_entries());
  const auto content = read_all(folder.file("t.ndjson"));
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  CHECK(content->header == full_header());
  CHECK(content->entries == varied_entries());
  CHECK_FALSE(content->damage.any());
}

TEST_CASE("An NDJSON tape that is copied is the same file, bit for bit") {
  const TestFolder folder;
  write_all(folder.file("a.ndjson"), full_header(), varied_entries());
  const auto content = read_all(folder.file("a.ndjson"));
  REQUIRE(content.ok());
  write_all(folder.file("b.ndjson"), content->header, content->entries);
  CHECK(content_of(folder.file("a.ndjson")) == content_of(folder.file("b.ndjson")));
}

TEST_CASE("The fixture is written as the writer writes it") {
  const std::string fixture = source_folder() + "/fixtures/tapes/commute.ndjson";
  const TestFolder folder;
  const auto content = read_all(fixture);
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  write_all(folder.file("copy.ndjson"), content->header, content->entries);
  CHECK(content_of(folder.file("copy.ndjson")) == content_of(fixture));
}

TEST_CASE("A message line says no more than it must: QoS 1, not retained, not redelivered") {
  const TestFolder folder;
  put(folder.file("t.ndjson"),
      R"({"received":"2026-03-01T07:00:00Z","topic":"a","payload_base64":"/w=="})");
  const auto content = read_all(folder.file("t.ndjson"));
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  REQUIRE(content->entries.size() == 1);
  const auto& message = std::get<RecordedMessage>(content->entries[0]).message;
  CHECK(message == Message{"a", "\xFF", 1, false, false, std::nullopt});
}

TEST_CASE("Cut at any byte, an NDJSON tape gives every whole line and counts the rest") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  write_all(path, full_header(), varied_entries());
  const std::string whole = content_of(path);
  const auto entries = varied_entries();

  for (std::size_t size = 0; size < whole.size(); ++size) {
    put(path, std::string_view(whole).substr(0, size));
    const auto content = read_all(path);
    CAPTURE(size);
    REQUIRE_MESSAGE(content.ok(), content.error().line());
    const auto line_feeds =
        static_cast<std::size_t>(std::count(whole.begin(), whole.begin() + long(size), '\n'));
    const std::size_t last_line = size == 0 ? 0 : whole.rfind('\n', size - 1) + 1;
    // A line that lacks nothing but its line feed is whole.
    const bool all_but_the_feed = size > last_line && whole[size] == '\n';
    const std::size_t lines = line_feeds + (all_but_the_feed ? 1 : 0);
    REQUIRE(content->entries.size() == (lines == 0 ? 0 : lines - 1));
    REQUIRE(std::equal(content->entries.begin(), content->entries.end(), entries.begin()));
    REQUIRE(content->damage.torn_bytes == (all_but_the_feed ? 0 : size - last_line));
  }
}

TEST_CASE("What a crash of the machine left at the end of an NDJSON tape is torn, whatever it is") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  write_all(path, full_header(), varied_entries());
  put(path, content_of(path) + std::string(100, '\0'));
  const auto content = read_all(path);
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  CHECK(content->entries == varied_entries());
  CHECK(content->damage.torn_bytes == 100);
}

TEST_CASE("A wrong line names its number, the member and what it must be") {
  CHECK(fault_of("hello") == ":1: is not JSON (is this a tape?)");
  CHECK(fault_of("[1]\n") == ":1: is not a JSON object (is this a tape?)");
  CHECK(fault_of("{\"tape\":9}\n") ==
        ":1: /tape: is no version that this program reads (it reads 1)");
  CHECK(fault_of("{\"tape\":1}\n{\"tape\":1}\n") ==
        ":2: is a second header (join tapes with: autotape tape merge)");
  CHECK(fault_of("{\"tape\":1,\"broker\":7}\n") == ":1: /broker: must be a string");
  CHECK(fault_of("{\"tape\":1}\n\n{}\n") == ":3: /received: must be an RFC 3339 date-time");
  CHECK(fault_of(R"({"received":"yesterday"})") == ":1: /received: must be an RFC 3339 date-time");
  CHECK(fault_of(R"({"received":"2026-03-01T07:00:00Z"})") == ":1: /topic: must be a string");
  CHECK(fault_of(R"({"received":"2026-03-01T07:00:00Z","topic":"a"})") ==
        ":1: has neither payload nor payload_base64");
  CHECK(fault_of(R"({"received":"2026-03-01T07:00:00Z","topic":"a","payload":{}})") ==
        ":1: /payload: must be a string");
  CHECK(fault_of(R"({"received":"2026-03-01T07:00:00Z","topic":"a","payload_base64":"a"})") ==
        ":1: /payload_base64: must be base 64 (RFC 4648 section 4)");
  CHECK(fault_of(line_with("\"qos\":3")) == ":1: /qos: must be a whole number from 0 to 2");
  CHECK(fault_of(line_with("\"dup\":1")) == ":1: /dup: must be true or false");
  CHECK(fault_of(line_with("\"properties\":7")) == ":1: /properties: must be an object");
  CHECK(fault_of(line_with(R"("properties":{"message_expiry_interval":4294967296})")) ==
        ":1: /message_expiry_interval: must be a whole number from 0 to 4294967295");
  CHECK(fault_of(line_with(R"("properties":{"user_properties":[["a"]]})")) ==
        ":1: /user_properties: must be pairs of strings");
  CHECK(fault_of(R"({"marker":"rested","at":"2026-03-01T07:00:00Z"})") ==
        ":1: /marker: must be a known marker");
}

TEST_CASE("An empty file is an empty tape, and a tape needs no header") {
  CHECK(fault_of("").empty());
  CHECK(fault_of("\r\n \n").empty());
  CHECK(fault_of(line_with("\"qos\":2")).empty());
}

TEST_CASE("Nothing is overwritten without force, and the name asks for the format") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  write_all(path, full_header(), {});
  CHECK_FALSE(create_tape(path, {}).ok());
  CHECK(create_tape(path, {}, FileAccess::everyone, true).ok());
  const auto refused = create_tape(folder.file("t.csv"), {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == ErrorKind::usage);
}

TEST_CASE(
    "A message whose line nobody could read is refused, and the tape holds what came before") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  RecordedMessage large = odometer_message("WATDEMPT0TRA1N001", 2);
  large.message.payload.assign(LineReader::default_longest / 6, '\x01');  // six bytes each
  auto writer = create_tape(path, full_header());
  REQUIRE(writer);
  REQUIRE((*writer)->append(odometer_message("WATDEMPT0TRA1N001", 1)));
  REQUIRE((*writer)->sync());
  const auto refused = (*writer)->append(large);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().line().find(".mcap") != std::string::npos);
  CHECK_FALSE((*writer)->append(odometer_message("WATDEMPT0TRA1N001", 3)));
  CHECK_FALSE((*writer)->close());
  CHECK(read_all(path)->entries ==
        std::vector<TapeEntry>{odometer_message("WATDEMPT0TRA1N001", 1)});
}
