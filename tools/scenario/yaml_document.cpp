#include "scenario/yaml_document.hpp"

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "core/text.hpp"

namespace autotape {
namespace {

YamlPlace place_of(const YAML::Mark& mark) {
  return {mark.line + 1, mark.column + 1, {}};
}

YamlNode node_at(const YAML::Mark& mark, YamlNode::Kind kind) {
  YamlNode node;
  node.kind = kind;
  node.place = place_of(mark);
  return node;
}

// Thrown through yaml-cpp's parser, to leave it at once.
struct Refused {
  YamlPlace place;
  std::string what;
  std::string advice;
};

// Builds the tree from the parser's events, so that nothing is expanded before it is judged.
class TreeBuilder final : public YAML::EventHandler {
 public:
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    add(node_at(mark, YamlNode::Kind::null));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{place_of(mark), "aliases are not supported", "write the value out"};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    const bool quoted = tag == "!";
    const bool null = !quoted && (value.empty() || value == "~" || value == "null");
    YamlNode node = node_at(mark, null ? YamlNode::Kind::null : YamlNode::Kind::scalar);
    node.text = value;
    node.quoted = quoted;
    add(std::move(node));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::sequence, mark);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    open(YamlNode::Kind::mapping, mark);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    std::optional<YamlNode> key;
  };

  void open(YamlNode::Kind kind, const YAML::Mark& mark) {
    if (open_.size() >= max_yaml_depth) {
      throw Refused{
          place_of(mark), fmt::format("is nested deeper than {} levels", max_yaml_depth), {}};
    }
    open_.push_back({node_at(mark, kind), {}});
  }

  void close() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  void add(YamlNode node) {
    if (++count_ > max_yaml_nodes) {
      throw Refused{node.place, fmt::format("has more than {} values", max_yaml_nodes), {}};
    }
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != YamlNode::Kind::scalar) {
        throw Refused{node.place, "a key must be a plain text", {}};
      }
      if (parent.node.find(node.text) != nullptr) {
        throw Refused{node.place, fmt::format("\"{}\" is there twice", printable(node.text)), {}};
      }
      parent.key = std::move(node);
    } else {
      parent.node.members.push_back(
          {std::move(parent.key->text), parent.key->place, std::move(node)});
      parent.key.reset();
    }
  }

  YamlNode root_;
  std::vector<Open> open_;
  std::size_t count_ = 0;
};

// The first tab that indents one of the first `last_line` lines: what the parser says of it
// ("illegal block entry") does not help.
std::optional<YamlPlace> tab_in_indentation(std::string_view text, int last_line) {
  for (int line = 1; line <= last_line && !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view indentation =
        text.substr(0, std::min(text.find_first_not_of(" \t"), end));
    if (const std::size_t tab = indentation.find('\t'); tab != std::string_view::npos) {
      return YamlPlace{line, static_cast<int>(tab) + 1, {}};
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return std::nullopt;
}

Error error_at(const std::string& where, YamlPlace place, std::string what,
               std::string advice = {}) {
  return Error{ErrorKind::usage, fmt::format("{}:{}:{}", where, place.line, place.column),
               std::move(what), std::move(advice)};
}

}  // namespace

YamlNode* YamlNode::find(std::string_view key) {
  const auto found = std::find_if(members.begin(), members.end(),
                                  [&](const Member& member) { return member.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

const YamlNode* YamlNode::find(std::string_view key) const {
  return const_cast<YamlNode*>(this)->find(key);
}

Result<YamlNode> parse_yaml(const std::string& text, const std::string& where) {
  if (text.size() > max_yaml_bytes) {
    return error_at(where, {}, fmt::format("is larger than {} bytes", max_yaml_bytes));
  }
  if (!is_utf8(text)) {
    return error_at(where, {}, "is not valid UTF-8");
  }
  TreeBuilder builder;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      return error_at(where, {}, "is empty");
    }
  } catch (const Refused& refused) {
    return error_at(where, refused.place, refused.what, refused.advice);
  } catch (const YAML::Exception& error) {
    if (const auto tab = tab_in_indentation(text, error.mark.line + 1)) {
      return error_at(where, *tab, "a tab in the indentation", "YAML takes spaces there");
    }
    return error_at(where, place_of(error.mark), "is not YAML: " + error.msg);
  }
  return builder.take_root();
}

std::string describe_kind(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::null:
      return "nothing";
    case YamlNode::Kind::scalar:
      return fmt::format("\"{}\"", printable(node.text, 40));
    case YamlNode::Kind::sequence:
      return "a list";
    case YamlNode::Kind::mapping:
      break;
  }
  return "a mapping";
}

}  // namespace autotape
