// Most messages are right. This says so at close to the speed at which their bytes can be read, and
// leaves everything else to MessageCheck, which takes its time and explains.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "json/structural_index.hpp"
#include "message/topic.hpp"
#include "schema/fast_program.hpp"

namespace autotape {

enum class FastVerdict : std::uint8_t {
  valid,     // nothing to report
  warnings,  // no error, but perhaps something for a warning
  unsure,    // look again: wrong, or written in a way that is not judged here
};

// Reuse one for many messages; allocates only for a payload longer than all before. Not
// thread-safe.
class FastJudge {
 public:
  // `data` is the compiled schema of the stream's `data` and must outlive the judge.
  FastJudge(const FastProgram& data, StreamVersion version);

  // `latest` is the newest timestamp that is plausible: about the time at which the message was
  // received.
  FastVerdict judge(std::string_view topic, std::string_view payload, DataTime latest);

 private:
  std::string_view padded(std::string_view payload);

  const FastProgram& data_;
  StreamVersion version_;
  NameTable envelope_names_;
  StructuralIndex index_;
  std::vector<char> buffer_;
  std::string known_prefix_;  // of topics: environment, level and application, found right before
  DataTime latest_{};
  std::uint64_t latest_minute_ = 0;  // of latest_, as YYYYMMDDhhmm
};

}  // namespace autotape
