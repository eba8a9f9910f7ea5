#include "tape/writer.hpp"

#include "tape/ndjson/ndjson_resume.hpp"
#include "tape/ndjson/ndjson_writer.hpp"

namespace autotape {

Result<std::unique_ptr<TapeWriter>> create_tape(const std::string& path, const TapeHeader& header,
                                                FileAccess access, bool force) {
  if (!path.ends_with(".ndjson")) {
    return usage_error(path + " names no tape format", "give it the ending .ndjson");
  }
  AUTOTAPE_TRY(refuse_overwrite(path, force));
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::truncate, access));
  AUTOTAPE_TRY_ASSIGN(auto writer, NdjsonWriter::start(std::move(file), header));
  return std::unique_ptr<TapeWriter>(std::move(writer));
}

Result<ResumedTape> resume_tape(const std::string& path, const TapeHeader& header) {
  return resume_ndjson_tape(path, header);
}

}  // namespace autotape
