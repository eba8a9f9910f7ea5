// Reads the members of one mapping of a scenario, each at most once, and refuses those that are
// left.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "scenario/yaml_document.hpp"
#include "shape/distribution.hpp"

namespace autotape {

// Where problems go; reading goes on. What is said of a place that has a problem already is likely
// to follow from that one, and is left out.
class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void add(YamlPlace place, std::string what, std::string advice = {});

  // In the order in which they were found: what follows from another one comes behind it.
  const std::vector<Error>& all() const { return found_; }

 private:
  std::string file_;
  std::vector<Error> found_;
};

// A missing member leaves its target as it is.
class Fields {
 public:
  // `subject` names the mapping in errors: "the scenario", "a duplicate stage". `node` must be a
  // mapping, or that is a problem.
  Fields(const YamlNode& node, std::string subject, Problems& problems);
  ~Fields() = default;
  Fields(const Fields&) = delete;
  Fields& operator=(const Fields&) = delete;

  // The value of a member that the caller reads itself; null if it is absent.
  const YamlNode* take(std::string_view key);

  void text(std::string_view key, std::string& target);
  void texts(std::string_view key, std::vector<std::string>& target);  // a text, or a list of them
  void flag(std::string_view key, bool& target);
  void count(std::string_view key, std::uint64_t& target, std::uint64_t least = 0,
             std::uint64_t most = std::uint64_t{1} << 53U);
  void number(std::string_view key, double& target, double least, double most);
  void share(std::string_view key, double& target);
  void duration(std::string_view key, Duration& target);
  void distribution(std::string_view key, DurationDistribution& target);
  void signed_distribution(std::string_view key, DurationDistribution& target);

  void optional_count(std::string_view key, std::optional<std::uint64_t>& target);
  void optional_share(std::string_view key, std::optional<double>& target);
  void optional_duration(std::string_view key, std::optional<Duration>& target);

  template <typename Value>
  void choice(std::string_view key, Value& target,
              std::initializer_list<std::pair<std::string_view, Value>> values) {
    const YamlNode* const node = take(key);
    if (node == nullptr) {
      return;
    }
    std::vector<std::string_view> names;
    for (const auto& [name, value] : values) {
      if (node->kind == YamlNode::Kind::scalar && node->text == name) {
        target = value;
        return;
      }
      names.push_back(name);
    }
    refuse_name(*node, key, names);
  }

  void require(std::string_view key);

  // Something about a member: its place, or the mapping's if it is absent.
  void refuse(std::string_view key, std::string what, std::string advice = {});

  // The members that nobody asked for.
  void refuse_others();

  Problems& problems() { return problems_; }
  const YamlNode& node() const { return node_; }

 private:
  void refuse_type(const YamlNode& node, std::string_view key, std::string_view expected);
  void refuse_name(const YamlNode& node, std::string_view key,
                   const std::vector<std::string_view>& names);
  std::optional<Duration> duration_in(const YamlNode& node, std::string_view key, bool is_signed);
  void read_distribution(std::string_view key, DurationDistribution& target, bool is_signed);

  const YamlNode& node_;
  std::string subject_;
  Problems& problems_;
  std::vector<std::string_view> known_;
};

}  // namespace autotape
