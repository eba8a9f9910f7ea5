#include "tape/writer.hpp"

#include <filesystem>

#include "tape/mcap/mcap_recording.hpp"
#include "tape/mcap/mcap_writer.hpp"
#include "tape/ndjson/ndjson_resume.hpp"
#include "tape/ndjson/ndjson_writer.hpp"
#include "tape/zstd_stream.hpp"

namespace autotape {
namespace {

enum class TapeFormat { mcap, ndjson, compressed_ndjson };

Result<TapeFormat> format_named(const std::string& path) {
  if (path.ends_with(".mcap")) {
    return TapeFormat::mcap;
  }
  if (path.ends_with(".ndjson")) {
    return TapeFormat::ndjson;
  }
  if (path.ends_with(".ndjson.zst")) {
    return TapeFormat::compressed_ndjson;
  }
  return usage_error(path + " names no tape format",
                     "give it the ending .mcap, .ndjson or .ndjson.zst");
}

// Each sync would end a compressed frame of a few messages.
Error refuse_to_record(const std::string& path) {
  return usage_error(path + ": nothing is recorded in this format",
                     "record to .mcap or .ndjson, and convert the tape");
}

Result<std::unique_ptr<TapeWriter>> begin_ndjson_recording(const std::string& path,
                                                           const TapeHeader& header) {
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::create, FileAccess::owner_only));
  auto writer = NdjsonWriter::start(std::move(file), header);
  if (!writer) {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);  // the header did not fit
    return writer.error();
  }
  return std::unique_ptr<TapeWriter>(std::move(*writer));
}

}  // namespace

Result<std::unique_ptr<TapeWriter>> begin_recording(const std::string& path,
                                                    const TapeHeader& header) {
  AUTOTAPE_TRY_ASSIGN(const TapeFormat format, format_named(path));
  switch (format) {
    case TapeFormat::mcap:
      return mcap::begin_mcap_recording(path, header);
    case TapeFormat::ndjson:
      return begin_ndjson_recording(path, header);
    case TapeFormat::compressed_ndjson:
      break;
  }
  return refuse_to_record(path);
}

Result<std::unique_ptr<TapeWriter>> create_tape(const std::string& path, const TapeHeader& header,
                                                FileAccess access, bool force) {
  AUTOTAPE_TRY_ASSIGN(const TapeFormat format, format_named(path));
  AUTOTAPE_TRY(refuse_overwrite(path, force));
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::truncate, access));
  if (format == TapeFormat::mcap) {
    const auto folder = std::filesystem::path(path).parent_path();
    AUTOTAPE_TRY_ASSIGN(
        auto writer,
        mcap::McapWriter::start(std::move(file), header, folder.empty() ? "." : folder.string()));
    return std::unique_ptr<TapeWriter>(std::move(writer));
  }
  if (format == TapeFormat::compressed_ndjson) {
    file = std::make_unique<ZstdAppendFile>(std::move(file));
  }
  AUTOTAPE_TRY_ASSIGN(auto writer, NdjsonWriter::start(std::move(file), header));
  return std::unique_ptr<TapeWriter>(std::move(writer));
}

Result<ResumedTape> resume_tape(const std::string& path, const TapeHeader& header) {
  AUTOTAPE_TRY_ASSIGN(const TapeFormat format, format_named(path));
  switch (format) {
    case TapeFormat::mcap:
      return mcap::resume_mcap_recording(path, header);
    case TapeFormat::ndjson:
      return resume_ndjson_tape(path, header);
    case TapeFormat::compressed_ndjson:
      break;
  }
  return refuse_to_record(path);
}

}  // namespace autotape
