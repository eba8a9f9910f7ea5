// What is on a tape, counted: the summary that a closed tape carries and `info` shows.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/flat_table.hpp"
#include "message/envelope.hpp"
#include "tape/tape.hpp"

namespace autotape {

// Counts by name. Bounded: what comes after `most_names` different ones, or has an absurd name, is
// counted together.
struct NameCounts {
  static constexpr std::size_t most_names = 50'000;
  static constexpr std::size_t longest_name = 200;

  std::map<std::string, std::uint64_t, std::less<>> by_name;
  std::uint64_t others = 0;

  bool operator==(const NameCounts&) const = default;
};

struct TapeContents {
  static constexpr std::size_t most_markers = 1000;  // that are kept

  std::uint64_t messages = 0;
  std::uint64_t payload_bytes = 0;
  std::uint64_t without_envelope = 0;  // messages that are no V1 or V2 payload
  std::uint64_t readings = 0;
  std::optional<ReceivedTime> first_received;  // the earliest, not the first on the tape
  std::optional<ReceivedTime> last_received;
  NameCounts readings_by_car;
  NameCounts readings_by_property;  // "diagnostics.odometer"

  std::uint64_t marker_count = 0;
  std::vector<Marker> markers;

  bool operator==(const TapeContents&) const = default;
};

// Counts what is put on a tape. Not thread-safe.
class ContentsCounter {
 public:
  // Gives the envelope of the message, valid until the next call, or nothing if it has none.
  const Envelope* add(const RecordedMessage& message);
  void add(const Marker& marker);

  TapeContents contents() const;

 private:
  // The counts while they grow: found by hash, so that counting a reading allocates nothing.
  class NameTally {
   public:
    void add(std::string_view name) { add(name, {}); }
    void add(std::string_view first, std::string_view second);  // "first.second"
    NameCounts counts() const;

   private:
    struct Row {
      std::string name;
      std::uint64_t count;
    };
    FlatTable<std::uint32_t> row_by_hash_;
    std::vector<Row> rows_;
    std::uint64_t others_ = 0;
  };

  EnvelopeReader reader_;
  TapeContents contents_;  // but for the names
  NameTally cars_;
  NameTally properties_;
};

// A span in which messages may have been missed, as the markers tell.
struct Gap {
  std::optional<ReceivedTime> from;  // absent if the recorder had no chance to say
  std::optional<ReceivedTime> to;    // absent if it was the end
  bool session_kept = true;          // then the broker held messages back, and nothing is missing
  std::string reason;
};

std::vector<Gap> gaps_in(const std::vector<Marker>& markers);

}  // namespace autotape
