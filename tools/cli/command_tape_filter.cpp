// autotape tape filter: a part of a tape.
#include <charconv>
#include <memory>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/tape_output.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "message/topic_filter.hpp"
#include "tape/edit/message_filter.hpp"

namespace autotape {
namespace {

// An offset from the first message of the tape, or a moment.
using TimeBound = std::variant<std::monostate, Duration, ReceivedTime>;

struct FilterOptions {
  std::string tape;
  TapeOutput output;
  TimeBound from;
  TimeBound until;
  MessageConditions conditions;
};

std::optional<TimeBound> parse_time_bound(const std::string& text) {
  if (const auto offset = parse_duration(text)) {
    return TimeBound(*offset);
  }
  if (const auto moment = parse_rfc3339_as<ReceivedClock>(text)) {
    return TimeBound(*moment);
  }
  std::int64_t nanoseconds = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), nanoseconds);
  return fault == std::errc() && end == text.data() + text.size()
             ? std::optional(TimeBound(ReceivedTime(Duration(nanoseconds))))
             : std::nullopt;
}

std::optional<ReceivedTime> moment_of(const TimeBound& bound, ReceivedTime first) {
  if (const auto* const offset = std::get_if<Duration>(&bound)) {
    return first + *offset;
  }
  const auto* const moment = std::get_if<ReceivedTime>(&bound);
  return moment != nullptr ? std::optional(*moment) : std::nullopt;
}

// What the options come to once the first message is known.
class FilterOfTape {
 public:
  explicit FilterOfTape(const FilterOptions& options) : options_(options) {}

  bool wants(const RecordedMessage& message) { return filter(message.received).wants(message); }
  // How a recording began is kept.
  bool wants(const Marker& marker) const { return !filter_ || filter_->in_time(marker.at); }

 private:
  MessageFilter& filter(ReceivedTime first) {
    if (!filter_) {
      MessageConditions conditions = options_.conditions;
      conditions.from = moment_of(options_.from, first);
      conditions.until = moment_of(options_.until, first);
      filter_.emplace(std::move(conditions));
    }
    return *filter_;
  }

  const FilterOptions& options_;
  std::optional<MessageFilter> filter_;
};

Result<ExitCode> filter_tape(const FilterOptions& options) {
  for (const auto* const filters : {&options.conditions.include, &options.conditions.exclude}) {
    for (const std::string& filter : *filters) {
      if (!is_topic_filter(filter)) {
        return usage_error("\"" + filter + "\" is no topic filter");
      }
    }
  }
  const bool both = options.from.index() == options.until.index() && options.from != TimeBound();
  if (both && options.until <= options.from) {
    return usage_error("--until is not later than --from", "nothing is received between them");
  }
  AUTOTAPE_TRY_ASSIGN(const auto tape, open_tape(options.tape, interrupt_descriptor()));
  FilterOfTape filter(options);
  CopyRules rules;
  rules.keep_message = [&](const RecordedMessage& message) { return filter.wants(message); };
  rules.keep_marker = [&](const Marker& marker) { return filter.wants(marker); };
  AUTOTAPE_TRY_ASSIGN(const MadeTape made, make_tape(*tape, tape->header(), options.output, rules));
  return graver(report_damage(options.tape, tape->damage()),
                report_made_tape(made, options.output));
}

void add_time_option(CLI::App& command, const std::string& name, TimeBound& target,
                     const std::string& description) {
  command
      .add_option_function<std::string>(
          name,
          [&target, name](const std::string& text) {
            const auto bound = parse_time_bound(text);
            if (!bound) {
              throw CLI::ValidationError(name,
                                         "'" + text +
                                             "' is no time: an offset (90s, 1h30m), RFC 3339, "
                                             "or nanoseconds since 1970");
            }
            target = *bound;
          },
          description)
      ->type_name("TIME");
}

}  // namespace

void add_tape_filter_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<FilterOptions>();
  CLI::App& command = add_command(
      group, "filter", "Copy the messages that fit all conditions, in their order",
      "autotape tape filter commute.mcap --from 2m --until 5m --property speed -o part.mcap");
  add_tape_argument(command, options->tape);
  add_tape_output_options(command, options->output);
  add_time_option(
      command, "--from", options->from,
      "Not received before: an offset from the first message, RFC 3339, or nanoseconds");
  add_time_option(command, "--until", options->until, "Received before");
  MessageConditions& conditions = options->conditions;
  command.add_option("--car", conditions.cars, "Of this VIN (or one of several)")->type_name("VIN");
  command.add_option("--capability", conditions.capabilities, "With a reading of this capability");
  command.add_option("--property", conditions.properties,
                     "With a reading of this property: odometer, or diagnostics.odometer");
  command
      .add_option("--include", conditions.include,
                  "Whose topic this filter matches (or one of several)")
      ->type_name("FILTER");
  command.add_option("--exclude", conditions.exclude, "Whose topic this filter does not match")
      ->type_name("FILTER");
  run_when_chosen(command, chosen, [options] {
    const auto code = filter_tape(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
