#include "mockbroker/plugin/message_id.hpp"

#include <algorithm>

namespace autotape {

std::string_view find_message_id(std::string_view payload) {
  constexpr std::string_view key = "\"message_id\"";
  constexpr std::string_view white_space = " \t\r\n";
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
  const std::string_view id = payload.substr(0, payload.find('"'));
  const bool plain =
      id.size() < payload.size() && id.size() <= 128 &&
      std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7F' && c != '\\'; });
  return plain ? id : std::string_view();
}

}  // namespace autotape
