// autotape record: puts a stream on tape.
#include <fmt/format.h>

#include "anonymize/anonymizing_writer.hpp"
#include "cli/anonymize_options.hpp"
#include "cli/command.hpp"
#include "cli/connection_options.hpp"
#include "cli/interrupt.hpp"
#include "cli/own_sessions.hpp"
#include "cli/record_progress.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "message/topic.hpp"
#include "message/topic_filter.hpp"
#include "mqtt/mqtt_source.hpp"
#include "mqtt/session.hpp"
#include "record/recorder.hpp"
#include "tape/recording.hpp"

namespace autotape {
namespace {

struct RecordOptions {
  ConnectionOptions connection;
  std::string tape;
  std::uint64_t count = 0;
  Duration duration{0};
  std::string max_size;
  std::string split_size;
  Duration split_duration{0};
  std::vector<std::string> include;
  std::vector<std::string> exclude;
  bool strip_retained = false;
  std::string durability = "synced";
  bool anonymize = false;
  AnonymizeOptions how;
  bool take_over = false;
  bool end_session = false;
  bool force = false;
  bool json = false;
};

TapeHeader header_of(const ChosenConnection& connection) {
  TapeHeader header;
  header.environment = connection.environment;
  header.level = auto_api_level;
  header.app_id = connection.app_id;
  header.privacy = "raw";
  header.broker = connection.client.address();
  header.topic_filter = connection.topic_filter;
  header.client_id = connection.client.client_id;
  header.tool = "autotape " AUTOTAPE_VERSION;
  header.started = wall_now();
  return header;
}

Result<std::uint64_t> byte_count(const std::string& option, const std::string& text) {
  const auto bytes = parse_byte_count(text);
  if (!bytes || *bytes == 0) {
    return usage_error(option + ": \"" + text + "\" is no size", "such as 500MB or 1GiB");
  }
  return *bytes;
}

Result<SplitLimits> limits_of(const RecordOptions& options) {
  SplitLimits limits;
  if (!options.split_size.empty()) {
    AUTOTAPE_TRY_ASSIGN(limits.size, byte_count("--split-size", options.split_size));
  }
  if (options.split_duration > Duration(0)) {
    limits.duration = options.split_duration;
  }
  return limits;
}

// What is raw and what is not never comes onto one tape, nor pseudonyms of two keys.
Result<void> refuse_to_mix(const std::string& path, const TapeHeader& before,
                           const TapeHeader& now) {
  const bool was_anonymized = before.privacy == privacy_anonymized;
  if (was_anonymized == (now.privacy == privacy_anonymized) && before.key_id == now.key_id) {
    return {};
  }
  return usage_error(
      fmt::format(
          "{} is {}, and this recording would be {}", path,
          was_anonymized ? "anonymised with the key " + printable(before.key_id, 40) : "raw",
          now.key_id.empty() ? "raw" : "anonymised with the key " + now.key_id),
      "record to another tape");
}

// The markers that say how this recording begins.
Result<void> mark_beginning(const RecordOptions& options, OpenRecording& tape, ReceivedTime now) {
  if (tape.is_new) {
    return tape.writer->append(Marker{MarkerKind::recording_started, now, {}});
  }
  say(fmt::format("going on with {}, which has {} messages", options.tape,
                  describe_count(tape.messages)));
  if (tape.torn_bytes > 0) {
    say(fmt::format("its last record was torn: {} bytes were cut off", tape.torn_bytes));
    AUTOTAPE_TRY(tape.writer->append(
        Marker{MarkerKind::torn_tail_repaired, now, fmt::format("{} bytes", tape.torn_bytes)}));
  }
  return tape.writer->append(Marker{MarkerKind::recording_resumed, now, {}});
}

std::string summary_line(const RecordOptions& options, const RecordCounts& counts,
                         std::uint64_t size) {
  std::string line =
      fmt::format("{} messages recorded to {} ({}), {} with a message_id seen before",
                  describe_count(counts.messages), options.tape, describe_byte_count(size),
                  describe_count(counts.repeated_ids));
  const auto add = [&](std::uint64_t count, std::string_view what) {
    if (count > 0) {
      line += fmt::format(", {} {}", describe_count(count), what);
    }
  };
  add(counts.redelivered, "redelivered by the broker");
  add(counts.unreadable, "without a readable envelope");
  add(counts.filtered, "left out by --include and --exclude");
  add(counts.retained_stripped, "retained ones left out");
  add(counts.connections_lost, "connections lost");
  add(counts.sessions_lost, "sessions lost");
  add(counts.clock_jumps, "jumps of the wall clock");
  return line;
}

std::string summary_json(const RecordOptions& options, const RecordCounts& counts,
                         StreamAtEnd stream, std::uint64_t size) {
  Json summary;
  summary["tape"] = options.tape;
  summary["size"] = size;
  summary["messages"] = counts.messages;
  summary["payload_bytes"] = counts.bytes;
  summary["repeated_ids"] = counts.repeated_ids;
  summary["redelivered"] = counts.redelivered;
  summary["unreadable"] = counts.unreadable;
  summary["filtered"] = counts.filtered;
  summary["retained_stripped"] = counts.retained_stripped;
  summary["connections_lost"] = counts.connections_lost;
  summary["sessions_lost"] = counts.sessions_lost;
  summary["clock_jumps"] = counts.clock_jumps;
  summary["disconnected_at_end"] = stream == StreamAtEnd::lost;
  return write_document(summary) + "\n";
}

Result<void> check_filters(const std::vector<std::string>& filters) {
  for (const std::string& filter : filters) {
    if (!is_topic_filter(filter)) {
      return usage_error("\"" + filter + "\" is no topic filter");
    }
  }
  return {};
}

Result<void> take_limits(const RecordOptions& options, RecorderSettings& settings) {
  if (options.count > 0) {
    settings.count = options.count;
  }
  if (options.duration > Duration(0)) {
    settings.duration = options.duration;
  }
  if (!options.max_size.empty()) {
    AUTOTAPE_TRY_ASSIGN(settings.tape_size, byte_count("--max-size", options.max_size));
  }
  settings.include = options.include;
  settings.exclude = options.exclude;
  settings.strip_retained = options.strip_retained;
  settings.durability = options.durability == "fast" ? Durability::fast : Durability::synced;
  return {};
}

Error never_subscribed(const ChosenConnection& connection) {
  return connection_error(connection.client.address(),
                          interrupted()
                              ? "was not subscribed before the interruption: nothing was recorded"
                              : "was not subscribed within --duration: nothing was recorded",
                          "is it an MQTT broker, and is it running?");
}

Result<void> end_own_session(const ChosenConnection& connection) {
  AUTOTAPE_TRY(end_session(connection.client));
  forget_own_session(connection.client);
  return {};
}

// Compressed tapes are made of recordings, and no other ending is known.
Result<void> check_ending(const std::string& path) {
  if (path.ends_with(".mcap") || path.ends_with(".ndjson") || path.ends_with(".zst")) {
    return {};
  }
  return usage_error(path + " names no tape that can be recorded",
                     "give it the ending .mcap or .ndjson");
}

Result<ExitCode> record_stream(const RecordOptions& options) {
  AUTOTAPE_TRY(check_ending(options.tape));
  AUTOTAPE_TRY(check_filters(options.include));
  AUTOTAPE_TRY(check_filters(options.exclude));
  AUTOTAPE_TRY_ASSIGN(const ChosenConnection connection,
                      choose_connection(options.connection, ConnectionRole::subscriber));
  for (const std::string& warning : connection.warnings) {
    say("warning: " + warning);
  }
  AUTOTAPE_TRY_ASSIGN(const SplitLimits split, limits_of(options));
  RecorderSettings settings;
  AUTOTAPE_TRY(take_limits(options, settings));
  if (!options.anonymize && !options.how.key_file.empty()) {
    return usage_error("--key-file is the key of pseudonyms", "add --anonymize");
  }
  TapeHeader header = header_of(connection);
  const ReceivedTime started = *header.started;
  std::unique_ptr<Anonymizer> anonymizer;
  if (options.anonymize) {
    AUTOTAPE_TRY_ASSIGN(anonymizer, make_anonymizer(options.how));
    header = anonymizer->header(header);
  }
  AUTOTAPE_TRY_ASSIGN(OpenRecording tape,
                      open_recording(options.tape, header, split, options.force));
  AUTOTAPE_TRY(refuse_to_mix(options.tape, tape.header, header));
  if (anonymizer) {
    tape.writer = std::make_unique<AnonymizingWriter>(std::move(tape.writer), *anonymizer);
  }
  AUTOTAPE_TRY(mark_beginning(options, tape, started));
  const bool same_session = !tape.is_new && tape.header.client_id == header.client_id &&
                            tape.header.broker == header.broker;

  MqttSourceSettings source_settings;
  source_settings.client = connection.client;
  source_settings.topic_filter = connection.topic_filter;
  source_settings.qos = static_cast<std::uint8_t>(options.connection.qos);
  const std::optional<OwnSession> own_session = find_own_session(connection.client);
  source_settings.use_kept_session =
      options.take_over || same_session || connection.is_mock_broker || own_session;
  source_settings.kept_filter = own_session ? own_session->topic_filter : "";
  MqttSource source(source_settings, interrupt_descriptor());

  settings.expects_session = same_session;

  if (settings.durability == Durability::fast) {
    say("--durability fast: what is acknowledged is on disk a second later; if the machine stops "
        "before that, the broker does not send it again");
  }
  SystemRecorderClock clock;
  RecordProgress progress(connection, options.tape, tape);
  Recorder recorder(source, *tape.writer, clock, progress, settings);
  const auto recorded = recorder.run(interrupted);
  progress.clear();
  const RecordCounts& counts = recorder.counts();
  const StreamAtEnd stream = recorder.stream_at_end();
  if (stream == StreamAtEnd::never) {
    if (options.end_session && source.session_is_ours()) {
      const auto ended = end_own_session(connection);
      say(ended ? "the session was ended: the broker queues nothing more"
                : "the session was not ended: " + ended.error().line());
    }
    if (options.json) {
      AUTOTAPE_TRY(print(summary_json(options, counts, stream, 0)));
    }
    return recorded ? never_subscribed(connection) : recorded.error();
  }
  say(summary_line(options, counts, tape.writer->size()));
  if (options.json) {
    AUTOTAPE_TRY(print(summary_json(options, counts, stream, tape.writer->size())));
  }
  AUTOTAPE_TRY(recorded);
  if (options.end_session) {
    AUTOTAPE_TRY(end_own_session(connection));
  }
  if (stream == StreamAtEnd::lost) {
    say("the recording ended while the connection was lost: what came after that is not on tape");
    return ExitCode::loss;
  }
  return counts.sessions_lost > 0 ? ExitCode::loss : ExitCode::passed;
}

ExitCode record(const RecordOptions& options) {
  const auto code = record_stream(options);
  return code ? *code : report_error(code.error());
}

}  // namespace

void add_record_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<RecordOptions>();
  CLI::App& command = add_command(
      program, "record", "Put a stream on tape; a message is acknowledged when it is on disk",
      "autotape record --bundle download.zip -o commute.mcap");
  command
      .add_option("-o,--output", options->tape,
                  "The tape, .mcap or .ndjson; if it exists, the recording goes on at its end")
      ->type_name("TAPE")
      ->required();
  command.add_option("--count", options->count, "Stop after this many messages")
      ->check(at_least_one());
  add_duration_option(command, "--duration", options->duration, "Stop after this time");
  command.add_option("--max-size", options->max_size, "Stop when the tape has this size")
      ->type_name("SIZE");
  command
      .add_option("--split-size", options->split_size,
                  "Begin another part, a whole tape of its own, when one has this size")
      ->type_name("SIZE");
  add_duration_option(command, "--split-duration", options->split_duration,
                      "Begin another part when one spans this time");
  command.add_option("--include", options->include, "Put only these topics on tape")
      ->type_name("FILTER");
  command.add_option("--exclude", options->exclude, "Leave these topics out")->type_name("FILTER");
  command.add_flag("--strip-retained", options->strip_retained,
                   "Leave out messages that the broker had retained");
  command
      .add_option(
          "--durability", options->durability,
          "synced: a message is acknowledged when it is on disk, and none is lost; fast: when "
          "the system has it, so that a power cut loses the last second")
      ->check(CLI::IsMember({"synced", "fast"}))
      ->capture_default_str();
  command.add_flag("--anonymize", options->anonymize,
                   "Put only pseudonyms on tape; nothing raw reaches the disk");
  command.add_flag("--take-over", options->take_over,
                   "Use a session that this recorder did not leave, and its messages");
  command.add_flag("--end-session", options->end_session,
                   "Leave no session behind: the broker queues nothing more");
  command.add_flag("--force", options->force, "Overwrite the tape");
  command.add_flag("--json", options->json, "Print the summary as JSON on standard output");
  add_anonymize_options(command, options->how);
  add_connection_options(command, options->connection, ConnectionRole::subscriber);
  run_when_chosen(command, chosen, [options] { return record(*options); });
}

}  // namespace autotape
