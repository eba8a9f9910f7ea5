// Text that grows with a tape, in memory that does not.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "tape/temporary_file.hpp"

namespace autotape::mcap {

// Only added to, and read once more at the end. What is more than a piece goes to a temporary file.
class SpilledText {
 public:
  explicit SpilledText(std::string folder) : folder_(std::move(folder)) {}

  Result<void> append(std::string_view bytes);

  std::uint64_t size() const { return (file_ ? file_->size() : 0) + last_.size(); }

  // Gives all of it to `each`, piece by piece.
  Result<void> read(const std::function<Result<void>(std::string_view)>& each) const;

 private:
  static constexpr std::size_t piece_size = std::size_t{1} << 20U;

  std::string folder_;
  std::optional<TemporaryFile> file_;
  std::string last_;  // behind what is in the file
};

}  // namespace autotape::mcap
