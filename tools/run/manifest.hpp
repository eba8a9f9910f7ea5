// What a run was: the page that its folder opens with (manifest.json). A verdict needs it and the
// logs beside it, and nothing else.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "core/time.hpp"
#include "message/topic.hpp"
#include "run/consumer.hpp"
#include "run/fault_fate.hpp"
#include "scenario/scenario.hpp"
#include "verify/expectation.hpp"

namespace autotape {

// Where things lie in a run's folder.
struct RunFiles {
  explicit RunFiles(const std::string& folder);

  std::string manifest;      // manifest.json
  std::string deliveries;    // deliveries.ndjson: the plan, with content
  std::string ledger;        // ledger.ndjson
  std::string events;        // events.ndjson: the broker's
  std::string observations;  // observations.ndjson
  std::string verdict;       // verdict.json
  std::string report;        // report.txt
  std::string page;          // report.html
  std::string clean;         // folder of the clean run, if there was one
  std::string scenario;      // scenario.yaml: as it was, if there was one

  // What a verdict is computed from, beside the manifest: names in the folder.
  static constexpr std::array<const char*, 4> evidence{"deliveries.ndjson", "ledger.ndjson",
                                                       "events.ndjson", "observations.ndjson"};
  std::string file(const std::string& name) const { return folder_ + "/" + name; }
  std::string consumer(std::uint32_t number) const;  // folder of its log and its own files

 private:
  std::string folder_;
};

// How a consumer behaved as a program, apart from what it observed.
struct ConsumerConduct {
  std::uint32_t number = 1;
  std::string client_id;
  std::string fault;        // "never subscribed", …; empty: none
  std::string output_tail;  // where there is a fault
  std::string note;         // worth saying, but no fault
  bool locked_out = false;  // its certificate had expired, and messages were left for it
};

struct Manifest {
  std::string tool;  // program and version
  std::vector<std::string> command_line;
  std::string tape;  // path, as it was given
  std::string tape_hash;
  std::vector<std::string> tape_damage;  // what of it could not be read, a line each
  std::string scenario;                  // path; empty without one
  std::vector<std::string> labels;
  std::map<std::string, std::string> evidence;  // file → its SHA-256 when the run was over
  std::uint64_t seed = 0;
  std::string rate;          // as --rate takes it
  double rate_multiple = 1;  // how much faster than the tape it came out
  ReceivedTime started{};
  ReceivedTime ended{};
  StreamVersion stream = StreamVersion::v1;
  std::vector<TimedFault> faults;
  std::vector<FaultFate> fates;  // of each of them; none in a manifest that does not tell
  ObservationChannel channel = ObservationChannel::file;
  Expectation expectation;
  std::uint64_t sent = 0;  // deliveries
  std::uint64_t acknowledged = 0;
  bool interrupted = false;  // not all of it was played
  std::vector<ConsumerConduct> consumers;
};

Result<void> write_manifest(const std::string& path, const Manifest& manifest);
Result<Manifest> read_manifest(const std::string& path);

}  // namespace autotape
