#include "scenario/setting.hpp"

#include <charconv>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace autotape {
namespace {

std::optional<std::size_t> index_of(std::string_view text) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), index);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(index)
                                                                  : std::nullopt;
}

// What is wrong with the value is wrong with the setting, not with a line of the file.
void mark(YamlNode& node, const YamlPlace& place) {
  node.place = place;
  for (YamlNode& item : node.items) {
    mark(item, place);
  }
  for (YamlNode::Member& member : node.members) {
    member.place = place;
    mark(member.value, place);
  }
}

}  // namespace

Result<void> apply_setting(YamlNode& root, const std::string& setting) {
  const std::size_t equals = setting.find('=');
  if (equals == std::string::npos || equals == 0) {
    return usage_error(fmt::format("--set {}: has no name or no value", setting),
                       "write it like shape.0.probability=0.2");
  }
  AUTOTAPE_TRY_ASSIGN(YamlNode value,
                      parse_yaml(setting.substr(equals + 1), fmt::format("--set {}", setting)));
  const YamlPlace from{1, 1, fmt::format("--set {}", setting)};
  mark(value, from);
  YamlNode* node = &root;
  std::string_view path(setting.data(), equals);
  while (true) {
    const std::size_t dot = path.find('.');
    const std::string_view step = path.substr(0, dot);
    if (node->kind == YamlNode::Kind::sequence) {
      const auto index = index_of(step);
      if (!index || *index >= node->items.size()) {
        return usage_error(fmt::format("--set {}: the list has no place \"{}\"", setting, step),
                           fmt::format("it has {}, the first is 0", node->items.size()));
      }
      node = &node->items[*index];
    } else if (node->kind == YamlNode::Kind::scalar) {
      return usage_error(
          fmt::format("--set {}: \"{}\" is inside of a single value", setting, step));
    } else {
      node->kind = YamlNode::Kind::mapping;
      YamlNode* const member = node->find(step);
      if (member == nullptr) {
        YamlNode added;
        added.place = from;
        node->members.push_back({std::string(step), from, std::move(added)});
      }
      node = member == nullptr ? &node->members.back().value : member;
    }
    if (dot == std::string_view::npos) {
      break;
    }
    path.remove_prefix(dot + 1);
  }
  *node = std::move(value);
  return {};
}

}  // namespace autotape
