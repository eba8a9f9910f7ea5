// A ByteSource over bytes in memory.
#pragma once

#include <string>
#include <string_view>

#include "core/file.hpp"

namespace autotape {

class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) : rest_(bytes) {}

  Result<std::size_t> read(char* buffer, std::size_t most) override {
    const std::size_t count = rest_.copy(buffer, most);
    rest_.remove_prefix(count);
    return count;
  }
  const std::string& path() const override { return path_; }

 private:
  std::string_view rest_;
  std::string path_ = "memory";
};

}  // namespace autotape
