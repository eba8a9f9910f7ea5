#include "tape/reader.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/stoppable_input.hpp"
#include "tape/begin_of_file.hpp"
#include "tape/journal/journaled_reader.hpp"
#include "tape/mcap/mcap_info.hpp"
#include "tape/mcap/mcap_reader.hpp"
#include "tape/ndjson/ndjson_blocks.hpp"
#include "tape/ndjson/ndjson_reader.hpp"
#include "tape/tape_blocks.hpp"
#include "tape/zstd_stream.hpp"

namespace autotape {

std::vector<std::string> describe_damage(const TapeDamage& damage) {
  std::vector<std::string> lines;
  if (damage.skipped_bytes > 0) {
    lines.push_back(fmt::format("{} bytes in {} places are damaged, and were left out",
                                damage.skipped_bytes, damage.places.size()));
  }
  if (damage.torn_bytes > 0) {
    lines.push_back(
        fmt::format("the last record is torn: {} bytes were left out", damage.torn_bytes));
  }
  if (damage.no_end) {
    lines.emplace_back(
        "the tape was not closed: what may follow is unknown (a tape with all that is there: "
        "autotape tape recover)");
  }
  return lines;
}

Result<bool> TapeReader::next_message(RecordedMessage& message) {
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, next(message, skipped_));
    if (found != TapeRecord::marker) {
      return found == TapeRecord::message;
    }
  }
}

namespace {

using OpenedTape = Result<std::unique_ptr<TapeReader>>;

OpenedTape open_mcap(InputFile file, mcap::RecordStream::Begin begin,
                     std::uint64_t most = UINT64_MAX) {
  const std::string path = file.path();
  auto size = file.size();
  if (size) {
    size = std::min(*size, most);
  }
  AUTOTAPE_TRY_ASSIGN(
      auto reader,
      mcap::McapReader::open(std::make_unique<BeginOfFile>(std::move(file), most), size, begin));
  if (!reader->has_header() && size) {  // the chunk that holds it is damaged
    AUTOTAPE_TRY_ASSIGN(const auto again, InputFile::open(path));
    AUTOTAPE_TRY_ASSIGN(auto contents, mcap::read_stored_contents(again));
    if (contents) {
      reader->set_header(std::move(contents->header));
    }
  }
  return std::unique_ptr<TapeReader>(std::move(reader));
}

// Of a tape that was not closed. One that was closed holds everything, whatever journal lies beside
// it: a killed recording's, in whose place the tape came.
Result<std::optional<JournalReader>> open_journal_of(const InputFile& file) {
  const std::string path = journal_path(file.path());
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return std::optional<JournalReader>();
  }
  AUTOTAPE_TRY_ASSIGN(const auto contents, mcap::read_stored_contents(file));
  return contents ? std::optional<JournalReader>() : JournalReader::open(path);
}

// While it is recorded, and after a recorder that was killed, a journal says how far the tape goes,
// and has the rest.
OpenedTape open_mcap_with_journal(InputFile file) {
  AUTOTAPE_TRY_ASSIGN(auto journal, open_journal_of(file));
  const std::uint64_t most = journal ? journal->tape_size() : UINT64_MAX;
  AUTOTAPE_TRY_ASSIGN(auto tape,
                      open_mcap(std::move(file), mcap::RecordStream::Begin::at_magic, most));
  if (!journal) {
    return tape;
  }
  return std::unique_ptr<TapeReader>(
      std::make_unique<JournaledReader>(std::move(tape), std::move(*journal)));
}

OpenedTape open_ndjson(std::unique_ptr<ByteSource> source, std::string_view format,
                       NdjsonReader::WrongLine wrong_line) {
  AUTOTAPE_TRY_ASSIGN(auto reader, NdjsonReader::open(std::move(source), format, wrong_line));
  return std::unique_ptr<TapeReader>(std::move(reader));
}

// Most of its first bytes are those of the format, or its name says so.
bool looks_like(std::string_view begin, std::string_view magic, const std::string& path,
                std::string_view ending) {
  std::size_t same = 0;
  for (std::size_t i = 0; i < std::min(begin.size(), magic.size()); ++i) {
    same += begin[i] == magic[i] ? 1U : 0U;
  }
  return same + 1 >= magic.size() || path.ends_with(ending);
}

// The text of a file that is no MCAP, whether or not it is compressed.
struct TapeText {
  std::unique_ptr<ByteSource> source;
  std::string_view format;
};

TapeText text_of(std::unique_ptr<ByteSource> source, std::string_view begin) {
  if (!begin.starts_with(zstd_magic)) {
    return {std::move(source), "ndjson"};
  }
  return {std::make_unique<ZstdSource>(std::move(source), ZstdSource::DamagedFrame::error),
          "ndjson.zst"};
}

// A tape of which the first bytes are known: an MCAP with its reader, or text.
struct BegunTape {
  std::unique_ptr<TapeReader> mcap;
  TapeText text;
};

Result<BegunTape> begin_tape(const std::string& path, int stop) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  if (path != "-") {
    AUTOTAPE_TRY_ASSIGN(const std::string_view peeked, file.peek(mcap::magic.size()));
    const std::string begin(peeked);
    if (begin == mcap::magic) {
      AUTOTAPE_TRY_ASSIGN(auto reader, open_mcap_with_journal(std::move(file)));
      return BegunTape{std::move(reader), {}};
    }
    return BegunTape{nullptr, text_of(std::make_unique<InputFile>(std::move(file)), begin)};
  }
  auto input = std::make_unique<StoppableInput>(std::move(file), stop);
  AUTOTAPE_TRY_ASSIGN(const std::string_view peeked, input->peek(mcap::magic.size()));
  const std::string begin(peeked);
  if (begin == mcap::magic) {
    AUTOTAPE_TRY_ASSIGN(auto reader, mcap::McapReader::open(std::move(input), std::nullopt,
                                                            mcap::RecordStream::Begin::at_magic));
    return BegunTape{std::move(reader), {}};
  }
  return BegunTape{nullptr, text_of(std::move(input), begin)};
}

}  // namespace

Result<std::unique_ptr<TapeReader>> open_tape(const std::string& path, int stop) {
  AUTOTAPE_TRY_ASSIGN(BegunTape tape, begin_tape(path, stop));
  return tape.mcap ? std::move(tape.mcap)
                   : open_ndjson(std::move(tape.text.source), tape.text.format,
                                 NdjsonReader::WrongLine::error);
}

Result<std::unique_ptr<TapeBlocks>> open_tape_blocks(const std::string& path, int stop) {
  AUTOTAPE_TRY_ASSIGN(BegunTape tape, begin_tape(path, stop));
  return tape.mcap ? blocks_of(std::move(tape.mcap))
                   : std::make_unique<NdjsonBlocks>(std::move(tape.text.source));
}

Result<std::unique_ptr<TapeReader>> open_damaged_tape(const std::string& path, std::uint64_t most) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  AUTOTAPE_TRY_ASSIGN(const std::string_view begin, file.peek(mcap::magic.size()));
  if (looks_like(begin, mcap::magic, path, ".mcap")) {
    return open_mcap(std::move(file), mcap::RecordStream::Begin::anything, most);
  }
  const bool compressed = looks_like(begin, zstd_magic, path, ".zst");
  std::unique_ptr<ByteSource> source = std::make_unique<BeginOfFile>(std::move(file), most);
  if (compressed) {
    source = std::make_unique<ZstdSource>(std::move(source), ZstdSource::DamagedFrame::skipped);
  }
  return open_ndjson(std::move(source), compressed ? "ndjson.zst" : "ndjson",
                     NdjsonReader::WrongLine::skipped);
}

}  // namespace autotape
