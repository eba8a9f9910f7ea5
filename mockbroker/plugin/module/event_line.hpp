// The plugin's lines for the supervisor (plugin/protocol.hpp).
#pragma once

#include <cstdio>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace autotape {

// To Mosquitto's standard output; written when its buffer is full, and at each TICK.
template <typename... Args>
void emit(fmt::format_string<Args...> format, Args&&... args) {
  fmt::memory_buffer line;
  fmt::format_to(std::back_inserter(line), format, std::forward<Args>(args)...);
  line.push_back('\n');
  std::fwrite(line.data(), 1, line.size(), stdout);
}

}  // namespace autotape
