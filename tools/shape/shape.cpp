#include "shape/shape.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "shape/stages.hpp"

namespace autotape {
namespace {

// In the order of the variant.
constexpr std::array<std::string_view, 13> kind_names{
    "duplicate", "stale", "tie",  "reorder",    "delay",   "hold", "gap",
    "drop",      "burst", "rate", "clock_skew", "corrupt", "like"};
static_assert(kind_names.size() == std::variant_size_v<StageSettings>);

}  // namespace

std::string_view kind_name(const StageSettings& settings) {
  const auto* const delay = std::get_if<DelaySettings>(&settings);
  return delay != nullptr && delay->late ? "late" : kind_names.at(settings.index());
}

std::uint32_t most_copies(const StageSettings& settings) {
  if (const auto* const duplicate = std::get_if<DuplicateSettings>(&settings)) {
    return duplicate->copies;
  }
  const bool adds_one = std::holds_alternative<StaleSettings>(settings) ||
                        std::holds_alternative<TieSettings>(settings) ||
                        std::holds_alternative<LikeSettings>(settings);
  return adds_one ? 1 : 0;
}

std::uint64_t most_deliveries_of_one(const Shape& shape) {
  std::uint64_t deliveries = 1;
  for (const ShapeStage& stage : shape.stages) {
    deliveries *= most_copies(stage.settings) + std::uint64_t{1};
  }
  return deliveries;
}

void add_stage(Shape& shape, StageSettings settings, Match match) {
  const std::string kind(kind_name(settings));
  std::string name = kind;
  const auto taken = [&](const ShapeStage& stage) { return stage.name == name; };
  for (int number = 2; std::any_of(shape.stages.begin(), shape.stages.end(), taken); ++number) {
    name = fmt::format("{}-{}", kind, number);
  }
  shape.stages.push_back({std::move(name), std::move(match), std::move(settings)});
}

std::optional<Duration> Spans::end_of_span_at(Duration moment) const {
  if (moment < at) {
    return std::nullopt;
  }
  const Duration begin = every ? at + (moment - at) / *every * *every : at;
  return moment < begin + duration ? std::optional(begin + duration) : std::nullopt;
}

std::unique_ptr<Stage> make_stage(const ShapeStage& stage, const StageContext& context) {
  Matcher matcher(stage.match, context.seed, context.name);
  return std::visit(
      [&](const auto& settings) { return make_stage(settings, std::move(matcher), context); },
      stage.settings);
}

}  // namespace autotape
