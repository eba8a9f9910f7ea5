#include "message/topic_filter.hpp"

#include <optional>

#include "core/text.hpp"

namespace autotape {
namespace {

// The levels of a topic or filter, one after the other.
class Levels {
 public:
  explicit Levels(std::string_view text) : rest_(text) {}

  // Nothing after the last one.
  std::optional<std::string_view> next() {
    if (!rest_) {
      return std::nullopt;
    }
    const std::size_t slash = rest_->find('/');
    const std::string_view level = rest_->substr(0, slash);
    rest_ =
        slash == std::string_view::npos ? std::nullopt : std::optional(rest_->substr(slash + 1));
    return level;
  }

 private:
  std::optional<std::string_view> rest_;
};

}  // namespace

bool is_topic_filter(std::string_view filter) {
  if (filter.empty() || filter.size() > 65'535 || filter.find('\0') != std::string_view::npos ||
      !is_utf8(filter)) {
    return false;
  }
  Levels levels(filter);
  bool ended = false;
  while (const auto level = levels.next()) {
    const bool wildcard = level->find_first_of("+#") != std::string_view::npos;
    if (ended || (wildcard && level->size() != 1)) {
      return false;
    }
    ended = *level == "#";
  }
  return true;
}

bool topic_matches(std::string_view filter, std::string_view topic) {
  if (topic.starts_with('$') && (filter.starts_with('+') || filter.starts_with('#'))) {
    return false;
  }
  return filter_covers(filter, topic);
}

bool filter_covers(std::string_view outer, std::string_view inner) {
  // A filter that begins with a wildcard matches no `$…` topic.
  if (inner.starts_with('$') && (outer.starts_with('+') || outer.starts_with('#'))) {
    return false;
  }
  Levels outer_levels(outer);
  Levels inner_levels(inner);
  while (true) {
    const auto wanted = outer_levels.next();
    if (wanted == "#") {
      return true;
    }
    const auto level = inner_levels.next();
    if (!wanted || !level) {
      return wanted.has_value() == level.has_value();
    }
    if (*level == "#" || (*wanted != "+" && *wanted != *level)) {
      return false;
    }
  }
}

}  // namespace autotape
