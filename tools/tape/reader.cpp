#include "tape/reader.hpp"

#include "tape/ndjson/ndjson_reader.hpp"

namespace autotape {

Result<bool> TapeReader::next_message(RecordedMessage& message) {
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, next(message, skipped_));
    if (found != TapeRecord::marker) {
      return found == TapeRecord::message;
    }
  }
}

Result<std::unique_ptr<TapeReader>> open_tape(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto reader, NdjsonReader::open(path));
  return std::unique_ptr<TapeReader>(std::move(reader));
}

}  // namespace autotape
