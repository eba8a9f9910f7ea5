#include "x509/key_access.hpp"

#include <fmt/format.h>
#include <sys/stat.h>

namespace autotape {

std::optional<std::string> key_access_warning(const std::string& key_file) {
  struct stat status {};
  if (::stat(key_file.c_str(), &status) != 0 || (status.st_mode & 077U) == 0) {
    return std::nullopt;
  }
  return fmt::format("{}: others may read this private key (chmod 600 '{}')", key_file, key_file);
}

}  // namespace autotape
