#include "mockbroker/plugin/message_id.hpp"

#include <algorithm>

namespace autotape {

std::string_view find_message_id(std::string_view payload) {
  constexpr std::string_view key = "\"message_id\"";
  constexpr std::string_view white_space = " \t\r\n";
  constexpr std::size_t longest = 4096;
  const std::size_t place = payload.find(key);
  if (place == std::string_view::npos) {
    return {};
  }
  payload.remove_prefix(place + key.size());
  for (const char wanted : {':', '"'}) {
    payload.remove_prefix(std::min(payload.size(), payload.find_first_not_of(white_space)));
    if (!payload.starts_with(wanted)) {
      return {};
    }
    payload.remove_prefix(1);
  }
  for (std::size_t i = 0; i < std::min(payload.size(), longest + 1); ++i) {
    if (payload[i] == '"') {
      return payload.substr(0, i);
    }
    if (static_cast<unsigned char>(payload[i]) < ' ') {
      return {};
    }
    i += payload[i] == '\\' ? 1U : 0U;
  }
  return {};
}

}  // namespace autotape
