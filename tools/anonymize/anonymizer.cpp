#include "anonymize/anonymizer.hpp"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "anonymize/marker_detail.hpp"
#include "anonymize/topic_rewriter.hpp"
#include "core/text.hpp"
#include "message/topic.hpp"

namespace autotape {
namespace {

std::string_view car_in(std::string_view topic) {
  const auto parsed = parse_v1_topic(topic);
  return parsed ? parsed->vin : std::string_view();
}

// A UUID, or letters and digits that stand together; one character where there is neither.
std::size_t word_length(std::string_view text) {
  constexpr std::size_t uuid_length = 36;
  const std::string_view first = text.substr(0, uuid_length);
  if (first.size() == uuid_length && first.find('-') == 8 && has_pseudonym_form(first)) {
    return uuid_length;
  }
  const auto end = std::find_if(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) == 0;
  });
  return std::max<std::size_t>(1, static_cast<std::size_t>(end - text.begin()));
}

}  // namespace

Anonymizer::Anonymizer(const AnonymizeKey& key, const AnonymizeSettings& settings,
                       Harmless harmless)
    : key_id_(key.id),
      settings_(settings),
      pseudonyms_(key, settings.coordinates, settings.shift_days),
      harmless_(std::move(harmless)),
      payloads_(pseudonyms_, harmless_) {}

TapeHeader Anonymizer::header(const TapeHeader& original) {
  const auto word = [&](const std::string& text) {
    return harmless_.is_public_name(text) ? text : std::string(pseudonyms_.text(text));
  };
  broker_ = original.broker;
  TapeHeader header;
  header.environment = word(original.environment);
  header.level = word(original.level);
  header.app_id = pseudonyms_.text(original.app_id);
  header.broker = broker(original.broker);
  header.topic_filter = topic(original.topic_filter);
  header.client_id = pseudonyms_.text(original.client_id);
  header.tool = original.tool.starts_with("autotape ") ? original.tool : word(original.tool);
  if (original.started) {
    header.started = pseudonyms_.dates().shifted(*original.started);
  }
  header.privacy = privacy_anonymized;
  header.key_id = key_id_;
  header.other.emplace_back("coordinates", name_of(settings_.coordinates.mode));
  if (harmless_.keeps_anything()) {
    header.other.emplace_back("kept", harmless_.kept_paths());
  }
  return header;
}

void Anonymizer::rewrite(RecordedMessage& recorded) {
  ++counts_.messages;
  recorded.received = pseudonyms_.dates().shifted(recorded.received);
  rewrite_payload(recorded.message);  // it may have to ask the topic whose car it is
  recorded.message.topic = topic(recorded.message.topic);
  if (recorded.message.properties) {
    rewrite_properties(*recorded.message.properties);
  }
}

void Anonymizer::rewrite(Marker& marker) {
  marker.at = pseudonyms_.dates().shifted(marker.at);
  auto detail = harmless_detail(marker.detail, broker_, broker(broker_));
  counts_.details_dropped += detail ? 0U : 1U;
  marker.detail = std::move(detail).value_or("");
}

std::string Anonymizer::file_name(std::string_view name) {
  std::string other;
  while (!name.empty()) {
    const std::string_view word = name.substr(0, word_length(name));
    other += has_pseudonym_form(word) ? pseudonyms_.text(word) : word;
    name.remove_prefix(word.size());
  }
  return other;
}

std::string Anonymizer::broker(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  const std::string host = address.substr(0, colon);
  return is_public_host(host) ? address
                              : std::string(pseudonyms_.text(host)) +
                                    address.substr(std::min(colon, address.size()));
}

std::string Anonymizer::topic(std::string_view original) {
  return rewritten_topic(original, harmless_, pseudonyms_);
}

void Anonymizer::rewrite_payload(Message& message) {
  if (payloads_.rewrite(message.payload, car_in(message.topic))) {
    counts_.changed += payloads_.out() == message.payload ? 0U : 1U;
    message.payload = payloads_.out();
  } else if (!message.payload.empty()) {  // an empty one has nothing to tell
    ++counts_.stubs;
    message.payload = pseudonyms_.stub(message.payload);
  }
}

void Anonymizer::rewrite_properties(PublishProperties& properties) {
  const auto replace = [&](std::string& text) { text = std::string(pseudonyms_.text(text)); };
  if (properties.content_type && !is_harmless_content_type(*properties.content_type)) {
    replace(*properties.content_type);
  }
  if (properties.response_topic) {
    properties.response_topic = topic(*properties.response_topic);
  }
  if (properties.correlation_data) {
    replace(*properties.correlation_data);
  }
  for (auto& [name, value] : properties.user_properties) {
    replace(name);
    replace(value);
  }
}

}  // namespace autotape
