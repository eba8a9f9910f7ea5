// The stages, each made by its own file.
#pragma once

#include <memory>

#include "shape/match.hpp"
#include "shape/shape.hpp"
#include "shape/stage.hpp"

namespace autotape {

std::unique_ptr<Stage> make_stage(const DuplicateSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const StaleSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const TieSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const ReorderSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const DelaySettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const HoldSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const GapSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const DropSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const BurstSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const RateSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const ClockSkewSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const CorruptSettings&, Matcher, const StageContext&);
std::unique_ptr<Stage> make_stage(const LikeSettings&, Matcher, const StageContext&);

}  // namespace autotape
