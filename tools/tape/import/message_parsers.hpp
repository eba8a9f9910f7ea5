// One message of each form that can be imported.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "json/parser.hpp"
#include "message/envelope.hpp"
#include "message/message.hpp"
#include "tape/import/import.hpp"

namespace autotape {

struct ImportedMessage {
  Message message;
  std::optional<ReceivedTime> received;
};

// What separates the fields of a line, and what they are. Errors say why it is no message; their
// `where` is empty.
Result<ImportedMessage> parse_verbose_line(std::string_view line);
Result<ImportedMessage> parse_timed_line(std::string_view line);
Result<ImportedMessage> parse_csv_record(std::string_view record, bool payload_is_base64);

// A message as mosquitto_sub -F %j writes it, or with our own names (`received`), or a bare
// payload, whose topic is that of its car, capability and property.
class JsonMessageParser {
 public:
  explicit JsonMessageParser(const ImportSettings& settings) : settings_(settings) {}

  // `text` is that of the element, if it is at hand: a bare payload then keeps its bytes.
  Result<ImportedMessage> parse(JsonElement element, std::string_view text = {});

 private:
  Result<ImportedMessage> parse_payload(const std::string& payload);

  const ImportSettings& settings_;
  EnvelopeReader envelopes_;
};

// "2021-11-01T10:33:10+0000" (RFC 3339 but for the colon), "…Z+0000" (mosquitto_sub's), RFC 3339,
// or seconds since 1970 with a fraction.
std::optional<ReceivedTime> parse_import_time(std::string_view text);

}  // namespace autotape
