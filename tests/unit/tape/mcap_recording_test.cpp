// An MCAP tape with its journal: crashes at any byte, and going on.
#include "tape/mcap/mcap_recording.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "tape/info.hpp"
#include "tape/journal/journal.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;

namespace {

// What is on disk while a recording goes on.
struct Snapshot {
  std::string tape;
  std::string journal;
  std::size_t records = 0;  // that were synced

  void restore(const std::string& path) const {
    put(path, tape);
    put(journal_path(path), journal);
  }
};

Snapshot snapshot(const std::string& path, std::size_t records) {
  return {content_of(path), content_of(journal_path(path)), records};
}

TapeEntry entry(std::size_t number) {
  if (number % 7 == 3) {
    return Marker{MarkerKind::disconnected, ReceivedTime(std::chrono::seconds(number)), "why"};
  }
  RecordedMessage message = odometer_message("WATDEMPT0TRA1N001", static_cast<int>(number));
  if (number % 5 == 2) {
    message.message.topic = "topic/of its own";
    message.message.payload = "no JSON " + std::to_string(number);
  }
  return message;
}

std::vector<TapeEntry> entries(std::size_t count) {
  std::vector<TapeEntry> all;
  for (std::size_t number = 0; number < count; ++number) {
    all.push_back(entry(number));
  }
  return all;
}

void append(TapeWriter& tape, const TapeEntry& record) {
  REQUIRE(std::visit([&](const auto& one) { return tape.append(one).ok(); }, record));
}

// Of a recording of 60 records, synced after each, whose chunks are cut by a journal of 2 kB.
std::vector<Snapshot> snapshots_of_a_recording(const std::string& path) {
  std::vector<Snapshot> snapshots;
  auto tape = mcap::begin_mcap_recording(path, full_header(), 2000);
  REQUIRE(tape);
  for (std::size_t number = 0; number < 60; ++number) {
    snapshots.push_back(snapshot(path, number));
    append(**tape, entry(number));
    REQUIRE((*tape)->sync());
  }
  return snapshots;  // the recorder is gone without closing the tape
}

void check_goes_on(const std::string& path, std::size_t at_least, std::size_t at_most) {
  auto resumed = mcap::resume_mcap_recording(path, {});
  REQUIRE_MESSAGE(resumed.ok(), resumed.error().line());
  CHECK(resumed->header == full_header());
  auto there = read_all(path);
  REQUIRE(there);
  const std::size_t before = there->entries.size();
  CHECK(before >= at_least);
  CHECK(before <= at_most);
  append(*resumed->writer, entry(before));
  REQUIRE(resumed->writer->sync());
  append(*resumed->writer, entry(before + 1));
  REQUIRE(resumed->writer->close());
  CHECK_FALSE(std::filesystem::exists(journal_path(path)));

  there = read_all(path);
  REQUIRE(there);
  CHECK(there->entries == entries(before + 2));
  CHECK_FALSE(there->damage.any());
  CHECK(there->header == full_header());
}

}  // namespace

TEST_CASE("At every moment of a recording all that was synced can be read, and gone on with") {
  const TestFolder folder;
  const auto snapshots = snapshots_of_a_recording(folder.file("first.mcap"));
  const std::string path = folder.file("tape.mcap");
  for (const Snapshot& moment : snapshots) {
    moment.restore(path);
    const auto there = read_all(path);
    REQUIRE(there);
    CHECK(there->entries == entries(moment.records));
    CHECK(there->header == full_header());
    check_goes_on(path, moment.records, moment.records);
  }
}

TEST_CASE("A journal that is torn at any byte loses nothing but its last record") {
  const TestFolder folder;
  const auto snapshots = snapshots_of_a_recording(folder.file("first.mcap"));
  const std::string path = folder.file("tape.mcap");
  const Snapshot& last = snapshots.back();
  const Snapshot& before = snapshots[snapshots.size() - 2];
  REQUIRE(before.tape == last.tape);
  for (std::size_t cut = before.journal.size(); cut <= last.journal.size(); ++cut) {
    Snapshot torn = last;
    torn.journal.resize(cut);
    torn.restore(path);
    const bool whole = cut == last.journal.size();
    check_goes_on(path, whole ? last.records : before.records, last.records);
  }
}

TEST_CASE("A chunk that was being written is torn at any byte, and the journal has its records") {
  const TestFolder folder;
  const auto snapshots = snapshots_of_a_recording(folder.file("first.mcap"));
  const std::string path = folder.file("tape.mcap");
  const auto cut = std::adjacent_find(
      snapshots.begin() + 5, snapshots.end(),
      [](const Snapshot& a, const Snapshot& b) { return a.tape.size() < b.tape.size(); });
  REQUIRE(cut != snapshots.end());
  const Snapshot& before = *cut;
  const std::string& after = std::next(cut)->tape;
  for (std::size_t size = before.tape.size(); size <= after.size(); size += 13) {
    Snapshot torn = before;
    torn.tape = after.substr(0, size);
    torn.restore(path);
    check_goes_on(path, before.records, before.records);
  }
}

TEST_CASE("A tape without its journal goes on with what it has, cut at any byte") {
  const TestFolder folder;
  const auto snapshots = snapshots_of_a_recording(folder.file("first.mcap"));
  const std::string path = folder.file("tape.mcap");
  const std::string& whole = snapshots.back().tape;
  for (std::size_t size = whole.size(); size > whole.size() / 3; size -= 29) {
    put(path, whole.substr(0, size));
    std::filesystem::remove(journal_path(path));
    check_goes_on(path, 0, snapshots.back().records);
  }
}

TEST_CASE("A closed tape is opened again, and its summary is of all of it") {
  const TestFolder folder;
  const std::string path = folder.file("tape.mcap");
  write_all(path, full_header(), entries(20));
  check_goes_on(path, 20, 20);
  const auto info = read_tape_info(path);
  REQUIRE(info);
  const auto scanned = scan_tape(path, [](const RecordedMessage&) { return true; });
  REQUIRE(scanned);
  CHECK(info->contents == scanned->contents);
}

TEST_CASE("Nothing is added to a tape that is damaged, or not of its journal") {
  const TestFolder folder;
  const auto snapshots = snapshots_of_a_recording(folder.file("first.mcap"));
  const std::string path = folder.file("tape.mcap");
  Snapshot damaged = snapshots.back();
  damaged.tape[damaged.tape.size() / 2] ^= 1;
  damaged.restore(path);
  CHECK_FALSE(mcap::resume_mcap_recording(path, {}));
  CHECK(content_of(path) == damaged.tape);

  Snapshot shorter = snapshots.back();
  shorter.tape.resize(shorter.tape.size() - 1);
  shorter.restore(path);
  const auto resumed = mcap::resume_mcap_recording(path, {});
  REQUIRE_FALSE(resumed);
  CHECK(resumed.error().line().find("its journal says") != std::string::npos);
}

TEST_CASE("A file that was begun and no more is begun anew") {
  const TestFolder folder;
  const std::string path = folder.file("tape.mcap");
  for (const std::size_t size : {0U, 5U, 8U, 20U}) {
    const auto snapshots = snapshots_of_a_recording(folder.file("other.mcap"));
    put(path, snapshots.front().tape.substr(0, size));
    std::filesystem::remove(folder.file("other.mcap"));
    std::filesystem::remove(journal_path(folder.file("other.mcap")));
    auto resumed = mcap::resume_mcap_recording(path, full_header());
    REQUIRE_MESSAGE(resumed.ok(), resumed.error().line());
    append(*resumed->writer, entry(0));
    REQUIRE(resumed->writer->close());
    CHECK(read_all(path)->entries == entries(1));
  }
}

TEST_CASE("A journal that is left when the tape was just closed has nothing to add") {
  const TestFolder folder;
  const std::string path = folder.file("tape.mcap");
  {
    auto tape = mcap::begin_mcap_recording(path, full_header());
    REQUIRE(tape);
    for (std::size_t number = 0; number < 10; ++number) {
      append(**tape, entry(number));
    }
    REQUIRE((*tape)->sync());
    std::filesystem::create_hard_link(journal_path(path), folder.file("left"));
    REQUIRE((*tape)->close());
  }
  std::filesystem::rename(folder.file("left"), journal_path(path));
  CHECK(read_all(path)->entries == entries(10));
  check_goes_on(path, 10, 10);
}
