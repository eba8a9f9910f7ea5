#include "scenario/stage_reader.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "core/text.hpp"
#include "message/topic_filter.hpp"
#include "replay/pace.hpp"
#include "scenario/likeness.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t most_deliveries = 1'000'000;  // of one message

StageSettings read_duplicate(Fields& fields) {
  DuplicateSettings settings;
  fields.share("probability", settings.probability);
  std::uint64_t copies = settings.copies;
  fields.count("copies", copies, 1, 100);
  settings.copies = static_cast<std::uint32_t>(copies);
  fields.distribution("delay", settings.delay);
  fields.choice("class", settings.kind,
                {{"same-bytes", DuplicateClass::same_bytes},
                 {"changed-content", DuplicateClass::changed_content},
                 {"new-id", DuplicateClass::new_id}});
  return settings;
}

StageSettings read_stale(Fields& fields) {
  StaleSettings settings;
  fields.share("probability", settings.probability);
  fields.distribution("age", settings.age);
  return settings;
}

StageSettings read_tie(Fields& fields) {
  TieSettings settings;
  fields.share("probability", settings.probability);
  fields.distribution("delay", settings.delay);
  return settings;
}

StageSettings read_reorder(Fields& fields) {
  ReorderSettings settings;
  fields.choice("mode", settings.mode,
                {{"late", ReorderMode::late},
                 {"shuffle", ReorderMode::shuffle},
                 {"reverse", ReorderMode::reverse},
                 {"swap", ReorderMode::swap}});
  fields.count("messages", settings.messages, 1, 1'000'000);
  fields.duration("time", settings.time);
  fields.choice("scope", settings.scope,
                {{"all", ReorderScope::all},
                 {"car", ReorderScope::car},
                 {"property", ReorderScope::property}});
  fields.share("probability", settings.probability);
  const bool in_messages = settings.messages > 0;
  const bool in_time = settings.time > Duration(0);
  if (settings.mode == ReorderMode::swap) {
    if (in_messages || in_time) {
      fields.refuse(in_messages ? "messages" : "time", "neighbours are swapped without a window");
    }
  } else if (in_messages == in_time) {
    fields.refuse("messages", "a reorder stage needs a window: \"messages\" or \"time\"");
  } else if (in_time && settings.mode == ReorderMode::late && settings.scope != ReorderScope::all) {
    fields.refuse("scope", "\"scope\" needs a window in messages here",
                  "\"late\" by a time moves each message on its own");
  }
  return settings;
}

StageSettings read_delay(Fields& fields, bool late) {
  DelaySettings settings;
  settings.late = late;
  fields.share("probability", settings.probability);
  fields.require("delay");
  fields.distribution("delay", settings.delay);
  return settings;
}

Spans read_spans(Fields& fields) {
  Spans spans;
  fields.require("at");
  fields.require("for");
  fields.duration("at", spans.at);
  fields.duration("for", spans.duration);
  fields.optional_duration("every", spans.every);
  if (spans.every && *spans.every < spans.duration) {
    fields.refuse("every", "\"every\" must be at least as long as \"for\"");
  }
  if (spans.every && *spans.every == Duration(0)) {
    fields.refuse("every", "\"every\" must be longer than nothing");
  }
  return spans;
}

StageSettings read_hold(Fields& fields) {
  HoldSettings settings;
  settings.spans = read_spans(fields);
  fields.choice("order", settings.order,
                {{"kept", HoldOrder::kept},
                 {"reversed", HoldOrder::reversed},
                 {"shuffled", HoldOrder::shuffled}});
  return settings;
}

StageSettings read_drop(Fields& fields) {
  DropSettings settings;
  fields.share("probability", settings.probability);
  return settings;
}

StageSettings read_burst(Fields& fields) {
  BurstSettings settings;
  fields.require("every");
  fields.duration("every", settings.every);
  if (settings.every <= Duration(0)) {
    fields.refuse("every", "\"every\" must be longer than nothing");
  }
  return settings;
}

StageSettings read_rate(Fields& fields) {
  RateSettings settings;
  std::string text;
  fields.require("limit");
  fields.text("limit", text);
  const auto rate = parse_replay_rate(text);
  if (rate && rate->kind == ReplayRate::Kind::per_second) {
    settings.per_second = rate->value;
  } else {
    fields.refuse("limit", fmt::format("\"limit\" must be a rate like 5/s, and is \"{}\"",
                                       printable(text, 40)));
  }
  return settings;
}

StageSettings read_clock_skew(Fields& fields) {
  ClockSkewSettings settings;
  fields.signed_distribution("offset", settings.offset);
  fields.number("drift", settings.drift, -1e6, 1e6);
  return settings;
}

StageSettings read_corrupt(Fields& fields) {
  CorruptSettings settings;
  fields.share("probability", settings.probability);
  fields.count("huge_size", settings.huge_size, 1, std::uint64_t{256} << 20U);
  std::vector<std::string> names;
  fields.require("kinds");
  fields.texts("kinds", names);
  std::vector<std::string_view> known;
  for (int i = 0; i <= static_cast<int>(ActionKind::huge_payload); ++i) {
    if (is_corruption(static_cast<ActionKind>(i))) {
      known.push_back(name_of(static_cast<ActionKind>(i)));
    }
  }
  for (const std::string& name : names) {
    const auto kind = action_kind(name);
    if (kind && is_corruption(*kind)) {
      settings.kinds.push_back(*kind);
      continue;
    }
    const auto nearest = nearest_name(name, known);
    fields.refuse("kinds", fmt::format("\"{}\" is no corruption", printable(name, 40)),
                  nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "");
  }
  if (settings.kinds.empty()) {
    fields.refuse("kinds", "\"kinds\" must name at least one corruption");
  }
  return settings;
}

struct StageKind {
  std::string_view name;
  StageSettings (*read)(Fields&);
};

constexpr std::array<StageKind, 13> stage_kinds{
    {{"duplicate", read_duplicate},
     {"stale", read_stale},
     {"tie", read_tie},
     {"reorder", read_reorder},
     {"delay", [](Fields& fields) { return read_delay(fields, false); }},
     {"late", [](Fields& fields) { return read_delay(fields, true); }},
     {"hold", read_hold},
     {"gap", [](Fields& fields) { return StageSettings(GapSettings{read_spans(fields)}); }},
     {"drop", read_drop},
     {"burst", read_burst},
     {"rate", read_rate},
     {"clock_skew", read_clock_skew},
     {"corrupt", read_corrupt}}};

Match read_match(Fields& stage) {
  Match match;
  const YamlNode* const node = stage.take("match");
  if (node == nullptr) {
    return match;
  }
  Fields fields(*node, "\"match\"", stage.problems());
  fields.texts("car", match.cars);
  fields.optional_share("cars", match.share_of_cars);
  fields.text("capability", match.capability);
  fields.text("property", match.property);
  fields.text("topic", match.topic_filter);
  fields.optional_duration("from", match.from);
  fields.optional_duration("to", match.to);
  fields.optional_share("share", match.share);
  if (!match.topic_filter.empty() && !is_topic_filter(match.topic_filter)) {
    fields.refuse("topic", fmt::format("\"{}\" is no MQTT topic filter", match.topic_filter));
  }
  if (match.from && match.to && *match.to <= *match.from) {
    fields.refuse("to", "\"to\" must be later than \"from\"");
  }
  fields.refuse_others();
  return match;
}

void read_name(Fields& fields, Shape& shape) {
  std::string name;
  fields.text("name", name);
  if (name.empty()) {
    return;
  }
  const bool taken = std::any_of(shape.stages.begin(), shape.stages.end() - 1,
                                 [&](const ShapeStage& stage) { return stage.name == name; });
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
  if (taken || name == "selection") {
    fields.refuse("name", fmt::format("another stage is called \"{}\"", name));
  } else if (!plain) {
    fields.refuse("name", "a stage's name has lower-case letters, digits, - and _ only");
  }
  shape.stages.back().name = std::move(name);
}

StageSettings read_like(Fields& fields, const std::string& scenario_path) {
  std::string tape;
  fields.require("tape");
  fields.text("tape", tape);
  if (tape.empty()) {
    return LikeSettings{};
  }
  const auto folder = std::filesystem::path(scenario_path).parent_path();
  auto likeness = measure_likeness((folder / tape).lexically_normal());
  if (!likeness) {
    fields.refuse("tape", likeness.error().line());
    return LikeSettings{};
  }
  return std::move(likeness->settings);
}

void read_stage(const YamlNode& node, const std::string& scenario_path, Shape& shape,
                Problems& problems) {
  Fields kind_fields(node, "a stage", problems);
  kind_fields.require("stage");
  std::string kind;
  kind_fields.text("stage", kind);
  if (kind.empty()) {
    return;
  }
  Fields fields(node, fmt::format("a stage \"{}\"", printable(kind, 40)), problems);
  fields.take("stage");
  const auto* const found =
      std::find_if(stage_kinds.begin(), stage_kinds.end(),
                   [&](const StageKind& known) { return known.name == kind; });
  if (found == stage_kinds.end() && kind != "like") {
    std::vector<std::string_view> names{"like"};
    for (const StageKind& known : stage_kinds) {
      names.push_back(known.name);
    }
    const auto nearest = nearest_name(kind, names);
    fields.refuse("stage", fmt::format("there is no stage \"{}\"", printable(kind, 40)),
                  nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                          : fmt::format("there are {}", fmt::join(names, ", ")));
    return;
  }
  // A tape is looked for beside the scenario.
  StageSettings settings = kind == "like" ? read_like(fields, scenario_path) : found->read(fields);
  add_stage(shape, std::move(settings), read_match(fields));
  read_name(fields, shape);
  fields.refuse_others();
}

}  // namespace

void read_shape(const YamlNode& node, const std::string& scenario_path, Shape& shape,
                Problems& problems) {
  if (node.kind != YamlNode::Kind::sequence) {
    problems.add(node.place,
                 fmt::format("\"shape\" must be a list of stages, and is {}", describe_kind(node)));
    return;
  }
  for (const YamlNode& stage : node.items) {
    read_stage(stage, scenario_path, shape, problems);
    if (most_deliveries_of_one(shape) > most_deliveries) {
      problems.add(stage.place,
                   fmt::format("one message could become {} deliveries by here",
                               most_deliveries_of_one(shape)),
                   fmt::format("{} are the most", most_deliveries));
      return;
    }
  }
}

}  // namespace autotape
