#include "scenario/fields.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"

namespace autotape {
namespace {

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  return error == std::errc() && stop == end ? std::optional(number) : std::nullopt;
}

std::string quoted_list(const std::vector<std::string_view>& names) {
  std::string text;
  for (const std::string_view name : names) {
    text += text.empty() ? "" : ", ";
    text += name;
  }
  return text;
}

}  // namespace

void Problems::add(YamlPlace place, std::string what, std::string advice) {
  std::string where = place.setting.empty()
                          ? fmt::format("{}:{}:{}", file_, place.line, place.column)
                          : std::move(place.setting);
  const bool is_known = std::any_of(found_.begin(), found_.end(),
                                    [&](const Error& error) { return error.where == where; });
  if (!is_known) {
    found_.push_back(Error{ErrorKind::usage, std::move(where), std::move(what), std::move(advice)});
  }
}

Fields::Fields(const YamlNode& node, std::string subject, Problems& problems)
    : node_(node), subject_(std::move(subject)), problems_(problems) {
  if (node.kind != YamlNode::Kind::mapping) {
    problems_.add(node.place, fmt::format("{} must be a mapping of names and values, and is {}",
                                          subject_, describe_kind(node)));
  }
}

const YamlNode* Fields::take(std::string_view key) {
  known_.push_back(key);
  return node_.find(key);
}

void Fields::text(std::string_view key, std::string& target) {
  if (const YamlNode* const node = take(key)) {
    if (node->kind == YamlNode::Kind::scalar) {
      target = node->text;
    } else {
      refuse_type(*node, key, "a text");
    }
  }
}

void Fields::texts(std::string_view key, std::vector<std::string>& target) {
  const YamlNode* const node = take(key);
  if (node == nullptr) {
    return;
  }
  if (node->kind == YamlNode::Kind::scalar) {
    target = {node->text};
    return;
  }
  if (node->kind != YamlNode::Kind::sequence) {
    refuse_type(*node, key, "a text or a list of texts");
    return;
  }
  target.clear();
  for (const YamlNode& item : node->items) {
    if (item.kind != YamlNode::Kind::scalar) {
      refuse_type(item, key, "a list of texts");
      return;
    }
    target.push_back(item.text);
  }
}

void Fields::flag(std::string_view key, bool& target) {
  if (const YamlNode* const node = take(key)) {
    const bool plain = node->kind == YamlNode::Kind::scalar && !node->quoted;
    if (plain && (node->text == "true" || node->text == "false")) {
      target = node->text == "true";
    } else {
      refuse_type(*node, key, "true or false");
    }
  }
}

void Fields::count(std::string_view key, std::uint64_t& target, std::uint64_t least,
                   std::uint64_t most) {
  const YamlNode* const node = take(key);
  if (node == nullptr) {
    return;
  }
  const auto number =
      node->kind == YamlNode::Kind::scalar ? parse_number<std::uint64_t>(node->text) : std::nullopt;
  if (number && *number >= least && *number <= most) {
    target = *number;
  } else {
    refuse_type(*node, key,
                least == 0 && most > 1'000'000'000
                    ? std::string("a whole number")
                    : fmt::format("a whole number from {} to {}", least, most));
  }
}

void Fields::number(std::string_view key, double& target, double least, double most) {
  const YamlNode* const node = take(key);
  if (node == nullptr) {
    return;
  }
  const auto number =
      node->kind == YamlNode::Kind::scalar ? parse_number<double>(node->text) : std::nullopt;
  if (number && *number >= least && *number <= most) {
    target = *number;
  } else {
    refuse_type(*node, key, fmt::format("a number from {} to {}", least, most));
  }
}

void Fields::share(std::string_view key, double& target) {
  std::optional<double> share;
  optional_share(key, share);
  target = share.value_or(target);
}

void Fields::duration(std::string_view key, Duration& target) {
  std::optional<Duration> duration;
  optional_duration(key, duration);
  target = duration.value_or(target);
}

void Fields::distribution(std::string_view key, DurationDistribution& target) {
  read_distribution(key, target, false);
}

void Fields::signed_distribution(std::string_view key, DurationDistribution& target) {
  read_distribution(key, target, true);
}

void Fields::optional_count(std::string_view key, std::optional<std::uint64_t>& target) {
  if (node_.find(key) != nullptr) {
    std::uint64_t number = 0;
    count(key, number);
    target = number;
  } else {
    known_.push_back(key);
  }
}

void Fields::optional_share(std::string_view key, std::optional<double>& target) {
  if (const YamlNode* const node = take(key)) {
    target = node->kind == YamlNode::Kind::scalar ? parse_share(node->text) : std::nullopt;
    if (!target) {
      refuse_type(*node, key, "a share like 10% or 0.1, from 0 to 1");
    }
  }
}

void Fields::optional_duration(std::string_view key, std::optional<Duration>& target) {
  if (const YamlNode* const node = take(key)) {
    target = duration_in(*node, key, false);
  }
}

void Fields::require(std::string_view key) {
  if (node_.kind == YamlNode::Kind::mapping && node_.find(key) == nullptr) {
    problems_.add(node_.place, fmt::format("{} needs \"{}\"", subject_, key));
  }
}

void Fields::refuse(std::string_view key, std::string what, std::string advice) {
  const YamlNode* const node = node_.find(key);
  problems_.add(node == nullptr ? node_.place : node->place, std::move(what), std::move(advice));
}

void Fields::refuse_others() {
  for (const YamlNode::Member& member : node_.members) {
    if (std::find(known_.begin(), known_.end(), member.key) != known_.end()) {
      continue;
    }
    const auto nearest = nearest_name(member.key, known_);
    problems_.add(member.place,
                  fmt::format("{} has no \"{}\"", subject_, printable(member.key, 40)),
                  nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                          : "it takes " + quoted_list(known_));
    return;
  }
}

void Fields::refuse_type(const YamlNode& node, std::string_view key, std::string_view expected) {
  problems_.add(node.place,
                fmt::format("\"{}\" must be {}, and is {}", key, expected, describe_kind(node)));
}

void Fields::refuse_name(const YamlNode& node, std::string_view key,
                         const std::vector<std::string_view>& names) {
  const auto nearest =
      node.kind == YamlNode::Kind::scalar ? nearest_name(node.text, names) : std::nullopt;
  problems_.add(node.place,
                fmt::format("\"{}\" must be one of {}, and is {}", key, quoted_list(names),
                            describe_kind(node)),
                nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "");
}

std::optional<Duration> Fields::duration_in(const YamlNode& node, std::string_view key,
                                            bool is_signed) {
  std::optional<Duration> duration;
  if (node.kind == YamlNode::Kind::scalar) {
    const bool negative = is_signed && node.text.starts_with('-');
    duration = parse_duration(negative ? std::string_view(node.text).substr(1) : node.text);
    if (duration && negative) {
      duration = -*duration;
    }
  }
  if (!duration) {
    refuse_type(node, key, "a duration like 200ms, 90s or 1h30m");
  }
  return duration;
}

void Fields::read_distribution(std::string_view key, DurationDistribution& target, bool is_signed) {
  const YamlNode* const node = take(key);
  if (node == nullptr) {
    return;
  }
  if (node->kind == YamlNode::Kind::scalar) {
    target = FixedDuration{duration_in(*node, key, is_signed).value_or(Duration(0))};
    return;
  }
  if (node->kind != YamlNode::Kind::mapping || node->members.size() != 1) {
    refuse_type(*node, key, "a duration, or one of uniform, exponential, normal");
    return;
  }
  Fields kind(*node, fmt::format("\"{}\"", key), problems_);
  const YamlNode* const uniform = kind.take("uniform");
  const YamlNode* const exponential = kind.take("exponential");
  const YamlNode* const normal = kind.take("normal");
  kind.refuse_others();
  if (uniform != nullptr) {
    if (uniform->kind != YamlNode::Kind::sequence || uniform->items.size() != 2) {
      refuse_type(*uniform, "uniform", "a list of two durations");
      return;
    }
    const Duration least =
        duration_in(uniform->items[0], "uniform", is_signed).value_or(Duration(0));
    const Duration most =
        duration_in(uniform->items[1], "uniform", is_signed).value_or(Duration(0));
    if (most < least) {
      problems_.add(uniform->place, "\"uniform\" must have the smaller duration first");
    }
    target = UniformDuration{least, most};
  } else if (exponential != nullptr) {
    target =
        ExponentialDuration{duration_in(*exponential, "exponential", false).value_or(Duration(0))};
  } else if (normal != nullptr) {
    Fields fields(*normal, "\"normal\"", problems_);
    NormalDuration read;
    if (const YamlNode* const mean = fields.take("mean")) {
      read.mean = duration_in(*mean, "mean", is_signed).value_or(Duration(0));
    }
    fields.duration("deviation", read.deviation);
    fields.require("mean");
    fields.require("deviation");
    fields.refuse_others();
    target = read;
  }
}

}  // namespace autotape
