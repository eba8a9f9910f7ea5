// What a recording finds where it is to begin, and what it leaves if it never begins.
#include "tape/recording.hpp"

#include <filesystem>
#include <map>

#include <doctest/doctest.h>

#include "tape/journal/journal.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;

namespace {

const SplitLimits one_file;
const SplitLimits parts{1000, std::nullopt};

// Every file of a folder and its bytes.
std::map<std::string, std::string> files_in(const TestFolder& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder.file(""))) {
    files[entry.path().filename().string()] = content_of(entry.path().string());
  }
  return files;
}

// As a recorder that was killed leaves it: not closed.
void record(const std::string& path, const SplitLimits& limits, int messages) {
  auto recording = open_recording(path, full_header(), limits, false);
  REQUIRE_MESSAGE(recording.ok(), recording.error().line());
  recording->files.keep();
  for (int number = 0; number < messages; ++number) {
    REQUIRE(recording->writer->append(odometer_message("WATDEMPT0TRA1N001", number)));
    REQUIRE(recording->writer->sync());
  }
}

std::string refusal(const std::string& path, const SplitLimits& limits, bool force) {
  const auto recording = open_recording(path, full_header(), limits, force);
  REQUIRE_FALSE(recording.ok());
  CHECK(recording.error().kind == ErrorKind::file);
  return recording.error().line();
}

}  // namespace

TEST_CASE("A recording that never began leaves the folder as it was, with force too") {
  for (const SplitLimits& limits : {one_file, parts}) {
    for (const std::string name : {"t.mcap", "t.ndjson"}) {
      for (const int messages : {0, 20}) {
        for (const bool force : {false, true}) {
          CAPTURE(name);
          CAPTURE(force);
          const TestFolder folder;
          if (messages > 0) {
            record(folder.file(name), limits, messages);
          }
          const auto before = files_in(folder);
          if (messages > 0 && !force) {
            continue;  // gone on with: what is torn is repaired
          }
          {
            auto recording = open_recording(folder.file(name), full_header(), limits, force);
            REQUIRE_MESSAGE(recording.ok(), recording.error().line());
            CHECK(recording->is_new);
            REQUIRE(recording->writer->append(odometer_message("WATDEMPT0TRA1N001", 99)));
            REQUIRE(recording->writer->sync());
          }
          CHECK(files_in(folder) == before);
        }
      }
    }
  }
}

TEST_CASE("A recording that began has replaced the earlier one") {
  for (const SplitLimits& limits : {one_file, parts}) {
    const TestFolder folder;
    const std::string path = folder.file("t.mcap");
    record(path, limits, 20);
    {
      auto recording = open_recording(path, full_header(), limits, true);
      REQUIRE_MESSAGE(recording.ok(), recording.error().line());
      recording->files.keep();
      REQUIRE(recording->writer->append(odometer_message("WATDEMPT0TRA1N001", 99)));
      REQUIRE(recording->writer->close());
    }
    const std::string tape = limits.any() ? split_part_path(path, 1) : path;
    const auto content = read_all(tape);
    REQUIRE(content);
    CHECK(content->entries == std::vector<TapeEntry>{odometer_message("WATDEMPT0TRA1N001", 99)});
    CHECK(files_in(folder).size() == (limits.any() ? 2 : 1));
  }
}

TEST_CASE("A tape that another recorder writes is not replaced, with force neither") {
  for (const SplitLimits& limits : {one_file, parts}) {
    for (const std::string name : {"t.mcap", "t.ndjson"}) {
      const TestFolder folder;
      auto recording = open_recording(folder.file(name), full_header(), limits, false);
      REQUIRE(recording);
      const auto before = files_in(folder);
      CHECK(refusal(folder.file(name), limits, true).find("being written by another program") !=
            std::string::npos);
      CHECK(files_in(folder) == before);
    }
  }
}

TEST_CASE("Parts without their index are neither gone on with nor removed") {
  for (const std::string name : {"t.mcap", "t.ndjson"}) {
    const TestFolder folder;
    const std::string path = folder.file(name);
    record(path, parts, 40);
    std::filesystem::remove(split_index_path(path));
    const auto before = files_in(folder);
    CHECK(refusal(path, parts, false).find("not in the index") != std::string::npos);
    CHECK(files_in(folder) == before);

    // The same of the later ones alone.
    std::filesystem::remove(split_part_path(path, 1));
    CHECK_FALSE(open_recording(path, full_header(), parts, false));
    CHECK(std::filesystem::exists(split_part_path(path, 2)));
  }
}

TEST_CASE("A journal with the messages of a tape that was moved away is not begun anew") {
  const TestFolder folder;
  const std::string path = folder.file("t.mcap");
  record(path, one_file, 5);
  std::filesystem::rename(path, folder.file("saved.mcap"));
  const auto before = files_in(folder);
  CHECK(refusal(path, one_file, false).find("holds messages of an earlier recording") !=
        std::string::npos);
  CHECK(files_in(folder) == before);

  // Nor by a closed tape that came in its place.
  write_all(path, full_header(), varied_entries());
  CHECK_FALSE(open_recording(path, full_header(), one_file, false));
  CHECK(read_all(path)->entries == varied_entries());

  std::filesystem::rename(folder.file("saved.mcap"), path);
  CHECK(read_all(path)->entries.size() == 5);
}
