// Where a signal writes the value of one of its readings.
#pragma once

#include <string>
#include <string_view>

#include "generate/car.hpp"

namespace autotape {

// Appends the JSON of `data`, of one item if it is a list.
struct ReadingText {
  const CarState& car;
  unsigned item;
  std::string& out;

  void quantity(std::string_view unit, double value, unsigned places) const;
  void number(double value, unsigned places) const;
  void name(std::string_view value) const;  // of an enumeration
  void place(Place value) const;
  void time(DataTime value) const;

  // Of the wheel, door, window or seat with the item's number: {"location":"front_left",`member`:…}
  void located(std::string_view member, std::string_view value) const;
  void located_quantity(std::string_view member, std::string_view unit, double value) const;

 private:
  void begin_located(std::string_view member) const;
};

}  // namespace autotape
