// A file without a name: gone with the process, whatever ends it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

class TemporaryFile {
 public:
  static Result<TemporaryFile> create(const std::string& folder);
  ~TemporaryFile();
  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;

  Result<void> append(std::string_view bytes);
  Result<std::string> read_at(std::uint64_t offset, std::size_t count) const;  // all of them
  std::uint64_t size() const { return size_; }

 private:
  TemporaryFile(std::string folder, int descriptor)
      : folder_(std::move(folder)), descriptor_(descriptor) {}
  Error failure(std::string_view doing) const;

  std::string folder_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace autotape
