#include "schema/message_validator.hpp"

#include <algorithm>

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
  switch (std::count(topic.begin(), topic.end(), '/')) {
    case 6:
      return StreamVersion::v1;
    case 2:
      return StreamVersion::v2;
    default:
      return says_version_2(payload) ? StreamVersion::v2 : StreamVersion::v1;
  }
}

MessageValidator::MessageValidator(const MessageSchemas& schemas,
                                   std::optional<StreamVersion> stream)
    : schemas_(schemas), stream_(stream) {
  if (const auto* const data = schemas.data(StreamVersion::v1)) {
    v1_.emplace(data->fast, StreamVersion::v1);
  }
  if (const auto* const data = schemas.data(StreamVersion::v2)) {
    v2_.emplace(data->fast, StreamVersion::v2);
  }
}

FastJudge* MessageValidator::judge_of(StreamVersion version) {
  auto& judge = version == StreamVersion::v1 ? v1_ : v2_;
  return judge ? &*judge : nullptr;
}

FastVerdict MessageValidator::judge(std::string_view topic, std::string_view payload,
                                    DataTime latest) {
  FastJudge* const fast = judge_of(stream_ ? *stream_ : detect_stream(topic, payload));
  return fast != nullptr ? fast->judge(topic, payload, latest) : FastVerdict::unsure;
}

void MessageValidator::check(std::string_view topic, std::string_view payload, DataTime latest,
                             std::vector<Violation>& violations) {
  const StreamVersion version = stream_ ? *stream_ : detect_stream(topic, payload);
  FastJudge* const fast = judge_of(version);
  if (fast != nullptr && fast->judge(topic, payload, latest) == FastVerdict::valid) {
    return;
  }
  const auto* const data = schemas_.data(version);
  check_message(topic, payload, version, data != nullptr ? &data->exact : nullptr, latest,
                violations);
}

}  // namespace autotape
