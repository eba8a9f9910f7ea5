// The lines of an NDJSON tape: one JSON object each.
//
//   {"tape":1,"environment":"sandbox","app_id":"1FBB…","tool":"autotape 0.1.0"}          header,
//   optional
//   {"received":"2026-03-01T07:00:00.123Z","topic":"sandbox/level13/…","payload":"{…}"}  message
//   {"marker":"disconnected","at":"2026-03-01T07:00:05Z","detail":"…"}                   marker
//
// A message has `qos`, `retain` and `dup` too; absent means 1, false and false. `payload` is the
// bytes as a string where they are UTF-8; `payload_base64` stands in its place where they are not.
#pragma once

#include <string>
#include <string_view>

#include "core/result.hpp"
#include "json/parser.hpp"
#include "tape/tape.hpp"

namespace autotape {

inline constexpr int ndjson_tape_version = 1;

void append_header_line(std::string& out, const TapeHeader& header);
void append_message_line(std::string& out, const RecordedMessage& message);
void append_marker_line(std::string& out, const Marker& marker);

// What a message line says of a message but for its payload, each member with a comma before it:
// `,"topic":"…","qos":1,"retain":false,"dup":false` and `properties`, if it has any.
void append_publish_members(std::string& out, const Message& message);
Result<void> read_publish_members(const JsonObject& line, Message& into);

// Each takes a parsed line of its kind. Errors have a JSON pointer as `where`.
Result<TapeHeader> read_header_line(const JsonObject& line);
Result<void> read_message_line(const JsonObject& line, RecordedMessage& into);
Result<void> read_marker_line(const JsonObject& line, Marker& into);

}  // namespace autotape
