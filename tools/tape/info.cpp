#include "tape/info.hpp"

#include <filesystem>

#include "core/file.hpp"
#include "tape/mcap/mcap_info.hpp"

namespace autotape {
namespace {

std::optional<std::uint64_t> file_size(const std::string& path) {
  std::error_code failed;
  const auto size = std::filesystem::file_size(path, failed);  // fails for a pipe
  return failed ? std::nullopt : std::optional<std::uint64_t>(size);
}

}  // namespace

Result<TapeInfo> read_tape_info(const std::string& path,
                                const std::function<bool(const RecordedMessage&)>& each, int stop) {
  if (const auto bytes = file_size(path)) {
    AUTOTAPE_TRY_ASSIGN(const auto file, InputFile::open(path));
    AUTOTAPE_TRY_ASSIGN(auto stored, mcap::read_stored_contents(file));
    if (stored) {
      return TapeInfo{"mcap", bytes, std::move(stored->header), std::move(stored->contents), {}};
    }
  }
  return scan_tape(path, each, stop);
}

Result<TapeInfo> scan_tape(const std::string& path,
                           const std::function<bool(const RecordedMessage&)>& each, int stop) {
  AUTOTAPE_TRY_ASSIGN(const auto tape, open_tape(path, stop));
  ContentsCounter counter;
  RecordedMessage message;
  Marker marker;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape->next(message, marker));
    if (found == TapeRecord::end) {
      break;
    }
    if (found == TapeRecord::marker) {
      counter.add(marker);
      continue;
    }
    counter.add(message);
    if (!each(message)) {
      break;
    }
  }
  TapeInfo info;
  info.format = tape->format();
  info.bytes = file_size(path);
  info.header = tape->header();
  info.contents = counter.contents();
  info.damage = tape->damage();
  return info;
}

}  // namespace autotape
