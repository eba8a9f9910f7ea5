#include "scenario/playing_time.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include "core/rfc3339.hpp"
#include "json/parser.hpp"
#include "scenario/scenario_plan.hpp"
#include "tape/info.hpp"
#include "tape/reader.hpp"

namespace autotape {
namespace {

// The last whole line of a file that is no longer than 1 MiB; empty if there is none.
std::string last_line_of(const std::string& path) {
  constexpr long most = 1L << 20U;
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  if (file == nullptr || std::fseek(file.get(), 0, SEEK_END) != 0) {
    return {};
  }
  const long size = std::ftell(file.get());
  std::string end(static_cast<std::size_t>(std::clamp(size, 0L, most)), '\0');
  if (std::fseek(file.get(), -static_cast<long>(end.size()), SEEK_END) != 0 ||
      std::fread(end.data(), 1, end.size(), file.get()) != end.size()) {
    return {};
  }
  const std::size_t last_feed = end.rfind('\n');
  if (last_feed == std::string::npos || last_feed == 0) {
    return {};
  }
  const std::size_t feed_before = end.rfind('\n', last_feed - 1);
  const std::size_t begin = feed_before == std::string::npos ? 0 : feed_before + 1;
  return end.substr(begin, last_feed - begin);
}

std::optional<Duration> length_of_saved_plan(const std::string& path) {
  JsonParser parser;
  const std::string text = last_line_of(path);
  const auto line = parser.parse(text);
  JsonObject object;
  if (!line || line->get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const auto due = integer_member(object, "due");
  return due ? std::optional(Duration(*due)) : std::nullopt;
}

// From its first message to its last record: the format has no summary.
std::optional<Duration> length_of_ndjson_tape(const std::string& path, TapeReader& tape) {
  RecordedMessage first;
  if (!tape.next_message(first).ok()) {
    return std::nullopt;
  }
  JsonParser parser;
  const std::string text = last_line_of(path);
  const auto line = parser.parse(text);
  JsonObject object;
  if (!line || line->get(object) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  const auto received = string_member(object, "received");
  const auto at = received ? received : string_member(object, "at");
  const auto last = at ? parse_rfc3339_as<ReceivedClock>(*at) : std::nullopt;
  return last ? std::optional(*last - first.received) : std::nullopt;
}

std::optional<Duration> length_of_tape(const Scenario& scenario) {
  if (scenario.generated) {
    return scenario.generated->duration;
  }
  if (scenario.tape == standard_input) {
    return std::nullopt;
  }
  const auto tape = open_tape(scenario.tape);
  if (!tape) {
    return std::nullopt;
  }
  if ((*tape)->format() == "ndjson") {
    return length_of_ndjson_tape(scenario.tape, **tape);
  }
  const auto info = read_tape_info(scenario.tape);
  if (!info || !info->contents.first_received || !info->contents.last_received) {
    return std::nullopt;
  }
  return *info->contents.last_received - *info->contents.first_received;
}

}  // namespace

std::optional<Duration> expected_playing_time(const Scenario& scenario) {
  if (is_saved_plan(scenario)) {
    return length_of_saved_plan(scenario.tape);
  }
  const Selection& selection = scenario.selection;
  const auto tape = selection.longest_gap ? std::nullopt : length_of_tape(scenario);
  if (!tape) {
    return std::nullopt;
  }
  const Duration rest = std::max(*tape - selection.start_offset, Duration(0));
  const Duration pass = std::min(rest, selection.duration.value_or(rest));
  return pass * selection.passes + pause_between_passes * (selection.passes - 1);
}

}  // namespace autotape
