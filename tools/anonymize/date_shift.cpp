#include "anonymize/date_shift.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

namespace autotape {
namespace {

constexpr std::size_t date_length = 10;  // YYYY-MM-DD

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool has_date_form(std::string_view text) {
  if (text.size() < date_length) {
    return false;
  }
  for (std::size_t i = 0; i < date_length; ++i) {
    const bool hyphen = i == 4 || i == 7;
    if (hyphen ? text[i] != '-' : !is_digit(text[i])) {
      return false;
    }
  }
  const auto belongs_to_time = [](char c) {
    return is_digit(c) || std::string_view("TtZz :.,+-").find(c) != std::string_view::npos;
  };
  return std::all_of(text.begin() + date_length, text.end(), belongs_to_time);
}

int number(std::string_view digits) {
  int value = 0;
  for (const char digit : digits) {
    value = value * 10 + (digit - '0');
  }
  return value;
}

}  // namespace

std::optional<std::string> DateShift::shifted(std::string_view text) const {
  using namespace std::chrono;
  constexpr std::size_t longest = 64;
  if (text.size() > longest || !has_date_form(text)) {
    return std::nullopt;
  }
  const year_month_day date(year(number(text.substr(0, 4))),
                            month(static_cast<unsigned>(number(text.substr(5, 2)))),
                            day(static_cast<unsigned>(number(text.substr(8, 2)))));
  if (!date.ok()) {
    return std::nullopt;
  }
  if (date.year() < year(2012) || date.year() > year(2099)) {
    return std::string(text);
  }
  const year_month_day other(sys_days(date) + days(days_));
  return fmt::format("{:04}-{:02}-{:02}{}", static_cast<int>(other.year()),
                     static_cast<unsigned>(other.month()), static_cast<unsigned>(other.day()),
                     text.substr(date_length));
}

}  // namespace autotape
