// The lines of a file, one after the other, in memory that grows to the longest line.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/file.hpp"
#include "core/result.hpp"

namespace autotape {

class LineReader {
 public:
  static constexpr std::size_t default_longest = std::size_t{64} << 20U;

  // A line longer than `longest` bytes is an error.
  explicit LineReader(std::unique_ptr<ByteSource> source, std::size_t longest = default_longest)
      : source_(std::move(source)), longest_(longest) {}
  explicit LineReader(InputFile file, std::size_t longest = default_longest)
      : LineReader(std::make_unique<InputFile>(std::move(file)), longest) {}

  // True and the next line without its line feed, valid until the next call; false at the end.
  Result<bool> next(std::string_view& line);

  // Of the line that next() gave last.
  std::uint64_t number() const { return number_; }          // the first is 1
  bool terminated() const { return terminated_; }           // did it end with a line feed?
  std::uint64_t end_offset() const { return end_offset_; }  // behind it and its line feed

  bool cut_off() const { return source_->cut_off(); }  // ByteSource::cut_off()
  const std::string& path() const { return source_->path(); }

 private:
  Result<void> fill();

  std::unique_ptr<ByteSource> source_;
  std::size_t longest_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not yet given
  std::size_t end_ = 0;    // of what was read
  bool at_end_ = false;
  std::uint64_t number_ = 0;
  std::uint64_t end_offset_ = 0;
  bool terminated_ = false;
};

}  // namespace autotape
