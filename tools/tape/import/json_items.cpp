#include "tape/import/json_items.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>

namespace autotape {
namespace {

constexpr std::size_t block = 64 * 1024;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Follows a value byte by byte to its end.
class ValueEnd {
 public:
  // Is `c` behind the value? Then it does not belong to it.
  bool is_behind(char c) const {
    return whole_ || (scalar_ && (c == ',' || c == ']' || c == '}' || is_space(c)));
  }

  void take(char c) {
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if (c == '}' || c == ']') {
      --depth_;
    } else if (depth_ == 0) {
      scalar_ = true;
      return;
    }
    whole_ = depth_ == 0 && !in_string_;
  }

 private:
  std::size_t depth_ = 0;
  bool in_string_ = false;
  bool escaped_ = false;
  bool scalar_ = false;  // a number, true, false or null: it has no end of its own
  bool whole_ = false;
};

}  // namespace

Result<void> JsonItems::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ > largest_value) {
    return file_error(path(), fmt::format("has a value of more than {} bytes", largest_value));
  }
  if (buffer_.size() < end_ + block) {
    buffer_.resize(std::max(end_ + block, buffer_.size() * 2));
  }
  AUTOTAPE_TRY_ASSIGN(const std::size_t count,
                      source_->read(buffer_.data() + end_, buffer_.size() - end_));
  end_ += count;
  at_end_of_file_ = count == 0;
  return {};
}

Result<bool> JsonItems::skip_space() {
  while (true) {
    while (begin_ < end_ && is_space(front())) {
      ++begin_;
    }
    if (begin_ < end_ || at_end_of_file_) {
      return begin_ < end_;
    }
    AUTOTAPE_TRY(fill());
  }
}

Result<JsonItems::Found> JsonItems::next(std::string_view& text) {
  if (state_ == State::done) {
    return Found::end;
  }
  AUTOTAPE_TRY_ASSIGN(bool more, skip_space());
  if (state_ == State::before) {
    if (!more) {
      return no_json("is empty");
    }
    if (front() != '[') {
      return whole_file(text);
    }
    ++begin_;
    in_array_ = true;
    AUTOTAPE_TRY_ASSIGN(more, skip_space());
    if (more && front() == ']') {
      return end_of_array();
    }
  } else if (more && front() == ']') {
    return end_of_array();
  } else if (more && front() == ',') {
    ++begin_;
    AUTOTAPE_TRY_ASSIGN(more, skip_space());
  } else if (more) {
    return no_json("has no comma between two items of the array");
  }
  if (!more) {
    return no_json("ends in the middle of the array");
  }
  return item(text);
}

Result<JsonItems::Found> JsonItems::whole_file(std::string_view& text) {
  while (!at_end_of_file_) {
    AUTOTAPE_TRY(fill());
  }
  text = std::string_view(buffer_).substr(begin_, end_ - begin_);
  ++given_;
  state_ = State::done;
  return Found::value;
}

Result<JsonItems::Found> JsonItems::item(std::string_view& text) {
  if (front() == ',' || front() == ']') {
    return no_json("has a comma without an item");
  }
  ValueEnd end;
  std::size_t size = 0;
  while (true) {
    if (begin_ + size == end_) {
      AUTOTAPE_TRY(fill());
      if (at_end_of_file_) {
        return no_json("ends in the middle of the array");
      }
    }
    const char c = buffer_[begin_ + size];
    if (end.is_behind(c)) {
      break;
    }
    end.take(c);
    ++size;
  }
  text = std::string_view(buffer_).substr(begin_, size);
  begin_ += size;
  ++given_;
  state_ = State::behind_item;
  return Found::value;
}

Result<JsonItems::Found> JsonItems::end_of_array() {
  ++begin_;
  state_ = State::done;
  AUTOTAPE_TRY_ASSIGN(const bool more, skip_space());
  return more ? no_json("goes on behind the array") : Found::end;
}

JsonItems::Found JsonItems::no_json(std::string what) {
  what_ = std::move(what);
  state_ = State::done;
  return Found::no_json;
}

}  // namespace autotape
