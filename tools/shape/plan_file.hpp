// Delivery plans on disk (.plan, NDJSON): to be read by people, compared, and played again.
//
//   {"plan":1,"tape":"commute.ndjson","tape_sha256":"…","scenario":"tunnel-flush","seed":7,
//    "stages":["selection","hold"]}
//   {"delivery":1,"message":1,"due":0}
//   {"delivery":2,"message":1,"copy":1,"due":2000000000,"actions":["duplicate/copied"]}
//   {"dropped":17,"by":"gap","due":4000000000}
//   {"delivery":3,"message":2,"due":…,"actions":["corrupt/truncated"],"topic":"…","payload":"{\"mess"}
//
// Where a scenario says how its plan is to be played, the header has that too, as
// {"replay":{"rate":"max",…}}: scenario/plan_replay.hpp.
//
// Of a generated tape there is {"generate":{"cars":2,…},"stream":"v1"} in place of its path.
//
// `due` is nanoseconds since the start at rate 1. Topic and payload (or payload_base64, for bytes
// that are no UTF-8), and the MQTT 5 properties as on an NDJSON tape, are there where they are not
// those of the tape. The same bytes on every machine.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/line_reader.hpp"
#include "core/result.hpp"
#include "json/parser.hpp"
#include "shape/delivery.hpp"
#include "shape/selection.hpp"
#include "tape/reader.hpp"

namespace autotape {

struct PlanHeader {
  std::string tape{};         // path, as it was given; empty for one that was generated
  std::string tape_sha256{};  // of the file, or of all generated messages; empty where unknown
  std::string generate{};     // the fleet of a generated tape, as a JSON object
  std::string stream{};       // "v1" or "v2": the version in which it was generated
  std::string scenario{};     // name
  std::uint64_t seed = 0;
  std::vector<std::string> stages{};
  std::string replay{};  // how it is to be played, as a JSON object; empty: as it is
};

// Without a line feed.
std::string plan_header_line(const PlanHeader& header);

// Writes the items of a plan as lines. Not thread-safe.
class PlanLines {
 public:
  explicit PlanLines(const std::vector<std::string>& stage_names);

  // With a line feed.
  void append(std::string& out, const PlanItem& item) const;

 private:
  void append_delivery(std::string& out, const Delivery& delivery) const;
  void append_drop(std::string& out, const Drop& drop) const;

  // As JSON strings.
  std::vector<std::string> stages_;
  std::vector<std::vector<std::string>> actions_;  // by stage and kind: "stage/action"
};

// Plays a saved plan. Messages that are not altered come from the tape, which is read once, front
// to back; those that are needed again later are kept until then. Of each message of the tape two
// bytes more are kept.
class SavedPlan final : public DeliverySource {
 public:
  static Result<PlanHeader> read_header(const std::string& path);

  // Reads the plan once to see how often each message is needed.
  static Result<std::unique_ptr<SavedPlan>> open(const std::string& path);

  const PlanHeader& header() const { return header_; }

  // Where the messages come from. Call before next(); the default is the tape that the header
  // names.
  void read_messages_from(OpenTape tape) { tape_ = std::move(tape); }

  Result<std::optional<PlanItem>> next() override;
  const std::vector<std::string>& stage_names() const override { return header_.stages; }

 private:
  explicit SavedPlan(std::string path) : path_(std::move(path)) {}

  Result<void> start_lines();
  Result<void> count_uses();
  Result<bool> next_line(JsonObject& line);
  Result<Delivery> read_delivery(const JsonObject& line);
  Result<ActionList> read_actions(const JsonObject& line) const;
  Result<std::shared_ptr<const Message>> read_content(const JsonObject& line) const;
  Result<std::uint64_t> count_member(const JsonObject& line, std::string_view name,
                                     std::uint64_t most) const;
  Result<DueTime> read_due(const JsonObject& line) const;
  Result<Drop> read_drop(const JsonObject& line) const;
  Result<std::shared_ptr<const Message>> message(std::uint64_t number);
  Result<std::uint16_t> stage_called(std::string_view name) const;
  Error at_this_line(std::string what) const;

  std::string path_;
  PlanHeader header_;
  OpenTape tape_;
  std::unique_ptr<LineReader> lines_;
  JsonParser parser_;
  std::unique_ptr<TapeReader> reader_;
  RecordedMessage read_;
  std::uint64_t messages_read_ = 0;
  std::vector<std::uint16_t> uses_;  // of the tape's message, from the first on; saturates
  std::unordered_map<std::uint64_t, std::shared_ptr<const Message>> kept_;
};

}  // namespace autotape
