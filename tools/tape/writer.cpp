#include "tape/writer.hpp"

#include <filesystem>

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

}  // namespace

Result<std::unique_ptr<TapeWriter>> create_tape(const std::string& path, const TapeHeader& header,
                                                FileAccess access, bool force) {
  AUTOTAPE_TRY_ASSIGN(const TapeFormat format, format_named(path));
  AUTOTAPE_TRY(refuse_overwrite(path, force));
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::truncate, access));
  if (format == TapeFormat::mcap) {
    const auto folder = std::filesystem::path(path).parent_path();
    AUTOTAPE_TRY_ASSIGN(auto writer, mcap::McapWriter::start(std::move(file), header,
                                                             folder.empty() ? "." : folder.string()));
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
  if (format == TapeFormat::mcap) {
    return mcap::McapWriter::resume(path, header);
  }
  if (format != TapeFormat::ndjson) {
    return file_error(path, "exists, and a recording cannot go on in a tape of this format",
                      "record to another file, or --force to overwrite it");
  }
  return resume_ndjson_tape(path, header);
}

}  // namespace autotape
