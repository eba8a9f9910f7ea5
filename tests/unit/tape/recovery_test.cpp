// What is left of tapes that were cut off or changed.
#include "tape/edit/recovery.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "core/line_reader.hpp"
#include "tape/journal/journal.hpp"
#include "tests/unit/support/memory_file.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;

namespace {

struct Recovered {
  TapeContent content;
  std::optional<std::uint64_t> lost;
};

Recovered recovered(const std::string& path) {
  const auto reader = open_for_recovery(path);
  REQUIRE_MESSAGE(reader.ok(), reader.error().line());
  auto content = read_all(**reader);
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  const auto messages = static_cast<std::uint64_t>(std::count_if(
      content->entries.begin(), content->entries.end(),
      [](const TapeEntry& entry) { return std::holds_alternative<RecordedMessage>(entry); }));
  return {std::move(*content), (*reader)->lost(messages)};
}

void flip(std::string& bytes, std::size_t at) {
  bytes[at] = static_cast<char>(bytes[at] ^ 0x10);
}

}  // namespace

TEST_CASE("Nothing is lost of a whole tape, nor of one whose first bytes are damaged") {
  const TestFolder folder;
  for (const std::string name : {"t.mcap", "t.ndjson", "t.ndjson.zst"}) {
    CAPTURE(name);
    write_all(folder.file(name), full_header(), varied_entries());
    const Recovered whole = recovered(folder.file(name));
    CHECK(whole.content.entries == varied_entries());
    CHECK(whole.content.header == full_header());
    CHECK(whole.lost == std::optional<std::uint64_t>(0));
  }
  std::string bytes = content_of(folder.file("t.mcap"));
  flip(bytes, 0);
  put(folder.file("t.mcap"), bytes);
  CHECK_FALSE(open_tape(folder.file("t.mcap")).ok());
  const Recovered rest = recovered(folder.file("t.mcap"));
  CHECK(rest.content.entries == varied_entries());
  CHECK(rest.lost == std::optional<std::uint64_t>(0));
}

TEST_CASE("A closed tape with a damaged chunk says how many messages are lost") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  write_all(path, full_header(), varied_entries());
  std::string bytes = content_of(path);
  flip(bytes, bytes.find("zstd", bytes.find("zstd") + 4) + 60);
  put(path, bytes);
  const Recovered rest = recovered(path);
  CHECK(rest.content.entries.empty());
  CHECK(rest.lost == std::optional<std::uint64_t>(5));
  CHECK(rest.content.damage.bad_chunks == 1);
}

TEST_CASE("A wrong line of NDJSON costs that line alone") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  write_all(path, full_header(), varied_entries());
  std::string bytes = content_of(path);
  const std::size_t third = bytes.find("\n{", bytes.find("\n{") + 1) + 1;
  bytes[third] = '!';
  put(path, bytes);
  const Recovered rest = recovered(path);
  auto expected = varied_entries();
  expected.erase(expected.begin() + 1);
  CHECK(rest.content.entries == expected);
  CHECK_FALSE(rest.lost);
  REQUIRE(rest.content.damage.places.size() == 1);
  CHECK(rest.content.damage.places[0].offset == third);
}

TEST_CASE("A damaged frame of compressed NDJSON costs its lines alone") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson.zst");
  auto writer = create_tape(path, full_header());
  REQUIRE(writer.ok());
  std::vector<std::uint64_t> frame_ends;
  for (int frame = 0; frame < 3; ++frame) {
    REQUIRE((*writer)->append(odometer_message("WATDEMPT0TRA1N001", frame)).ok());
    REQUIRE((*writer)->sync().ok());
    frame_ends.push_back(content_of(path).size());
  }
  std::string bytes = content_of(path);
  flip(bytes, frame_ends[1] - 10);
  put(path, bytes);
  CHECK_FALSE(read_all(path).ok());
  const Recovered rest = recovered(path);
  CHECK(rest.content.entries == std::vector<TapeEntry>{odometer_message("WATDEMPT0TRA1N001", 0),
                                                       odometer_message("WATDEMPT0TRA1N001", 2)});
  CHECK_FALSE(rest.lost);
}

TEST_CASE(
    "Compressed NDJSON that was cut off gives the whole lines, and says that its end is missing") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson.zst");
  write_all(path, full_header(), varied_entries());
  const std::string bytes = content_of(path);
  for (std::size_t size = 4; size < bytes.size(); ++size) {
    CAPTURE(size);
    put(path, std::string_view(bytes).substr(0, size));
    const auto content = read_all(path);
    REQUIRE_MESSAGE(content.ok(), content.error().line());
    const auto all = varied_entries();
    REQUIRE(content->entries.size() <= all.size());
    REQUIRE(std::equal(content->entries.begin(), content->entries.end(), all.begin()));
    if (content->entries.size() < all.size()) {
      REQUIRE((content->damage.any() || content->entries.empty()));
    }
  }
}

TEST_CASE("What only the journal of a killed recording holds is recovered, and nothing twice") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  auto tape = create_tape(path, full_header());
  REQUIRE(tape.ok());
  const auto in_tape = odometer_message("WATDEMPT0TRA1N001", 1);
  const auto in_both = odometer_message("WATDEMPT0TRA1N001", 2);
  const auto in_journal = odometer_message("WATDEMPT0TRA1N001", 3);
  REQUIRE((*tape)->append(in_tape).ok());
  REQUIRE((*tape)->sync().ok());

  auto file = open_append_file(journal_path(path), OpenMode::create);
  REQUIRE(file.ok());
  JournalWriter journal(std::move(*file), 7);
  REQUIRE(journal.restart((*tape)->size()).ok());
  journal.append(in_both);
  journal.append(in_journal);
  REQUIRE(journal.sync().ok());
  // A chunk that was written, and the journal did not know of it.
  REQUIRE((*tape)->append(in_both).ok());
  REQUIRE((*tape)->sync().ok());

  const Recovered rest = recovered(path);
  CHECK(rest.content.entries == std::vector<TapeEntry>{in_tape, in_both, in_journal});
  CHECK(rest.lost == std::optional<std::uint64_t>(0));
}

TEST_CASE("A line that is too long to be read costs that line alone") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  write_all(path, full_header(), varied_entries());
  std::string bytes = content_of(path);
  const std::size_t third = bytes.find("\n{", bytes.find("\n{") + 1) + 1;
  constexpr std::size_t too_long = LineReader::default_longest + (std::size_t{1} << 20U);
  bytes.insert(third, std::string(too_long, '!') + "\n");
  put(path, bytes);
  CHECK_FALSE(read_all(path).ok());
  const Recovered rest = recovered(path);
  CHECK(rest.content.entries == varied_entries());
  CHECK_FALSE(rest.lost);
  REQUIRE(rest.content.damage.places.size() == 1);
  CHECK(rest.content.damage.places[0].offset == third);
  CHECK(rest.content.damage.skipped_bytes == too_long + 1);
}

TEST_CASE("That a killed recording has no end is noted once, however much its journal holds") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  {
    auto tape = begin_recording(path, full_header());
    REQUIRE(tape);
    for (int number = 0; number < 20; ++number) {
      REQUIRE((*tape)->append(odometer_message("WATDEMPT0TRA1N001", number)));
    }
    REQUIRE((*tape)->sync());
  }
  const Recovered rest = recovered(path);
  CHECK(rest.content.entries.size() == 20);
  CHECK(rest.content.damage.places.size() <= 1);
}
