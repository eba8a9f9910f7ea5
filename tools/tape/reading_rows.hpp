// The readings of messages as rows of a table, for pandas, spreadsheets and git diffs.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "json/parser.hpp"
#include "message/envelope.hpp"
#include "message/message.hpp"

namespace autotape {

// One row for each reading, in the order of the tape:
//
//   received,timestamp,vin,capability,property,item,value,unit,failure,availability,message_id
//
// A quantity's {"unit":…,"value":…} is split; any other value, failure and availability is its JSON
// text (a string without its quotes in CSV). What is absent is empty in CSV and absent in NDJSON.
// Times are RFC 3339. CSV as in RFC 4180, but with line feeds alone. Reuse one for many messages.
// Not thread-safe.
class ReadingRows {
 public:
  static std::string_view csv_header();

  // Each gives whether the message has an envelope; if not, nothing was appended.
  bool append_csv(std::string& out, const RecordedMessage& message);
  bool append_ndjson(std::string& out, const RecordedMessage& message);

 private:
  // JSON texts; empty where absent.
  struct Parts {
    std::string value;
    std::string unit;
    std::string failure;
    std::string availability;
  };
  Parts parts_of(std::size_t reading);

  EnvelopeReader reader_;
  JsonParser parser_;
};

}  // namespace autotape
