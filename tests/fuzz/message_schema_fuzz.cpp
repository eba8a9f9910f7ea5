// The first line is a topic, the rest a payload: the fast look at a message must never call valid
// what the thorough one does not, and its verdict is the same whatever stands beside the message.
#include <algorithm>
#include <array>
#include <cstdlib>

#include "schema/message_check.hpp"
#include "schema/message_validator.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace autotape;

namespace {

const MessageSchemas& schemas() {
  static const MessageSchemas made = MessageSchemas::built_in();
  return made;
}

constexpr std::string_view good_topic =
    "live/level13/1FBBEDED80595912588FF4FF/WATDEMEV7TRA1N002/race/get/vehicle_moving";
constexpr std::string_view good_payload =
    R"({"message_id":"AB","version":1,"vin":"WATDEMEV7TRA1N002","capability":"race",)"
    R"("property":"vehicle_moving","data":{"race":{"vehicle_moving":{"data":"moving"}}}})";

void hold_against_each_other(std::string_view topic, std::string_view payload) {
  static MessageValidator validator(schemas());
  constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};
  const MessageView message{topic, payload, latest};
  const FastVerdict verdict = validator.judge({&message, 1})[0];
  const StreamVersion version = detect_stream(topic, payload);
  std::vector<Violation> violations;
  check_message(topic, payload, version, schemas().exact(version), latest, violations);
  const bool error =
      std::any_of(violations.begin(), violations.end(),
                  [](const Violation& violation) { return violation.severity == Severity::error; });
  if ((verdict == FastVerdict::valid && !violations.empty()) ||
      (verdict == FastVerdict::warnings && error)) {
    std::abort();
  }
  const MessageView neighbour{good_topic, good_payload, latest};
  const std::array<MessageView, 3> together = {neighbour, message, neighbour};
  const auto verdicts = validator.judge(together);
  if (verdicts[0] != FastVerdict::valid || verdicts[1] != verdict ||
      verdicts[2] != FastVerdict::valid) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) {
    return 0;
  }
  hold_against_each_other(text.substr(0, line), text.substr(line + 1));
  return 0;
}
