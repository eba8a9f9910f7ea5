#include "tape/ndjson/ndjson_resume.hpp"

#include "tape/ndjson/ndjson_reader.hpp"
#include "tape/ndjson/ndjson_writer.hpp"

namespace autotape {
namespace {

struct WholePart {
  TapeHeader header;
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;
  std::uint64_t torn_bytes = 0;
  bool terminated = true;
};

Result<WholePart> read_whole_part(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto input, InputFile::open(path));
  AUTOTAPE_TRY_ASSIGN(const auto reader,
                      NdjsonReader::open(std::make_unique<InputFile>(std::move(input))));
  WholePart whole;
  RecordedMessage message;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, reader->next_message(message));
    if (!found) {
      break;
    }
    ++whole.messages;
  }
  whole.header = reader->header();
  whole.bytes = reader->whole_bytes();
  whole.torn_bytes = reader->damage().torn_bytes;
  whole.terminated = whole.bytes == 0 || reader->last_line_terminated();
  return whole;
}

}  // namespace

Result<ResumedTape> resume_ndjson_tape(const std::string& path, const TapeHeader& header) {
  // Opened first: it is locked from now on.
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::resume, FileAccess::owner_only));
  AUTOTAPE_TRY_ASSIGN(const WholePart whole, read_whole_part(path));
  if (whole.torn_bytes > 0) {
    AUTOTAPE_TRY(file->truncate(whole.bytes));
    AUTOTAPE_TRY(file->sync());
  }
  ResumedTape resumed;
  resumed.messages = whole.messages;
  resumed.torn_bytes = whole.torn_bytes;
  if (whole.bytes == 0) {
    resumed.header = header;
    AUTOTAPE_TRY_ASSIGN(resumed.writer, NdjsonWriter::start(std::move(file), header));
    return resumed;
  }
  resumed.header = whole.header;
  if (!whole.terminated) {
    AUTOTAPE_TRY(file->append("\n"));
  }
  resumed.writer = NdjsonWriter::resume(std::move(file));
  return resumed;
}

}  // namespace autotape
