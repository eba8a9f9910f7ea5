// The values of a JSON file, one by one: the items of an array, however many, or the one value that
// the file is. In memory that grows to the largest value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/file.hpp"
#include "core/result.hpp"

namespace autotape {

class JsonItems {
 public:
  static constexpr std::size_t largest_value = std::size_t{64} << 20U;  // bytes

  enum class Found {
    value,
    end,
    no_json,  // the file goes on in a way that JSON does not: what(); nothing more comes
  };

  explicit JsonItems(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  // `text` is valid until the next call. Whether it is JSON in itself is not checked.
  Result<Found> next(std::string_view& text);

  const std::string& what() const { return what_; }
  const std::string& path() const { return source_->path(); }
  bool in_array() const { return in_array_; }
  std::uint64_t given() const { return given_; }  // values so far

 private:
  enum class State { before, behind_item, done };

  Result<void> fill();
  Result<bool> skip_space();  // is there anything more?
  Result<Found> whole_file(std::string_view& text);
  Result<Found> item(std::string_view& text);
  Result<Found> end_of_array();
  Found no_json(std::string what);
  char front() const { return buffer_[begin_]; }

  std::unique_ptr<ByteSource> source_;
  State state_ = State::before;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not yet given
  std::size_t end_ = 0;    // of what was read
  bool at_end_of_file_ = false;
  bool in_array_ = false;
  std::uint64_t given_ = 0;
  std::string what_;
};

}  // namespace autotape
