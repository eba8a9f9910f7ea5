// The first bytes of a file, as if it ended there.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>

#include "core/file.hpp"

namespace autotape {

class BeginOfFile final : public ByteSource {
 public:
  BeginOfFile(InputFile file, std::uint64_t most) : file_(std::move(file)), left_(most) {}

  Result<std::size_t> read(char* buffer, std::size_t most) override {
    most = static_cast<std::size_t>(std::min<std::uint64_t>(most, left_));
    if (most == 0) {
      return most;
    }
    AUTOTAPE_TRY_ASSIGN(const std::size_t count, file_.read(buffer, most));
    left_ -= count;
    return count;
  }
  const std::string& path() const override { return file_.path(); }

 private:
  InputFile file_;
  std::uint64_t left_;
};

}  // namespace autotape
