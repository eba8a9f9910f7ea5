#include "shape/payload_text.hpp"

#include <fmt/format.h>

#include "core/rfc3339.hpp"

namespace autotape {
namespace {

// In UTC, with as many fractional digits as `like` has.
std::string format_like(Duration since_epoch, std::string_view like) {
  constexpr std::int64_t second = 1'000'000'000;
  std::int64_t seconds = since_epoch.count() / second;
  std::int64_t nanoseconds = since_epoch.count() % second;
  if (nanoseconds < 0) {
    nanoseconds += second;
    --seconds;
  }
  std::string text =
      format_rfc3339(std::chrono::seconds(seconds));  // without fraction, ends with Z
  const std::size_t point = like.find('.');
  if (point == std::string_view::npos) {
    return text;
  }
  const std::size_t digits = like.find_first_not_of("0123456789", point + 1) - point - 1;
  const std::string fraction = fmt::format("{:09}", nanoseconds);
  text.pop_back();
  text += '.' + fraction.substr(0, std::min<std::size_t>(digits, 9));
  text.append(digits > 9 ? digits - 9 : 0, '0');
  return text + 'Z';
}

}  // namespace

std::optional<StringMember> StringMembers::next() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && depth_ > 0) {
      --depth_;
    }
    if (c != '"') {
      ++at_;
      continue;
    }
    const auto key = take_string();
    if (!key) {
      return std::nullopt;
    }
    skip_space();
    if (at_ >= text_.size() || text_[at_] != ':') {
      continue;
    }
    ++at_;
    skip_space();
    if (at_ < text_.size() && text_[at_] == '"') {
      const auto value = take_string();
      return value ? std::optional(StringMember{*key, *value, depth_}) : std::nullopt;
    }
  }
  return std::nullopt;
}

std::optional<std::string_view> StringMembers::take_string() {
  const std::size_t begin = ++at_;
  while (at_ < text_.size() && text_[at_] != '"') {
    at_ += text_[at_] == '\\' ? 2U : 1U;
  }
  if (at_ >= text_.size()) {
    return std::nullopt;
  }
  return text_.substr(begin, at_++ - begin);
}

void StringMembers::skip_space() {
  while (at_ < text_.size() &&
         (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
    ++at_;
  }
}

std::optional<std::string_view> find_top_level_string(std::string_view text, std::string_view key) {
  StringMembers members(text);
  while (const auto member = members.next()) {
    if (member->depth == 1 && member->key == key) {
      return member->value;
    }
  }
  return std::nullopt;
}

std::string with_top_level_string(std::string_view text, std::string_view key,
                                  std::string_view value) {
  const auto found = find_top_level_string(text, key);
  if (!found) {
    return std::string(text);
  }
  const auto begin = static_cast<std::size_t>(found->data() - text.data());
  std::string changed;
  changed.reserve(text.size() + value.size() - found->size());
  changed.append(text.substr(0, begin)).append(value).append(text.substr(begin + found->size()));
  return changed;
}

std::string with_shifted_timestamps(std::string_view text,
                                    const std::function<Duration(DataTime)>& shift) {
  std::string changed;
  changed.reserve(text.size());
  std::size_t done = 0;
  StringMembers members(text);
  while (const auto member = members.next()) {
    const auto time =
        member->key == "timestamp" ? parse_rfc3339_as<DataClock>(member->value) : std::nullopt;
    if (!time) {
      continue;
    }
    const auto begin = static_cast<std::size_t>(member->value.data() - text.data());
    changed.append(text.substr(done, begin - done));
    changed += format_like(time->time_since_epoch() + shift(*time), member->value);
    done = begin + member->value.size();
  }
  return changed.append(text.substr(done));
}

}  // namespace autotape
