#include "journal/observation_log.hpp"

#include <charconv>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/write.hpp"

namespace autotape {
namespace {

constexpr std::string_view before_time = R"({"time":")";
constexpr std::string_view before_consumer = R"(","consumer":)";
constexpr std::string_view before_said = R"(,"said":)";
constexpr std::string_view before_unreadable = R"(,"unreadable":)";
constexpr std::size_t longest_unreadable = 1000;  // characters that are kept of it

// Takes what comes before `mark` off `text`, and the mark; nothing if it is not there.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) {
  const std::size_t end = text.find(mark);
  if (end == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view taken = text.substr(0, end);
  text.remove_prefix(end + mark.size());
  return taken;
}

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t begin = line.find_first_not_of(blanks);
  return begin == std::string_view::npos
             ? std::string_view()
             : line.substr(begin, line.find_last_not_of(blanks) - begin + 1);
}

}  // namespace

Result<std::unique_ptr<ObservationLog>> ObservationLog::create(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::create));
  return std::unique_ptr<ObservationLog>(new ObservationLog(std::move(file)));
}

std::optional<std::string> ObservationLog::append(std::uint32_t consumer, std::string_view line,
                                                  ReceivedTime read_at) {
  std::optional<std::string> message_id;
  const std::lock_guard lock(mutex_);
  if (!failure_) {
    return message_id;
  }
  ++lines_;
  text_ = fmt::format("{}{}{}{}", before_time, format_rfc3339(read_at.time_since_epoch()),
                      before_consumer, consumer);
  line = trimmed(line);
  if (const auto observation = reader_.read(line)) {
    text_ += before_said;
    text_ += line;
    message_id = (*observation)->message_id;
  } else {
    text_ += before_unreadable;
    append_json_string(text_, printable(line, longest_unreadable));
    text_ += R"(,"why":)";
    append_json_string(text_, observation.error().line());
  }
  text_ += "}\n";
  failure_ = file_->append(text_);
  return message_id;
}

Result<void> ObservationLog::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

std::uint64_t ObservationLog::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

Result<ObservationLogReader> ObservationLogReader::open(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  return ObservationLogReader(std::move(file));
}

Result<bool> ObservationLogReader::next(LoggedObservation& observation) {
  std::string_view line;
  AUTOTAPE_TRY_ASSIGN(const bool more, lines_.next(line));
  if (!more) {
    return false;
  }
  const auto nothing = take_until(line, before_time);
  const auto time = take_until(line, before_consumer);
  if (!nothing || !nothing->empty() || !time) {
    return at_this_line();
  }
  const auto read_at = parse_rfc3339_as<ReceivedClock>(*time);
  const auto [end, error] =
      std::from_chars(line.data(), line.data() + line.size(), observation.consumer);
  if (!read_at || error != std::errc{} || observation.consumer == 0 ||
      observation.consumer > 1'000'000 || !line.ends_with('}')) {
    return at_this_line();
  }
  line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  observation.time = *read_at;
  counts_.resize(std::max<std::size_t>(counts_.size(), observation.consumer));
  observation.line = ++counts_[observation.consumer - 1];
  observation.readable = line.starts_with(before_said);
  if (observation.readable) {
    observation.said = line.substr(before_said.size(), line.size() - before_said.size() - 1);
    observation.why = {};
  } else {
    AUTOTAPE_TRY(read_unreadable(line, observation));
  }
  return true;
}

// `line` is ,"unreadable":"…","why":"…"}
Result<void> ObservationLogReader::read_unreadable(std::string_view line,
                                                   LoggedObservation& observation) {
  if (!line.starts_with(before_unreadable)) {
    return at_this_line();
  }
  const auto root = parser_.parse(fmt::format("{{{}", line.substr(1)));
  JsonObject members;
  if (!root || root.value().get(members) != simdjson::SUCCESS) {
    return at_this_line();
  }
  said_ = string_member(members, "unreadable").value_or("");
  why_ = string_member(members, "why").value_or("");
  observation.said = said_;
  observation.why = why_;
  return {};
}

Error ObservationLogReader::at_this_line() const {
  return file_error(fmt::format("{}:{}", lines_.path(), lines_.number()),
                    "is no line of observations");
}

}  // namespace autotape
