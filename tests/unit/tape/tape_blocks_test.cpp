#include "tape/tape_blocks.hpp"

#include <doctest/doctest.h>

#include "tape/ndjson/ndjson_blocks.hpp"
#include "tape_files.hpp"

using namespace autotape;

namespace {

// What a way of reading makes of a tape.
struct Reading {
  std::vector<RecordedMessage> messages;
  std::string error;  // behind them
  std::vector<std::string> damage;

  bool operator==(const Reading&) const = default;
};

Reading read_in_blocks(TapeBlocks& tape) {
  Reading reading;
  const auto decoder = tape.make_decoder();
  TapeBlock block;
  while (true) {
    const auto more = tape.next(block);
    if (!more || !*more) {
      reading.error = more ? "" : more.error().line();
      break;
    }
    decoder->decode(block);
    const auto messages = block.batch.messages();
    reading.messages.insert(reading.messages.end(), messages.begin(), messages.end());
    if (const auto finished = tape.finish(block); !finished) {
      reading.error = finished.error().line();
      break;
    }
  }
  reading.damage = describe_damage(tape.damage());
  return reading;
}

Reading read_in_blocks(const std::string& path) {
  const auto tape = open_tape_blocks(path);
  return tape ? read_in_blocks(**tape) : Reading{{}, tape.error().line(), {}};
}

Reading read_one_by_one(const std::string& path) {
  Reading reading;
  const auto tape = open_tape(path);
  if (!tape) {
    return {{}, tape.error().line(), {}};
  }
  RecordedMessage message;
  while (true) {
    const auto more = (*tape)->next_message(message);
    if (!more || !*more) {
      reading.error = more ? "" : more.error().line();
      break;
    }
    reading.messages.push_back(message);
  }
  reading.damage = describe_damage((*tape)->damage());
  return reading;
}

void check_same(const std::string& path, std::string_view content) {
  put(path, content);
  const Reading expected = read_one_by_one(path);
  const Reading found = read_in_blocks(path);
  REQUIRE(found.messages == expected.messages);
  REQUIRE(found.error == expected.error);
  REQUIRE(found.damage == expected.damage);
}

// Gives `text` a few bytes at a time, as a pipe may.
class Trickle final : public ByteSource {
 public:
  Trickle(std::string text, std::size_t at_once) : text_(std::move(text)), at_once_(at_once) {}

  Result<std::size_t> read(char* buffer, std::size_t most) override {
    const std::size_t count = text_.copy(buffer, std::min(most, at_once_), given_);
    given_ += count;
    return count;
  }
  const std::string& path() const override { return path_; }

 private:
  std::string text_;
  std::size_t at_once_;
  std::size_t given_ = 0;
  std::string path_ = "pipe";
};

}  // namespace

TEST_CASE("In blocks, a tape of any format gives the same messages") {
  const TestFolder folder;
  for (const std::string name : {"t.ndjson", "t.ndjson.zst", "t.mcap"}) {
    const std::string path = folder.file(name);
    std::vector<TapeEntry> entries;
    for (int i = 0; i < 3000; ++i) {
      entries.emplace_back(odometer_message("WATDEMPT0TRA1N001", i));
    }
    const auto varied = varied_entries();
    entries.insert(entries.begin() + 1000, varied.begin(), varied.end());
    write_all(path, full_header(), entries);
    const Reading reading = read_in_blocks(path);
    CHECK(reading.messages.size() == 3005);
    CHECK(reading == read_one_by_one(path));
  }
}

TEST_CASE("Cut at any byte, a tape in blocks gives the same messages, and counts the same damage") {
  const TestFolder folder;
  for (const std::string name : {"t.ndjson", "t.ndjson.zst", "t.mcap"}) {
    const std::string path = folder.file(name);
    write_all(path, full_header(), varied_entries());
    const std::string whole = content_of(path);
    for (std::size_t size = 0; size < whole.size(); size += name == "t.ndjson" ? 1U : 17U) {
      CAPTURE(size);
      check_same(path, std::string_view(whole).substr(0, size));
    }
  }
}

TEST_CASE("A wrong line is the same error behind the same messages in blocks") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  write_all(path, full_header(), varied_entries());
  const std::string whole = content_of(path);
  std::vector<std::size_t> line_begins{0};
  for (std::size_t at = 0; (at = whole.find('\n', at)) != std::string::npos;) {
    line_begins.push_back(++at);
  }
  for (const std::size_t begin : line_begins) {
    for (const std::string_view wrong :
         {"hello\n", "[1]\n", "{\"tape\":1}\n", "{}\n", "\xFF\n", "{\"tape\":9}\n",
          "{\"marker\":\"rested\",\"at\":\"2026-03-01T07:00:00Z\"}\n", "\n \r\n",
          "{\"received\":7"}) {
      CAPTURE(begin);
      CAPTURE(wrong);
      check_same(path, std::string(whole).insert(begin, wrong));
    }
  }
  check_same(path, "\n\n" + whole);
  check_same(path, whole + std::string(100, '\0'));
  check_same(path, "\r\n \n");
  check_same(path, "hello");
}

TEST_CASE("However little comes at once, blocks have the same lines") {
  const TestFolder folder;
  const std::string path = folder.file("t.ndjson");
  write_all(path, full_header(), varied_entries());
  const std::string whole = "\n\n" + content_of(path) + "\n{}\n";
  put(path, whole);
  Reading expected = read_one_by_one(path);
  for (const std::size_t at_once : {1U, 7U, 100U, 5000U}) {
    NdjsonBlocks blocks(std::make_unique<Trickle>(whole, at_once));
    const Reading found = read_in_blocks(blocks);
    CHECK(found.messages == expected.messages);
    CHECK(found.error == "pipe" + expected.error.substr(path.size()));
  }
}

TEST_CASE("A missing tape and a folder cannot be read in blocks either") {
  const TestFolder folder;
  for (const std::string& path : {folder.file("none"), folder.file(".")}) {
    CHECK(read_in_blocks(path) == read_one_by_one(path));
    CHECK_FALSE(read_in_blocks(path).error.empty());
  }
}
