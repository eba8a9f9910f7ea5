// What people already have, as a tape: logs of mosquitto_sub, CSV files of the mqtt-recorder tools,
// folders of JSON.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "message/message.hpp"
#include "tape/reader.hpp"

namespace autotape {

enum class ImportFormat {
  mosquitto_verbose,  // mosquitto_sub -v:               topic payload
  mosquitto_timed,    // mosquitto_sub -F '%I %t %p':    time topic payload (%U too)
  mosquitto_json,     // mosquitto_sub -F %j (or %J):    {"tst":…,"topic":…,"payload":…}
  csv,                // mqtt-recorder: topic,payload,qos,retain,seconds since 1970,delay
  json,               // a file, or a folder of files, with a message or an array of messages
};

std::optional<ImportFormat> import_format_named(const std::string& name);
const std::vector<std::string>& import_format_names();

struct ImportSettings {
  std::optional<ImportFormat> format{};  // none: by what is in the file
  bool payload_is_base64 = false;        // in CSV

  // Of payloads that are imported without a topic.
  std::string environment = "sandbox";
  std::string app_id{};

  // When the first message was received, where neither the file nor the message says.
  std::optional<ReceivedTime> start{};
};

struct SkippedPlace {
  std::string where;  // file:line
  std::string why;
  std::uint64_t count = 1;  // with those that were skipped later for the same reason
};

struct ImportCounts {
  static constexpr std::size_t most_places = 20;  // with different reasons, that are kept

  // Their received time is the newest data time so far, or else a millisecond after the message
  // before.
  std::uint64_t without_time = 0;
  std::uint64_t skipped = 0;  // lines or JSON values that are no message
  std::vector<SkippedPlace> places;
};

// Gives messages one by one. What is no message is counted, and passed over.
class ImportReader : public TapeReader {
 public:
  virtual const ImportCounts& counts() const = 0;
};

// "-" is standard input. Constant memory, but a JSON file is read whole (at most 64 MiB).
Result<std::unique_ptr<ImportReader>> open_import(const std::string& path,
                                                  const ImportSettings& settings);

}  // namespace autotape
