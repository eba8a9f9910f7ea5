// autotape tape info: what a tape is and holds.
#include <memory>

#include <fmt/format.h>

#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "profile/stream_profile.hpp"
#include "tape/info.hpp"

namespace autotape {
namespace {

struct InfoOptions {
  std::string tape;
  bool scan = false;
  bool json = false;
};

using Counts = std::map<std::string, std::uint64_t, std::less<>>;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

template <typename Time>
std::string time_text(const std::optional<Time>& time) {
  return time ? format_rfc3339(time->time_since_epoch()) : "";
}

// "diagnostics.speed" counts for "diagnostics".
Counts by_capability(const Counts& by_property) {
  Counts counts;
  for (const auto& [name, count] : by_property) {
    counts[name.substr(0, name.find('.'))] += count;
  }
  return counts;
}

double out_of_order_share(const StreamCounts& counts) {
  return counts.readings == 0
             ? 0
             : static_cast<double>(counts.out_of_order) / static_cast<double>(counts.readings);
}

// ---- JSON

Json header_json(const TapeHeader& header) {
  Json json = Json::object();
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) {
      json[key] = value;
    }
  };
  add("environment", header.environment);
  add("level", header.level);
  add("app_id", header.app_id);
  add("broker", header.broker);
  add("topic_filter", header.topic_filter);
  add("client_id", header.client_id);
  add("tool", header.tool);
  add("started", time_text(header.started));
  add("description", header.description);
  add("privacy", header.privacy);
  add("key_id", header.key_id);
  for (const auto& [key, value] : header.other) {
    add(key.c_str(), value);
  }
  return json;
}

Json markers_json(const TapeContents& contents) {
  Json json = Json::array();
  for (const Marker& marker : contents.markers) {
    json.push_back({{"marker", name_of(marker.kind)},
                    {"at", format_rfc3339(marker.at.time_since_epoch())},
                    {"detail", marker.detail}});
  }
  return json;
}

Json gaps_json(const TapeContents& contents) {
  Json json = Json::array();
  for (const Gap& gap : gaps_in(contents.markers)) {
    Json row;
    row["from"] = gap.from ? Json(time_text(gap.from)) : Json();
    row["to"] = gap.to ? Json(time_text(gap.to)) : Json();
    row["session_kept"] = gap.session_kept;
    row["reason"] = gap.reason;
    json.push_back(row);
  }
  return json;
}

Json scan_json(const StreamCounts& counts) {
  Json json;
  json["distinct_ids"] = counts.distinct_ids;
  json["duplicates"] = {{"same_bytes", counts.duplicates.same_bytes},
                        {"new_content", counts.duplicates.new_content},
                        {"same_reading", counts.duplicates.same_reading},
                        {"redelivered", counts.duplicates.redelivered}};
  json["without_timestamp"] = counts.without_timestamp;
  json["out_of_order"] = {{"readings", counts.out_of_order},
                          {"share", out_of_order_share(counts)},
                          {"typical_lateness_s", seconds(counts.lateness.quantile(0.5))},
                          {"p99_lateness_s", seconds(counts.lateness.quantile(0.99))},
                          {"greatest_lateness_s", seconds(counts.lateness.greatest())}};
  json["oldest"] = time_text(counts.oldest);
  json["newest"] = time_text(counts.newest);
  return json;
}

Json info_json(const InfoOptions& options, const TapeInfo& info, const StreamCounts* scan) {
  const TapeContents& contents = info.contents;
  Json json;
  json["tape"] = options.tape;
  json["format"] = info.format;
  json["bytes"] = info.bytes ? Json(*info.bytes) : Json();
  json["header"] = header_json(info.header);
  json["messages"] = contents.messages;
  json["payload_bytes"] = contents.payload_bytes;
  json["without_envelope"] = contents.without_envelope;
  json["readings"] = contents.readings;
  json["first_received"] = time_text(contents.first_received);
  json["last_received"] = time_text(contents.last_received);
  json["cars"] = contents.readings_by_car.by_name;
  json["capabilities"] = by_capability(contents.readings_by_property.by_name);
  json["properties"] = contents.readings_by_property.by_name;
  json["markers"] = markers_json(contents);
  json["gaps"] = gaps_json(contents);
  json["damage"] = damage_json(info.damage);
  if (scan != nullptr) {
    json["scan"] = scan_json(*scan);
  }
  return json;
}

// ---- Text

void append_row(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    out += fmt::format("{:<14}{}\n", name, printable(value, 200));
  }
}

void append_header(std::string& out, const TapeHeader& header) {
  append_row(out, "description", header.description);
  append_row(out, "stream",
             fmt::format("{}{}{}{}{}", header.environment, header.level.empty() ? "" : " ",
                         header.level, header.app_id.empty() ? "" : " ", header.app_id));
  append_row(out, "broker", header.broker);
  append_row(out, "filter", header.topic_filter);
  append_row(out, "client", header.client_id);
  append_row(out, "written by", header.tool);
  append_row(out, "started", time_text(header.started));
  append_row(
      out, "privacy",
      header.key_id.empty() ? header.privacy : header.privacy + " with key " + header.key_id);
}

// The most frequent first.
void append_names(std::string& out, std::string_view title, const NameCounts& counts,
                  std::size_t most) {
  std::vector<std::pair<std::string_view, std::uint64_t>> rows(counts.by_name.begin(),
                                                               counts.by_name.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  append_row(
      out, title,
      fmt::format("{}{}", describe_count(rows.size()), counts.others > 0 ? " and more" : ""));
  for (std::size_t i = 0; i < std::min(most, rows.size()); ++i) {
    out += fmt::format("  {:<44}{:>14}\n", printable(rows[i].first, 44),
                       describe_count(rows[i].second));
  }
  if (rows.size() > most) {
    out += fmt::format("  … and {} more (all with --json)\n", describe_count(rows.size() - most));
  }
}

void append_gaps(std::string& out, const TapeContents& contents) {
  const auto gaps = gaps_in(contents.markers);
  append_row(out, "gaps", describe_count(gaps.size()));
  for (const Gap& gap : gaps) {
    const std::string length =
        gap.from && gap.to ? ", " + describe_duration(*gap.to - *gap.from) : "";
    out += fmt::format("  {} to {}{}, {}: {}\n", gap.from ? time_text(gap.from) : "unknown",
                       gap.to ? time_text(gap.to) : "the end", length,
                       gap.session_kept ? "the broker kept the session"
                                        : "the session was lost, messages may be missing",
                       printable(gap.reason, 200));
  }
  append_row(out, "markers", describe_count(contents.marker_count));
  for (const Marker& marker : contents.markers) {
    out += fmt::format("  {} {}{}{}\n", format_rfc3339(marker.at.time_since_epoch()),
                       name_of(marker.kind), marker.detail.empty() ? "" : ": ",
                       printable(marker.detail, 200));
  }
}

void append_scan(std::string& out, const StreamCounts& counts) {
  const DuplicateCounts& duplicates = counts.duplicates;
  append_row(out, "distinct ids", describe_count(counts.distinct_ids));
  out += "duplicates\n";
  out += fmt::format("  {:<44}{:>14}\n", "same message_id, same bytes",
                     describe_count(duplicates.same_bytes));
  out += fmt::format("  {:<44}{:>14}\n", "same message_id, different content",
                     describe_count(duplicates.new_content));
  out += fmt::format("  {:<44}{:>14}\n", "different message_id, same reading",
                     describe_count(duplicates.same_reading));
  out += fmt::format("  {:<44}{:>14}\n", "redelivered by the broker (DUP)",
                     describe_count(duplicates.redelivered));
  append_row(
      out, "out of order",
      counts.out_of_order == 0
          ? std::string("0 readings")
          : fmt::format("{} readings ({:.2f} %), typically {} late, 99 % within {}, at most {}",
                        describe_count(counts.out_of_order), 100 * out_of_order_share(counts),
                        describe_duration(counts.lateness.quantile(0.5)),
                        describe_duration(counts.lateness.quantile(0.99)),
                        describe_duration(counts.lateness.greatest())));
  if (counts.without_timestamp > 0) {
    append_row(out, "no timestamp", describe_count(counts.without_timestamp) + " readings");
  }
}

std::string info_text(const InfoOptions& options, const TapeInfo& info, const StreamCounts* scan) {
  const TapeContents& contents = info.contents;
  std::string out;
  append_row(out, "tape",
             fmt::format("{} ({}{})", options.tape, info.format,
                         info.bytes ? ", " + describe_byte_count(*info.bytes) : ""));
  append_header(out, info.header);
  append_row(out, "messages",
             fmt::format("{} with {} of payload", describe_count(contents.messages),
                         describe_byte_count(contents.payload_bytes)));
  if (contents.without_envelope > 0) {
    append_row(out, "no envelope", describe_count(contents.without_envelope) + " messages");
  }
  if (contents.first_received) {
    append_row(out, "received",
               fmt::format("{} to {}, {}", time_text(contents.first_received),
                           time_text(contents.last_received),
                           describe_duration(*contents.last_received - *contents.first_received)));
  }
  append_row(out, "readings", describe_count(contents.readings));
  append_names(out, "cars", contents.readings_by_car, 20);
  append_names(out, "properties", contents.readings_by_property, 60);
  append_gaps(out, contents);
  if (scan != nullptr) {
    append_scan(out, *scan);
  }
  return out;
}

Result<ExitCode> show_info(const InfoOptions& options) {
  StreamProfile profile;
  ProgressLine progress;
  std::uint64_t messages = 0;
  const auto go_on = [&](const RecordedMessage&) {
    ++messages;
    if (progress.due()) {
      progress.show(fmt::format("{} messages read", describe_count(messages)));
    }
    return !interrupted();
  };
  const auto look_closely = [&](const RecordedMessage& recorded) {
    profile.add(recorded.message);
    return go_on(recorded);
  };
  AUTOTAPE_TRY_ASSIGN(const TapeInfo info,
                      options.scan ? scan_tape(options.tape, look_closely, interrupt_descriptor())
                                   : read_tape_info(options.tape, go_on, interrupt_descriptor()));
  progress.clear();
  if (interrupted()) {
    say(fmt::format("{}: interrupted, not read to its end", options.tape));
    return ExitCode::loss;
  }
  const StreamCounts* const scan = options.scan ? &profile.counts() : nullptr;
  AUTOTAPE_TRY(print(options.json ? write_document_indented(info_json(options, info, scan))
                                  : info_text(options, info, scan)));
  return graver(report_damage(options.tape, info.damage),
                report_empty(options.tape, info.contents.messages));
}

}  // namespace

void add_tape_info_command(CLI::App& group, Action& chosen) {
  auto options = std::make_shared<InfoOptions>();
  CLI::App& command = add_command(group, "info", "Say what a tape is and holds",
                                  "autotape tape info --scan commute.mcap");
  add_tape_argument(command, options->tape);
  command.add_flag("--scan", options->scan,
                   "Read all messages: count duplicates by kind and disorder (at most "
                   "24 bytes of memory for each message_id, and 12 for each reading)");
  command.add_flag("--json", options->json, "As a JSON object");
  run_when_chosen(command, chosen, [options] {
    const auto code = show_info(*options);
    return code ? *code : report_error(code.error());
  });
}

}  // namespace autotape
