#include "journal/ledger.hpp"

#include <doctest/doctest.h>

#include "core/file.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

LedgerEntry entry(std::uint64_t delivery) {
  LedgerEntry made;
  made.delivery = delivery;
  made.message = delivery;
  made.planned = DueTime(2s);
  made.due = SentTime(1s);
  return made;
}

LedgerWriter create(const std::string& path) {
  auto writer =
      LedgerWriter::create(path, {ReceivedTime(1s), "test", "a \"tape\"", "", 7, "60"}, false);
  REQUIRE(writer);
  return std::move(writer).value();
}

std::vector<LedgerEntry> read_all(const std::string& path, bool* torn = nullptr) {
  auto reader = LedgerReader::open(path);
  REQUIRE(reader);
  std::vector<LedgerEntry> entries;
  LedgerEntry next;
  while (true) {
    const auto found = reader->next(next);
    REQUIRE(found);
    if (!*found) {
      break;
    }
    entries.push_back(next);
  }
  if (torn != nullptr) {
    *torn = reader->torn();
  }
  return entries;
}

}  // namespace

TEST_CASE("A ledger gives back what was written") {
  const TestFolder folder;
  const std::string path = folder.file("ledger.ndjson");
  LedgerEntry copied = entry(1);
  copied.copy = 2;
  copied.pass = 1;
  copied.actions = {"duplicate/copied", "tunnel/held"};
  {
    LedgerWriter writer = create(path);
    const auto line = writer.append(copied);
    REQUIRE(line);
    writer.complete_sent(*line, SentTime(1000001ns));
    writer.complete_sends(*line, 2);
    writer.complete_acknowledged(*line, SentTime(9223372036854775807ns));
    REQUIRE(writer.append(entry(2)));
    REQUIRE(writer.close());
  }
  copied.sent = SentTime(1000001ns);
  copied.sends = 2;
  copied.acknowledged = SentTime(9223372036854775807ns);
  CHECK(read_all(path) == std::vector{copied, entry(2)});
  CHECK(LedgerReader::open(path)->header() ==
        LedgerHeader{ReceivedTime(1s), "test", "a \"tape\"", "", 7, "60"});
}

TEST_CASE("What a killed replayer leaves of its ledger is whole up to the kill") {
  const TestFolder folder;
  const std::string path = folder.file("ledger.ndjson");
  LedgerWriter writer = create(path);
  REQUIRE(writer.append(entry(1)));
  REQUIRE(writer.append(entry(2)));
  bool torn = true;
  CHECK(read_all(path, &torn) == std::vector{entry(1), entry(2)});
  CHECK_FALSE(torn);
}

TEST_CASE("A line of a ledger that was cut off is left out, and that is said") {
  const TestFolder folder;
  const std::string path = folder.file("ledger.ndjson");
  {
    LedgerWriter writer = create(path);
    REQUIRE(writer.append(entry(1)));
    REQUIRE(writer.append(entry(2)));
  }
  const std::string text = *read_file(path);
  REQUIRE(write_file(path, text.substr(0, text.size() - 30) + "\n\n\n"));
  bool torn = false;
  CHECK(read_all(path, &torn) == std::vector{entry(1)});
  CHECK(torn);
}

TEST_CASE("A line in the middle of a ledger that is no JSON is an error with its number") {
  const TestFolder folder;
  const std::string path = folder.file("ledger.ndjson");
  { LedgerWriter writer = create(path); }
  REQUIRE(write_file(path, *read_file(path) + "{\n{\"delivery\":1,\"message\":1}\n"));
  auto reader = LedgerReader::open(path);
  REQUIRE(reader);
  LedgerEntry next;
  CHECK(reader->next(next).error().line() == path + ":2: is not JSON");
}

TEST_CASE("A ledger is longer than what is reserved at a time") {
  const TestFolder folder;
  const std::string path = folder.file("ledger.ndjson");
  constexpr std::uint64_t count = 200'000;
  {
    LedgerWriter writer = create(path);
    for (std::uint64_t i = 1; i <= count; ++i) {
      REQUIRE(writer.append(entry(i)));
    }
  }
  const auto entries = read_all(path);
  REQUIRE(entries.size() == count);
  CHECK(entries.back() == entry(count));
}

TEST_CASE("A ledger overwrites nothing unless it is told to, and wants a regular file") {
  const TestFolder folder;
  const std::string path = folder.file("ledger.ndjson");
  { LedgerWriter writer = create(path); }
  CHECK_FALSE(LedgerWriter::create(path, {}, false));
  CHECK(LedgerWriter::create(path, {}, true));
  CHECK(LedgerWriter::create("/dev/null", {}, false).error().kind == ErrorKind::file);
}
