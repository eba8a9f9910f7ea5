// Small ZIP archives, in memory (libzip).
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"

namespace autotape {

struct ZipEntry {
  std::string name;  // with its folders, as the archive has it
  std::string bytes;
};

Result<std::string> make_zip(const std::vector<ZipEntry>& entries);

// All files of the archive; those over `most` bytes are left out (a bundle has no such files).
Result<std::vector<ZipEntry>> read_zip(const std::string& path, std::uint64_t most);

}  // namespace autotape
