#include "generate/reading_text.hpp"

#include <array>

#include "core/rfc3339.hpp"
#include "generate/json_text.hpp"

namespace autotape {
namespace {

constexpr std::array<std::string_view, 4> locations{"front_left", "front_right", "rear_left",
                                                    "rear_right"};

}  // namespace

void ReadingText::quantity(std::string_view unit, double value, unsigned places) const {
  append_quantity(out, unit, value, places);
}

void ReadingText::number(double value, unsigned places) const {
  append_decimal(out, value, places);
}

void ReadingText::name(std::string_view value) const {
  append_quoted(out, value);
}

void ReadingText::place(Place value) const {
  out += R"({"latitude":)";
  append_decimal(out, value.latitude, 6);
  out += R"(,"longitude":)";
  append_decimal(out, value.longitude, 6);
  out += '}';
}

void ReadingText::time(DataTime value) const {
  append_quoted(out, format_rfc3339(value.time_since_epoch()));
}

void ReadingText::begin_located(std::string_view member) const {
  out += R"({"location":")";
  out += locations[item];
  out += "\",\"";
  out += member;
  out += "\":";
}

void ReadingText::located(std::string_view member, std::string_view value) const {
  begin_located(member);
  name(value);
  out += '}';
}

void ReadingText::located_quantity(std::string_view member, std::string_view unit,
                                   double value) const {
  begin_located(member);
  quantity(unit, value, 1);
  out += '}';
}

}  // namespace autotape
