#include "tape/mcap/spilled_text.hpp"

#include <algorithm>

namespace autotape::mcap {

Result<void> SpilledText::append(std::string_view bytes) {
  last_ += bytes;
  if (last_.size() < piece_size) {
    return {};
  }
  if (!file_) {
    AUTOTAPE_TRY_ASSIGN(file_, TemporaryFile::create(folder_));
  }
  AUTOTAPE_TRY(file_->append(last_));
  last_.clear();
  return {};
}

Result<void> SpilledText::read(const std::function<Result<void>(std::string_view)>& each) const {
  const std::uint64_t in_file = file_ ? file_->size() : 0;
  for (std::uint64_t at = 0; at < in_file; at += piece_size) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(piece_size, in_file - at));
    AUTOTAPE_TRY_ASSIGN(const std::string piece, file_->read_at(at, count));
    AUTOTAPE_TRY(each(piece));
  }
  return each(last_);
}

}  // namespace autotape::mcap
