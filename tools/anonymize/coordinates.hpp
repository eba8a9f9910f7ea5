// What becomes of latitudes and longitudes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "anonymize/substitution.hpp"
#include "x509/hmac.hpp"

namespace autotape {

enum class CoordinateMode {
  drop,  // a made-up one for each: only equality is left
  grid,  // the edge of its cell, with keyed digits far below the cell's size that keep places apart
  shift,  // by a distance that is the car's own: ways keep their form, so a known place gives it
          // away
};

std::string_view name_of(CoordinateMode mode);
std::optional<CoordinateMode> coordinate_mode_of(std::string_view name);

struct CoordinateSettings {
  static constexpr double least_grid = 0.001;  // degrees
  static constexpr double most_grid = 10;

  CoordinateMode mode = CoordinateMode::drop;
  double grid = 0.1;  // degrees
};

// `literal` as JSON writes numbers, in degrees; it is taken to the nearest 1e-9. A coordinate that
// is in range stays so, and one that is not stays out of it.
std::string masked_coordinate(HmacSha256& hmac, const CoordinateSettings& settings, Axis axis,
                              std::string_view literal, std::string_view vin);

}  // namespace autotape
