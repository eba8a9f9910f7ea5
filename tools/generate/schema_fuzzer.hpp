// Random messages over the whole catalogue, valid or wrong in exactly one known way: to hold a
// validator to what it should find.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "generate/fleet.hpp"
#include "message/message.hpp"
#include "message/topic.hpp"
#include "tape/tape.hpp"

namespace autotape {

struct FuzzSettings {
  std::uint64_t count = 10'000;
  std::uint64_t seed = 1;
  StreamVersion stream = StreamVersion::v1;
  double violations = 0.5;  // share of the messages
  std::string keyword{};  // of all violations; empty: any. Messages that cannot break it are valid
  DataTime start = usual_tape_start;
};

// What a validator has to say of a message. It stands in the MQTT 5 user properties of the message,
// and so on the tape: "expect" is "valid" or "invalid", "keyword" and "instance" as here.
struct FuzzLabel {
  std::string_view keyword{};  // of JSON Schema: "required"; empty for a valid message
  std::string instance{};  // JSON pointer into the payload, as validators give it: of an unknown
                           // member its own place, of a missing one that of its object

  bool is_valid() const { return keyword.empty(); }
};

// The keywords of which a message can break exactly one.
const std::vector<std::string_view>& fuzzed_keywords();

// The n-th message is about the n-th property of the catalogue, again and again; V2 messages have
// others beside it. Message n depends on (seed, n) alone. Not thread-safe.
class SchemaFuzzer {
 public:
  // An error if there is no such keyword.
  static Result<SchemaFuzzer> create(const FuzzSettings& settings);
  ~SchemaFuzzer();
  SchemaFuzzer(SchemaFuzzer&&) noexcept;
  SchemaFuzzer& operator=(SchemaFuzzer&&) noexcept;

  // False at the end.
  bool next(RecordedMessage& message);

  const FuzzLabel& label() const;  // of the last message
  const TapeHeader& header() const;

 private:
  struct State;
  explicit SchemaFuzzer(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace autotape
