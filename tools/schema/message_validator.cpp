#include "schema/message_validator.hpp"

#include "json/tree.hpp"
#include "schema/message_check.hpp"

namespace autotape {
namespace {

bool says_version_2(std::string_view payload) {
  const auto tree = JsonTree::parse(payload, "");
  const auto version = tree ? tree->root().member("version") : std::nullopt;
  return version && version->is(JsonKind::number) && version->number() == 2;
}

}  // namespace

StreamVersion detect_stream(std::string_view topic, std::string_view payload) {
  if (const auto stream = stream_by_topic(topic)) {
    return *stream;
  }
  return says_version_2(payload) ? StreamVersion::v2 : StreamVersion::v1;
}

MessageValidator::MessageValidator(const MessageSchemas& schemas,
                                   std::optional<StreamVersion> stream)
    : schemas_(schemas),
      stream_(stream),
      judge_(schemas.fast(StreamVersion::v1), schemas.fast(StreamVersion::v2), stream) {}

std::span<const FastVerdict> MessageValidator::judge(std::span<const MessageView> messages) {
  judge_.judge(messages, verdicts_);
  return verdicts_;
}

void MessageValidator::check(std::span<const MessageView> messages,
                             std::vector<MessageViolation>& found) {
  judge_.judge(messages, verdicts_);
  for (std::size_t i = 0; i < messages.size(); ++i) {
    if (verdicts_[i] == FastVerdict::valid) {
      continue;
    }
    std::vector<Violation> violations;
    look_again(messages[i], verdicts_[i], violations);
    for (Violation& violation : violations) {
      found.push_back({i, std::move(violation)});
    }
  }
}

void MessageValidator::check(std::string_view topic, std::string_view payload, DataTime latest,
                             std::vector<Violation>& violations) {
  const MessageView message{topic, payload, latest};
  judge_.judge({&message, 1}, verdicts_);
  if (verdicts_[0] != FastVerdict::valid) {
    look_again(message, verdicts_[0], violations);
  }
}

void MessageValidator::look_again(const MessageView& message, FastVerdict verdict,
                                  std::vector<Violation>& violations) const {
  const auto& [topic, payload, latest] = message;
  const StreamVersion version = stream_ ? *stream_ : detect_stream(topic, payload);
  if (verdict == FastVerdict::warnings) {
    find_warnings(topic, payload, version, latest, violations);
  } else {
    check_message(topic, payload, version, schemas_.exact(version), latest, violations);
  }
}

}  // namespace autotape
