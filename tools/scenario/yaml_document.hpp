// A YAML document as a tree that knows its lines and columns.
//
// Aliases are refused: a few of them can stand for millions of nodes, or for an endless tree. Size
// and depth are bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"

namespace autotape {

inline constexpr std::size_t max_yaml_bytes = std::size_t{1} << 20U;
inline constexpr std::size_t max_yaml_depth = 32;
inline constexpr std::size_t max_yaml_nodes = 20'000;

struct YamlPlace {
  int line = 1;  // the first is 1
  int column = 1;
  std::string setting{};  // "--set seed=many": it came from there, and lines are no help
};

struct YamlNode {
  enum class Kind { null, scalar, sequence, mapping };

  struct Member;

  Kind kind = Kind::null;
  std::string text{};   // of a scalar
  bool quoted = false;  // "5" is a text, 5 may be a number
  std::vector<YamlNode> items{};
  std::vector<Member> members;  // in their order; no key twice
  YamlPlace place{};

  YamlNode* find(std::string_view key);
  const YamlNode* find(std::string_view key) const;
};

struct YamlNode::Member {
  std::string key;
  YamlPlace place;
  YamlNode value;
};

// `where` names the text in errors, which continue it with line and column.
Result<YamlNode> parse_yaml(const std::string& text, const std::string& where);

// "a text", "a list", …: what a node is, for people.
std::string describe_kind(const YamlNode& node);

}  // namespace autotape
