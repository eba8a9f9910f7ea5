#include "message/topic.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/text.hpp"

namespace autotape {
namespace {

// The topic's levels, or nothing if their number is not N or one of them is empty.
template <std::size_t N>
std::optional<std::array<std::string_view, N>> split_levels(std::string_view topic) {
  std::array<std::string_view, N> levels;
  for (std::size_t i = 0; i < N; ++i) {
    const std::size_t slash = topic.find('/');
    if ((slash == std::string_view::npos) != (i + 1 == N)) {
      return std::nullopt;
    }
    levels[i] = topic.substr(0, slash);
    if (levels[i].empty()) {
      return std::nullopt;
    }
    topic.remove_prefix(std::min(topic.size(), levels[i].size() + 1));
  }
  return levels;
}

bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::optional<V1Topic> parse_v1_topic(std::string_view topic) {
  const auto levels = split_levels<7>(topic);
  if (!levels) {
    return std::nullopt;
  }
  const auto& [environment, level, app_id, vin, capability, action, property] = *levels;
  return V1Topic{environment, level, app_id, vin, capability, action, property};
}

std::optional<V2Topic> parse_v2_topic(std::string_view topic) {
  const auto levels = split_levels<3>(topic);
  if (!levels) {
    return std::nullopt;
  }
  const auto& [environment, level, application_id] = *levels;
  return V2Topic{environment, level, application_id};
}

bool is_publishable_topic(std::string_view topic) {
  return !topic.empty() && topic.size() <= 65'535 &&
         topic.find_first_of(std::string_view("\0+#", 3)) == std::string_view::npos &&
         is_utf8(topic);
}

bool is_environment(std::string_view text) {
  return text == "live" || text == "sandbox";
}

bool is_v1_app_id(std::string_view text) {
  return text.size() == 24 && std::all_of(text.begin(), text.end(), [](char c) {
           return is_decimal(c) || (c >= 'A' && c <= 'F');
         });
}

bool is_v2_application_id(std::string_view text) {
  if (text.size() != 36) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = is_decimal(text[i]) || (text[i] >= 'a' && text[i] <= 'f');
    if (hyphen ? text[i] != '-' : !digit) {
      return false;
    }
  }
  return true;
}

std::string application_filter(StreamVersion version, std::string_view environment,
                               std::string_view app_id) {
  return fmt::format("{}/{}/{}{}", environment, auto_api_level, app_id,
                     version == StreamVersion::v1 ? "/#" : "");
}

}  // namespace autotape
