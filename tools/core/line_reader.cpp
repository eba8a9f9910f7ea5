#include "core/line_reader.hpp"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

namespace autotape {

Result<void> LineReader::fill() {
  constexpr std::size_t block = 256 * 1024;
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > longest_) {
    // The next call goes on behind it.
    ++number_;
    const void* feed = nullptr;
    while (feed == nullptr && !at_end_) {
      end_offset_ += end_;
      AUTOTAPE_TRY_ASSIGN(end_, source_->read(buffer_.data(), buffer_.size()));
      at_end_ = end_ == 0;
      feed = std::memchr(buffer_.data(), '\n', end_);
    }
    if (feed != nullptr) {
      begin_ = static_cast<std::size_t>(static_cast<const char*>(feed) - buffer_.data()) + 1;
      end_offset_ += begin_;
    }
    return file_error(fmt::format("{}:{}", path(), number_),
                      fmt::format("is a line of more than {} bytes", longest_));
  }
  buffer_.resize(std::max(buffer_.size(), end_ + block));
  AUTOTAPE_TRY_ASSIGN(const std::size_t count,
                      source_->read(buffer_.data() + end_, buffer_.size() - end_));
  end_ += count;
  at_end_ = count == 0;
  return {};
}

Result<bool> LineReader::next(std::string_view& line) {
  std::size_t searched = 0;
  while (true) {
    const std::string_view rest(buffer_.data() + begin_, end_ - begin_);
    const std::size_t feed = rest.find('\n', searched);
    if (feed != std::string_view::npos || (at_end_ && !rest.empty())) {
      terminated_ = feed != std::string_view::npos;
      line = rest.substr(0, feed);
      const std::size_t taken = line.size() + (terminated_ ? 1 : 0);
      begin_ += taken;
      end_offset_ += taken;
      ++number_;
      return true;
    }
    if (at_end_) {
      return false;
    }
    searched = rest.size();
    AUTOTAPE_TRY(fill());
  }
}

}  // namespace autotape
