// A fleet that never was: cars that drive to work and home, charge, and sleep at night, and report
// it as messages of the stream.
//
// The same settings give the same messages on every machine. Each property of a car is in the order
// of its data times, and no message comes twice: disorder is the business of a scenario.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "message/message.hpp"
#include "message/topic.hpp"
#include "tape/reader.hpp"

namespace autotape {

// Monday, 2 March 2026, 06:45 UTC: the fleet is on its way to work.
inline constexpr DataTime usual_tape_start{std::chrono::seconds(1'772'433'900)};

struct FleetSettings {
  static constexpr std::uint64_t most_cars = 1'000'000;

  std::uint64_t cars = 2;
  std::optional<Duration> duration{};    // neither this nor `count`: ten minutes
  std::optional<std::uint64_t> count{};  // messages, at most
  std::uint64_t seed = 1;

  // "diagnostics.odometer", or "diagnostics" for all of it that the simulation knows. Any property
  // of the catalogue: what the simulation does not know gets random values while a car drives.
  // Empty: all that the simulation knows.
  std::vector<std::string> properties{};

  StreamVersion stream = StreamVersion::v1;
  DataTime start = usual_tape_start;
  std::string environment = "sandbox";
  std::string app_id{};  // empty: the one of the examples
};

// An error names the setting that makes no sense.
Result<void> check_fleet(const FleetSettings& settings);

// Holds some kilobytes for each car, however long it runs. Not thread-safe.
class Fleet {
 public:
  // Fails as check_fleet() does.
  static Result<Fleet> create(const FleetSettings& settings);
  ~Fleet();
  Fleet(Fleet&&) noexcept;
  Fleet& operator=(Fleet&&) noexcept;

  // The next message, in the order in which they were received; its memory is used again. False at
  // the end.
  bool next(RecordedMessage& message);

  const TapeHeader& header() const;

 private:
  struct State;
  explicit Fleet(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

// The fleet as a tape that nobody has written.
Result<std::unique_ptr<TapeReader>> open_generated_tape(const FleetSettings& settings);

// Whose messages they are if nobody says: an application that never was.
std::string_view usual_app_id(StreamVersion stream);

// Car `number` of every fleet; the first is 0. Its check digit is right.
std::string fleet_vin(std::uint64_t number);

}  // namespace autotape
