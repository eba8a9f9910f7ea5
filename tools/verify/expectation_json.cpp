#include "verify/expectation_json.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"

namespace autotape {
namespace {

// A member that takes one of a few names.
template <typename Choice>
struct ChoiceMember {
  std::string_view name;
  Choice Expectation::*target;
  std::vector<std::pair<std::string_view, Choice>> choices;
};

const auto& check_members() {
  static const auto members = [] {
    const std::vector<std::pair<std::string_view, CheckMode>> modes{
        {"required", CheckMode::required},
        {"off", CheckMode::off},
        {"default", CheckMode::by_default}};
    return std::vector<ChoiceMember<CheckMode>>{{"completeness", &Expectation::completeness, modes},
                                                {"dedup", &Expectation::dedup, modes},
                                                {"order", &Expectation::order, modes},
                                                {"state", &Expectation::state, modes},
                                                {"metamorphic", &Expectation::metamorphic, modes},
                                                {"latency", &Expectation::latency, modes}};
  }();
  return members;
}

// Calls visit(member) for each member that chooses one of a few names.
template <typename Visit>
void for_each_choice(const Visit& visit) {
  for (const auto& member : check_members()) {
    visit(member);
  }
  visit(ChoiceMember<Processing>{
      "processing",
      &Expectation::processing,
      {{"exactly-once", Processing::exactly_once}, {"idempotent", Processing::idempotent}}});
  visit(ChoiceMember<SameIdNewContent>{"same_id_new_content",
                                       &Expectation::same_id_new_content,
                                       {{"handled-once", SameIdNewContent::handled_once},
                                        {"handled-each-time", SameIdNewContent::handled_each_time},
                                        {"any", SameIdNewContent::any}}});
  visit(ChoiceMember<SameReadingNewId>{"same_reading_new_id",
                                       &Expectation::same_reading_new_id,
                                       {{"any", SameReadingNewId::any},
                                        {"handled", SameReadingNewId::handled},
                                        {"left-out", SameReadingNewId::left_out}}});
  visit(
      ChoiceMember<Refusal>{"refusal",
                            &Expectation::refusal,
                            {{"unreadable", Refusal::unreadable}, {"invalid", Refusal::invalid}}});
  visit(ChoiceMember<OrderRule>{
      "order_rule",
      &Expectation::order_rule,
      {{"monotonic", OrderRule::monotonic}, {"latest-wins", OrderRule::latest_wins}}});
  visit(ChoiceMember<TieRule>{
      "ties",
      &Expectation::ties,
      {{"any", TieRule::any}, {"first", TieRule::first}, {"last", TieRule::last}}});
  visit(ChoiceMember<Parties>{"parties",
                              &Expectation::parties,
                              {{"each", Parties::each}, {"together", Parties::together}}});
}

constexpr std::array<std::pair<std::string_view, std::optional<Duration> Expectation::*>, 3>
    duration_members{{{"max_lateness", &Expectation::max_lateness},
                      {"latency_bound", &Expectation::latency_bound},
                      {"dedup_memory", &Expectation::dedup_memory}}};

template <typename Choice>
Result<void> read_choice(const ChoiceMember<Choice>& member, const Json& value,
                         const std::string& where, Expectation& expectation) {
  std::string names;
  for (const auto& [name, choice] : member.choices) {
    if (value.is_string() && value.template get_ref<const std::string&>() == name) {
      expectation.*member.target = choice;
      return {};
    }
    names += fmt::format("{}\"{}\"", names.empty() ? "" : ", ", name);
  }
  Error error = usage_error("is none of " + names);
  error.where = where;
  return error;
}

Result<void> read_member(const std::string& name, const Json& value, const std::string& where,
                         Expectation& expectation) {
  std::vector<std::string_view> known;
  std::optional<Result<void>> read;
  for_each_choice([&](const auto& member) {
    known.push_back(member.name);
    if (member.name == name) {
      read = read_choice(member, value, where, expectation);
    }
  });
  for (const auto& [member, target] : duration_members) {
    known.push_back(member);
    if (member == name) {
      expectation.*target =
          value.is_string() ? parse_duration(value.get_ref<const std::string&>()) : std::nullopt;
      read = expectation.*target ? Result<void>()
                                 : Result<void>(Error{ErrorKind::usage, where, "is no duration",
                                                      "write it like \"10min\""});
    }
  }
  if (read) {
    return *read;
  }
  const auto nearest = nearest_name(name, known);
  return Error{ErrorKind::usage, where, "is not known",
               nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                       : fmt::format("there are {}", fmt::join(known, ", "))};
}

}  // namespace

Json expectation_to_json(const Expectation& expectation) {
  const Expectation defaults;
  Json json = Json::object();
  for_each_choice([&](const auto& member) {
    for (const auto& [name, choice] : member.choices) {
      if (expectation.*member.target == choice && choice != defaults.*member.target) {
        json[std::string(member.name)] = name;
      }
    }
  });
  for (const auto& [name, target] : duration_members) {
    if (const auto& duration = expectation.*target) {
      json[std::string(name)] = format_duration(*duration);
    }
  }
  return json;
}

Result<Expectation> expectation_from_json(const Json& json, const std::string& where) {
  Expectation expectation;
  if (!json.is_object()) {
    return Error{ErrorKind::usage, where, "is not an object", {}};
  }
  for (const auto& [name, value] : json.items()) {
    AUTOTAPE_TRY(read_member(name, value, fmt::format("{}/{}", where, name), expectation));
  }
  return expectation;
}

}  // namespace autotape
