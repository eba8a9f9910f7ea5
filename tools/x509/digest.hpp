// SHA-256, for naming files by what is in them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

namespace autotape {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(std::string_view bytes);

  // 64 lower-case hexadecimal digits. Nothing may be added after it.
  std::string hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Result<std::string> sha256_of_file(const std::string& path);

}  // namespace autotape
