#include "tape/mcap/mcap_recording.hpp"

#include <filesystem>

#include <fmt/format.h>

#include "tape/journal/journal.hpp"
#include "tape/mcap/mcap_info.hpp"
#include "tape/mcap/mcap_writer.hpp"

namespace autotape::mcap {
namespace {

Result<bool> is_closed(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(const auto file, InputFile::open(path));
  AUTOTAPE_TRY_ASSIGN(const auto contents, read_stored_contents(file));
  return contents.has_value();
}

// The tape is new or closed, so that its own journal has no records: those of another tape, which
// had that name, may be the only copy of what was acknowledged.
Result<void> refuse_orphaned_journal(const std::string& path) {
  const std::string journal = journal_path(path);
  AUTOTAPE_TRY_ASSIGN(const auto orphan, JournalReader::open(journal));
  if (orphan && orphan->holds_records()) {
    return file_error(journal, "holds messages of an earlier recording",
                      "put its tape back, or move the journal away");
  }
  return {};
}

// The journal holds nothing yet, or nothing that is not on `tape` and synced.
Result<std::unique_ptr<TapeWriter>> with_journal(std::unique_ptr<TapeWriter> tape,
                                                 const std::string& path, std::uint64_t generation,
                                                 std::uint64_t chunk_bytes) {
  const std::string journal = journal_path(path);
  AUTOTAPE_TRY_ASSIGN(auto file,
                      open_append_file(journal, OpenMode::resume, FileAccess::owner_only));
  JournalWriter writer(std::move(file), generation);
  AUTOTAPE_TRY(writer.restart(tape->size()));
  return std::unique_ptr<TapeWriter>(
      std::make_unique<JournaledWriter>(std::move(tape), std::move(writer), journal, chunk_bytes));
}

Result<void> append_journal(JournalReader& journal, ResumedTape& resumed) {
  TapeWriter& tape = *resumed.writer;
  RecordedMessage message;
  Marker marker;
  while (true) {
    const TapeRecord found = journal.next(message, marker);
    if (found == TapeRecord::end) {
      resumed.torn_bytes += journal.torn_bytes();
      return {};
    }
    resumed.messages += found == TapeRecord::message ? 1U : 0U;
    AUTOTAPE_TRY(found == TapeRecord::message ? tape.append(message) : tape.append(marker));
  }
}

Result<void> check_that_it_is_the_journals(const std::string& path, const JournalReader& journal) {
  std::error_code ignored;
  const std::uint64_t size = std::filesystem::file_size(path, ignored);
  if (size < journal.tape_size()) {
    return file_error(
        path, fmt::format("has {} bytes, and its journal says {}", size, journal.tape_size()),
        "is it the tape of this journal?");
  }
  return {};
}

Result<std::unique_ptr<TapeWriter>> begin_in(std::unique_ptr<AppendFile> file,
                                             const std::string& path, const TapeHeader& header,
                                             std::uint64_t chunk_bytes) {
  const auto folder = std::filesystem::path(path).parent_path();
  AUTOTAPE_TRY_ASSIGN(auto tape, McapWriter::start(std::move(file), header,
                                                   folder.empty() ? "." : folder.string()));
  AUTOTAPE_TRY(tape->write_header());
  return with_journal(std::move(tape), path, 1, chunk_bytes);
}

}  // namespace

Result<std::unique_ptr<TapeWriter>> begin_mcap_recording(const std::string& path,
                                                         const TapeHeader& header,
                                                         std::uint64_t chunk_bytes) {
  AUTOTAPE_TRY(refuse_orphaned_journal(path));
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::create, FileAccess::owner_only));
  auto begun = begin_in(std::move(file), path, header, chunk_bytes);
  if (!begun) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // nothing was recorded
  }
  return begun;
}

Result<ResumedTape> resume_mcap_recording(const std::string& path, const TapeHeader& header) {
  AUTOTAPE_TRY_ASSIGN(auto journal, JournalReader::open(journal_path(path)));
  const std::uint64_t generation = journal ? journal->generation() + 1 : 1;
  AUTOTAPE_TRY_ASSIGN(const bool closed, is_closed(path));
  if (closed) {
    AUTOTAPE_TRY(refuse_orphaned_journal(path));
    journal.reset();
  }
  if (journal) {
    AUTOTAPE_TRY(check_that_it_is_the_journals(path, *journal));
  }
  // A chunk that was being written, beyond what the journal says, is in the journal too.
  AUTOTAPE_TRY_ASSIGN(
      ResumedTape resumed,
      McapWriter::resume(path, header, journal ? journal->tape_size() : UINT64_MAX));
  if (journal) {
    AUTOTAPE_TRY(append_journal(*journal, resumed));
  }
  AUTOTAPE_TRY(static_cast<McapWriter&>(*resumed.writer).write_header());
  AUTOTAPE_TRY(resumed.writer->sync());
  AUTOTAPE_TRY_ASSIGN(resumed.writer, with_journal(std::move(resumed.writer), path, generation,
                                                   JournaledWriter::default_chunk_bytes));
  return resumed;
}

}  // namespace autotape::mcap
