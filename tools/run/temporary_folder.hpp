// A folder that is gone when it is no longer needed.
#pragma once

#include <string>

#include "core/result.hpp"

namespace autotape {

class TemporaryFolder {
 public:
  // In $TMPDIR or /tmp, for this user only.
  static Result<TemporaryFolder> create();

  ~TemporaryFolder();  // with all that is in it
  TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::move(other.path_)) {
    other.path_.clear();
  }
  TemporaryFolder& operator=(TemporaryFolder&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace autotape
