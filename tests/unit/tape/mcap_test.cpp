#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

#include "tape/edit/recovery.hpp"
#include "tape/info.hpp"
#include "tape/mcap/mcap_info.hpp"
#include "tape/mcap/mcap_reader.hpp"
#include "tape/mcap/mcap_record.hpp"
#include "tape/mcap/mcap_writer.hpp"
#include "tape/mcap/spilled_text.hpp"
#include "tests/support/memory_source.hpp"
#include "tests/unit/support/memory_file.hpp"
#include "tests/unit/support/source_folder.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;
using namespace autotape::mcap;

namespace {

// A tape in memory whose chunks end where the test says so.
class TapeInChunks {
 public:
  TapeInChunks() {
    auto started = McapWriter::start(std::make_unique<MemoryFile>(disk_), full_header(), "/tmp");
    REQUIRE(started.ok());
    writer_ = std::move(*started);
  }
  void append(const TapeEntry& entry) {
    REQUIRE(std::visit([&](const auto& record) { return writer_->append(record).ok(); }, entry));
    entries_.push_back(entry);
  }
  void end_chunk() {
    REQUIRE(writer_->sync().ok());
    chunk_ends_.push_back({disk_->written.size(), entries_.size()});
  }
  std::string close() {
    REQUIRE(writer_->close().ok());
    return disk_->written;
  }
  const std::vector<TapeEntry>& entries() const { return entries_; }

  // How many entries are in the chunks that end within the first `size` bytes. The index records
  // behind a chunk are not needed.
  std::size_t entries_within(std::size_t size) const {
    std::size_t count = 0;
    for (const auto& [end, entries] : chunk_ends_) {
      count = end <= size ? entries : count;
    }
    return count;
  }

 private:
  std::shared_ptr<MemoryDisk> disk_ = std::make_shared<MemoryDisk>();
  std::unique_ptr<McapWriter> writer_;
  std::vector<TapeEntry> entries_;
  std::vector<std::pair<std::size_t, std::size_t>> chunk_ends_;  // size of the file, entries
};

// Three chunks of messages behind the one of the header.
TapeInChunks small_tape() {
  TapeInChunks tape;
  const auto entries = varied_entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    tape.append(entries[i]);
    if (i % 3 == 2) {
      tape.end_chunk();
    }
  }
  tape.end_chunk();
  return tape;
}

// From memory: tens of thousands of files would take their time.
Result<TapeContent> read_all_of(std::string_view bytes) {
  AUTOTAPE_TRY_ASSIGN(const auto reader,
                      McapReader::open(std::make_unique<MemorySource>(bytes), bytes.size(),
                                       RecordStream::Begin::at_magic));
  return read_all(*reader);
}

bool is_part_of(const std::vector<TapeEntry>& some, const std::vector<TapeEntry>& all) {
  auto at = all.begin();
  for (const TapeEntry& entry : some) {
    at = std::find(at, all.end(), entry);
    if (at == all.end()) {
      return false;
    }
    ++at;
  }
  return true;
}

}  // namespace

TEST_CASE("An MCAP tape gives back every message, marker and header as it was") {
  const TestFolder folder;
  write_all(folder.file("t.mcap"), full_header(), varied_entries());
  const auto content = read_all(folder.file("t.mcap"));
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  CHECK(content->header == full_header());
  CHECK(content->entries == varied_entries());
  CHECK_FALSE(content->damage.any());
}

TEST_CASE("A tape without messages is a tape") {
  const TestFolder folder;
  write_all(folder.file("t.mcap"), full_header(), {});
  const auto content = read_all(folder.file("t.mcap"));
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  CHECK(content->header == full_header());
  CHECK(content->entries.empty());
  CHECK_FALSE(content->damage.any());
}

TEST_CASE("The fixture goes from NDJSON to MCAP and back, bit for bit") {
  const std::string fixture = source_folder() + "/fixtures/tapes/commute.ndjson";
  const TestFolder folder;
  const auto ndjson = read_all(fixture);
  REQUIRE(ndjson.ok());
  write_all(folder.file("t.mcap"), ndjson->header, ndjson->entries);
  const auto mcap = read_all(folder.file("t.mcap"));
  REQUIRE_MESSAGE(mcap.ok(), mcap.error().line());
  write_all(folder.file("back.ndjson"), mcap->header, mcap->entries);
  CHECK(content_of(folder.file("back.ndjson")) == content_of(fixture));
}

TEST_CASE("Cut at any byte, an MCAP tape gives exactly the chunks that are whole") {
  TapeInChunks tape = small_tape();
  const std::string whole = tape.close();
  for (std::size_t size = magic.size(); size < whole.size(); ++size) {
    const auto content = read_all_of(std::string_view(whole).substr(0, size));
    CAPTURE(size);
    REQUIRE_MESSAGE(content.ok(), content.error().line());
    REQUIRE(content->damage.any());
    REQUIRE(content->entries.size() >= tape.entries_within(size));
    REQUIRE(content->entries.size() <= tape.entries().size());
    REQUIRE(std::equal(content->entries.begin(), content->entries.end(), tape.entries().begin()));
  }
}

TEST_CASE("A flip of any bit of an MCAP tape is noticed, and costs at most one chunk") {
  TapeInChunks tape = small_tape();
  const std::string whole = tape.close();
  constexpr std::size_t largest_loss = 3;
  for (std::size_t bit = magic.size() * 8; bit < whole.size() * 8; ++bit) {
    std::string damaged = whole;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
    const auto content = read_all_of(damaged);
    CAPTURE(bit);
    REQUIRE_MESSAGE(content.ok(), content.error().line());
    REQUIRE(content->damage.any());
    REQUIRE_FALSE(content->damage.places.empty());
    REQUIRE(content->entries.size() + largest_loss >= tape.entries().size());
    REQUIRE(is_part_of(content->entries, tape.entries()));
  }
}

TEST_CASE("A damaged header chunk costs no message, and the header is known from the end") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  TapeInChunks tape = small_tape();
  std::string bytes = tape.close();
  const std::size_t first_chunk = bytes.find("zstd");
  bytes[first_chunk + 20] = static_cast<char>(bytes[first_chunk + 20] ^ 1);
  put(path, bytes);
  const auto content = read_all(path);
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  CHECK(content->entries == tape.entries());
  CHECK(content->header == full_header());
  CHECK(content->damage.bad_chunks == 1);
}

TEST_CASE("A closed tape says what it holds without being read through") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  write_all(path, full_header(), varied_entries());
  const auto scanned = scan_tape(path, [](const RecordedMessage&) { return true; });
  REQUIRE(scanned.ok());

  // All that lies between the first chunk and the end is made unreadable.
  std::string bytes = content_of(path);
  const std::size_t chunk = bytes.find("zstd", bytes.find("zstd") + 4);
  std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(chunk), 100, '\0');
  put(path, bytes);
  const auto info = read_tape_info(path);
  REQUIRE(info.ok());
  CHECK(info->contents == scanned->contents);
  CHECK(info->header == full_header());
}

TEST_CASE("A recording goes on in a closed tape, and in one that was cut off at any byte") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  TapeInChunks tape = small_tape();
  const std::string whole = tape.close();
  const auto later = odometer_message("WATDEMPT0TRA1N001", 77);
  for (std::size_t size = 0; size <= whole.size(); size += size + 40 < whole.size() ? 37U : 1U) {
    CAPTURE(size);
    put(path, std::string_view(whole).substr(0, size));
    const auto before = read_all_of(std::string_view(whole).substr(0, size));
    auto resumed = resume_tape(path, full_header());
    REQUIRE_MESSAGE(resumed.ok(), resumed.error().line());
    REQUIRE(resumed->writer->append(later).ok());
    REQUIRE(resumed->writer->close().ok());
    const auto content = read_all(path);
    REQUIRE_MESSAGE(content.ok(), content.error().line());
    REQUIRE_FALSE(content->damage.any());
    auto expected = before ? before->entries : std::vector<TapeEntry>();
    expected.emplace_back(later);
    REQUIRE(content->entries == expected);
    REQUIRE(content->header == full_header());
    const auto info = read_tape_info(path);
    const auto scanned = scan_tape(path, [](const RecordedMessage&) { return true; });
    REQUIRE(info->contents == scanned->contents);
  }
}

TEST_CASE("A tape with a damaged chunk is not gone on with") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  std::string bytes = small_tape().close();
  const std::size_t chunk = bytes.find("zstd", bytes.find("zstd") + 4) + 60;
  bytes[chunk] = static_cast<char>(bytes[chunk] ^ 1);
  put(path, bytes);
  const auto resumed = resume_tape(path, full_header());
  REQUIRE_FALSE(resumed.ok());
  CHECK(resumed.error().advice.find("recover") != std::string::npos);
  CHECK(content_of(path) == bytes);
}

TEST_CASE("The index of a long tape is kept in a file, and comes back as it was") {
  const TestFolder folder;
  SpilledText text(folder.file(""));
  std::string expected;
  for (int i = 0; i < 40'000; ++i) {
    const std::string line = "the record of chunk number " + std::to_string(i) + ", and so on …\n";
    expected += line;
    REQUIRE(text.append(line).ok());
  }
  std::string back;
  REQUIRE(text.read([&](std::string_view piece) {
                back += piece;
                return Result<void>();
              })
              .ok());
  CHECK(text.size() == expected.size());
  CHECK(back == expected);
  CHECK(std::filesystem::is_empty(folder.file("")));
}

TEST_CASE("A topic whose channel would be one of ours is a topic like any other") {
  const TestFolder folder;
  std::vector<TapeEntry> entries;
  for (const char* word : {"tape", "marker", "publish", "news"}) {
    for (const char* payload : {R"({"tape":1,"marker":"connected"})", "no JSON"}) {
      RecordedMessage recorded = odometer_message("WATDEMPT0TRA1N001", 1);
      recorded.message.topic =
          std::string("sandbox/level13/5A0C0FFEE0DDBA11C0DEFEED/WATDEMPT0TRA1N001/autotape/get/") +
          word;
      recorded.message.payload = payload;
      entries.emplace_back(recorded);
    }
  }
  write_all(folder.file("t.mcap"), full_header(), entries);
  const auto content = read_all(folder.file("t.mcap"));
  REQUIRE(content);
  CHECK(content->entries == entries);
  CHECK(content->header == full_header());
}

TEST_CASE("Whatever bit of a tape's end is flipped, it can be asked what the tape holds") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  write_all(path, full_header(), varied_entries());
  const std::string bytes = content_of(path);
  for (std::size_t at = bytes.size() * 2 / 3; at < bytes.size(); ++at) {
    for (const int bits : {0x01, 0x80}) {
      std::string flipped = bytes;
      flipped[at] = static_cast<char>(flipped[at] ^ bits);
      put(path, flipped);
      const auto stored = read_stored_contents(*InputFile::open(path));
      CHECK_MESSAGE(stored.ok(), at);
    }
  }
}

TEST_CASE(
    "A table of PUBLISH headers that cannot be read is a loss: topics are not what they were") {
  const TestFolder folder;
  RecordedMessage wrong = odometer_message("WATDEMPT0TRA1N001", 1);
  wrong.message.topic = "a/b";
  wrong.message.payload = "no JSON";
  wrong.message.properties = PublishProperties{};
  wrong.message.properties->payload_format_indicator = std::uint8_t{5};
  write_all(folder.file("t.mcap"), full_header(), {wrong});
  const auto tape = open_for_recovery(folder.file("t.mcap"));
  REQUIRE(tape);
  const auto content = read_all(**tape);
  REQUIRE(content);
  CHECK(content->entries.size() == 1);
  CHECK(content->damage.messages_may_be_lost());
  CHECK_FALSE((*tape)->lost(1));
}
