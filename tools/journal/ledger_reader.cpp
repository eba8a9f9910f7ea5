#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "journal/ledger.hpp"

namespace autotape {
namespace {

template <typename Time>
std::optional<Time> time_member(const JsonObject& object, std::string_view name) {
  const auto nanoseconds = integer_member(object, name);
  return nanoseconds ? std::optional(Time(Duration(*nanoseconds))) : std::nullopt;
}

std::string text_member(const JsonObject& object, std::string_view name) {
  return std::string(string_member(object, name).value_or(""));
}

template <typename Number>
Number number_member(const JsonObject& object, std::string_view name) {
  return static_cast<Number>(integer_member(object, name).value_or(0));
}

}  // namespace

LedgerReader::LedgerReader(InputFile file)
    : lines_(std::move(file)), parser_(std::make_unique<JsonParser>()) {}

Result<LedgerReader> LedgerReader::open(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  LedgerReader reader(std::move(file));
  JsonObject object;
  AUTOTAPE_TRY_ASSIGN(const bool found, reader.next_object(object));
  if (!found || integer_member(object, "ledger") != 1) {
    return file_error(path, "is not a ledger: its first line has no \"ledger\":1");
  }
  const auto started = parse_rfc3339_as<ReceivedClock>(text_member(object, "started"));
  reader.header_ = {started.value_or(ReceivedTime{}),
                    text_member(object, "tool"),
                    text_member(object, "tape"),
                    text_member(object, "plan"),
                    number_member<std::uint64_t>(object, "seed"),
                    text_member(object, "rate")};
  return reader;
}

Result<bool> LedgerReader::next(LedgerEntry& entry) {
  JsonObject object;
  AUTOTAPE_TRY_ASSIGN(const bool found, next_object(object));
  if (!found) {
    return false;
  }
  entry.delivery = number_member<std::uint64_t>(object, "delivery");
  entry.message = number_member<std::uint64_t>(object, "message");
  if (entry.delivery == 0 || entry.message == 0) {
    return at_this_line("has no delivery or no message, which count from 1");
  }
  entry.pass = number_member<std::uint32_t>(object, "pass");
  entry.copy = number_member<std::uint32_t>(object, "copy");
  entry.actions.clear();
  JsonArray actions;
  if (object["actions"].get(actions) == simdjson::SUCCESS) {
    for (const JsonElement action : actions) {
      std::string_view text;
      if (action.get(text) != simdjson::SUCCESS) {
        return at_this_line("has an action that is no string");
      }
      entry.actions.emplace_back(text);
    }
  }
  entry.planned = time_member<DueTime>(object, "planned").value_or(DueTime{});
  entry.due = time_member<SentTime>(object, "due").value_or(SentTime{});
  entry.sent = time_member<SentTime>(object, "sent");
  entry.sends = number_member<std::uint32_t>(object, "sends");
  entry.acknowledged = time_member<SentTime>(object, "acknowledged");
  return true;
}

Result<bool> LedgerReader::next_object(JsonObject& object) {
  std::string_view line;
  do {
    AUTOTAPE_TRY_ASSIGN(const bool found, lines_.next(line));
    if (!found) {
      return false;
    }
  } while (line.empty());
  // Behind the last whole line of a killed replayer are blank lines, so that a torn line ends with
  // a line feed like any other: it is torn if nothing follows it.
  const auto parsed = parser_->parse(line);
  if (parsed && parsed->get(object) == simdjson::SUCCESS) {
    return true;
  }
  const Error error = at_this_line(parsed ? "is not a JSON object" : parsed.error().what);
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, lines_.next(line));
    if (!found) {
      torn_ = true;
      return false;
    }
    if (!line.empty()) {
      return error;
    }
  }
}

Error LedgerReader::at_this_line(std::string what) const {
  return file_error(fmt::format("{}:{}", lines_.path(), lines_.number()), std::move(what));
}

}  // namespace autotape
