// A tape that takes the place of another.
#include "tape/whole_tape.hpp"

#include <filesystem>

#include <doctest/doctest.h>

#include "tape/journal/journal.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;

namespace {

void record_without_closing(const std::string& path) {
  auto tape = begin_recording(path, full_header());
  REQUIRE(tape);
  REQUIRE((*tape)->append(odometer_message("WATDEMPT0TRA1N001", 1)));
  REQUIRE((*tape)->sync());
}

}  // namespace

TEST_CASE("A tape in the place of a killed recording is read as it is, without the old journal") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  record_without_closing(path);
  const std::string journal = content_of(journal_path(path));

  auto tape = create_whole_tape(path, full_header(), FileAccess::everyone, true);
  REQUIRE_MESSAGE(tape.ok(), tape.error().line());
  for (const TapeEntry& entry : varied_entries()) {
    REQUIRE(std::visit([&](const auto& one) { return (*tape)->append(one).ok(); }, entry));
  }
  REQUIRE((*tape)->close());
  CHECK_FALSE(std::filesystem::exists(journal_path(path)));
  CHECK(read_all(path)->entries == varied_entries());

  // It may also come by another way, such as mv.
  put(journal_path(path), journal);
  CHECK(read_all(path)->entries == varied_entries());
}

TEST_CASE("A journal without its tape is overwritten with force alone") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  record_without_closing(path);
  std::filesystem::remove(path);
  CHECK_FALSE(create_whole_tape(path, full_header(), FileAccess::everyone, false));
  CHECK(create_whole_tape(path, full_header(), FileAccess::everyone, true));
}

TEST_CASE("A tape that a recorder writes is not replaced") {
  const TestFolder folder;
  for (const std::string name : {"t.mcap", "t.ndjson"}) {
    const auto recording = begin_recording(folder.file(name), full_header());
    REQUIRE(recording);
    const auto refused =
        create_whole_tape(folder.file(name), full_header(), FileAccess::everyone, true);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().line().find("being written by another program") != std::string::npos);
  }
}
