#include "tape/journal/journal.hpp"

#include <algorithm>

#include <doctest/doctest.h>

#include "tape/journal/journal_frame.hpp"
#include "tape/journal/journaled_writer.hpp"
#include "tape/ndjson/ndjson_writer.hpp"
#include "tests/unit/support/memory_file.hpp"
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

RecordedMessage with_everything() {
  RecordedMessage recorded = numbered(7);
  recorded.message.payload = std::string("\0\xFF\n", 3);
  recorded.message.retain = true;
  recorded.message.dup = true;
  PublishProperties properties;
  properties.payload_format_indicator = 1;
  properties.message_expiry_interval = 3600;
  properties.content_type = "application/json";
  properties.response_topic = "";
  properties.correlation_data = std::string("\0\x01", 2);
  properties.user_properties = {{"a", "1"}, {"a", "2"}};
  recorded.message.properties = properties;
  return recorded;
}

const Marker some_marker{MarkerKind::disconnected, ReceivedTime(std::chrono::seconds(1)), "why"};

}  // namespace

TEST_CASE("A frame gives back every part of a message, and every part of a marker") {
  std::string bytes;
  append_message_frame(bytes, 3, with_everything());
  append_marker_frame(bytes, 3, some_marker);
  std::string_view rest = bytes;
  RecordedMessage message;
  Marker marker;
  CHECK(take_frame(rest, 3, message, marker) == TapeRecord::message);
  CHECK(message == with_everything());
  CHECK(take_frame(rest, 3, message, marker) == TapeRecord::marker);
  CHECK(marker == some_marker);
  CHECK(rest.empty());
}

TEST_CASE("A frame with any bit flipped, cut at any byte or of another generation is not taken") {
  std::string whole;
  append_message_frame(whole, 3, with_everything());
  RecordedMessage message;
  Marker marker;
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    std::string_view rest = flipped;
    CHECK_FALSE(take_frame(rest, 3, message, marker));
  }
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    std::string_view rest = std::string_view(whole).substr(0, cut);
    CHECK_FALSE(take_frame(rest, 3, message, marker));
  }
  std::string_view rest = whole;
  CHECK_FALSE(take_frame(rest, 4, message, marker));
}

TEST_CASE("A journal that was cut at any byte gives its whole frames") {
  const TestFolder folder;
  const std::string path = folder.file("tape.mcap.journal");
  std::vector<std::size_t> ends;
  {
    auto file = open_append_file(path, OpenMode::create);
    REQUIRE(file);
    JournalWriter journal(std::move(*file), 5);
    REQUIRE(journal.restart(1234));
    for (int i = 0; i < 3; ++i) {
      journal.append(numbered(i));
      REQUIRE(journal.sync());
      ends.push_back(read_file(path)->size());
    }
  }
  const std::string whole = *read_file(path);
  for (std::size_t cut = 0; cut <= whole.size(); ++cut) {
    CAPTURE(cut);
    REQUIRE(write_file(path, whole.substr(0, cut)));
    auto journal = JournalReader::open(path);
    REQUIRE(journal);
    if (!*journal) {
      CHECK(cut < 28);
      continue;
    }
    CHECK((*journal)->generation() == 5);
    CHECK((*journal)->tape_size() == 1234);
    RecordedMessage message;
    Marker marker;
    int found = 0;
    while ((*journal)->next(message, marker) == TapeRecord::message) {
      CHECK(message == numbered(found++));
    }
    CHECK(found == std::count_if(ends.begin(), ends.end(), [&](auto end) { return end <= cut; }));
  }
}

TEST_CASE("Whichever operation fails, what was synced is in the tape's chunks and the journal") {
  for (int n = 1; n < 200; ++n) {
    CAPTURE(n);
    const auto tape_disk = std::make_shared<MemoryDisk>();
    const auto journal_disk = std::make_shared<MemoryDisk>();
    auto tape = NdjsonWriter::start(std::make_unique<MemoryFile>(tape_disk), {});
    REQUIRE(tape);
    JournalWriter journal(std::make_unique<MemoryFile>(journal_disk), 1);
    REQUIRE(journal.restart((*tape)->size()));
    // Either of the two files may be the one that fails.
    (n % 2 == 0 ? tape_disk : journal_disk)->fail_from = n / 2 + 3;
    JournaledWriter writer(std::move(*tape), std::move(journal), "/nonexistent/journal", 500);

    int synced = 0;
    bool failed = false;
    for (int i = 0; i < 60 && !failed; ++i) {
      failed = !writer.append(numbered(i)) || !writer.sync();
      synced += failed ? 0 : 1;
    }
    CHECK((failed ? !writer.sync() : true));

    // After a crash: the tape as far as the journal says, then the journal's frames.
    const TestFolder folder;
    REQUIRE(write_file(folder.file("journal"), journal_disk->synced));
    const auto after = JournalReader::open(folder.file("journal"));
    REQUIRE(after);
    std::string found = tape_disk->synced;
    if (*after) {
      REQUIRE((*after)->tape_size() <= found.size());
      found.resize((*after)->tape_size());
      JournalReader frames = **after;
      RecordedMessage message;
      Marker marker;
      while (frames.next(message, marker) == TapeRecord::message) {
        found += "\"" + message.message.payload + "\"";
      }
    }
    for (int i = 0; i < synced; ++i) {
      CHECK(found.find("\"payload " + std::to_string(i) + "\"") != std::string::npos);
    }
  }
}
