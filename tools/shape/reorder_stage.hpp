// What the stages that change the order of messages share.
#pragma once

#include <string>

#include "shape/shape.hpp"
#include "shape/stage.hpp"

namespace autotape {

// Which messages change places with each other. Ordered where it is a map's key, never hashed: the
// order of iteration is part of the plan.
std::string reorder_scope_of(const Delivery& delivery, ReorderScope scope);

std::unique_ptr<Stage> make_time_window_stage(const ReorderSettings&, Matcher, const StageContext&);

}  // namespace autotape
