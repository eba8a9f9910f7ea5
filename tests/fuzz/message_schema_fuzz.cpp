// The first line is a topic, the rest a payload: the fast look at a message must never call valid
// what the thorough one does not. The envelope reader reads it too.
#include <algorithm>
#include <cstdlib>

#include "message/envelope.hpp"
#include "schema/message_check.hpp"
#include "schema/message_validator.hpp"
#include "tests/fuzz/fuzz_target.hpp"

using namespace autotape;

namespace {

const MessageSchemas& schemas() {
  static const Result<MessageSchemas> made = MessageSchemas::built_in();
  return *made;
}

void hold_against_each_other(std::string_view topic, std::string_view payload) {
  static MessageValidator validator(schemas());
  constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};
  const FastVerdict verdict = validator.judge(topic, payload, latest);
  const StreamVersion version = detect_stream(topic, payload);
  std::vector<Violation> violations;
  check_message(topic, payload, version, &schemas().data(version)->exact, latest, violations);
  const bool error =
      std::any_of(violations.begin(), violations.end(),
                  [](const Violation& violation) { return violation.severity == Severity::error; });
  if ((verdict == FastVerdict::valid && !violations.empty()) ||
      (verdict == FastVerdict::warnings && error)) {
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
  const std::string_view payload = text.substr(line + 1);
  hold_against_each_other(text.substr(0, line), payload);
  EnvelopeReader reader;
  if (const auto envelope = reader.read(payload)) {
    for (std::size_t i = 0; i < (*envelope)->readings.size(); ++i) {
      (void)reader.reading_text(i);
    }
  }
  return 0;
}
