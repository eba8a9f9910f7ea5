#include "anonymize/raw_check.hpp"

#include <fmt/format.h>

#include "anonymize/anonymizer.hpp"
#include "anonymize/marker_detail.hpp"
#include "anonymize/topic_rewriter.hpp"

namespace autotape {
namespace {

// Replaces nothing, and notes whether a text is no pseudonym.
class LookForText final : public Substitution {
 public:
  std::string_view text(std::string_view original) override {
    found_ = found_ || !has_pseudonym_form(original);
    return original;
  }
  std::string_view date_time(std::string_view original) override {
    return DateShift(0).shifted(original) ? original : text(original);
  }
  std::string_view number(std::string_view literal) override { return literal; }
  std::string_view coordinate(Axis, std::string_view literal, std::string_view) override {
    return literal;
  }

  bool take_found() { return std::exchange(found_, false); }

 private:
  bool found_ = false;
};

std::vector<std::string> kept_paths(const TapeHeader& header) {
  std::vector<std::string> paths;
  for (const auto& [name, value] : header.other) {
    std::string_view rest = name == "kept" ? value : std::string_view();
    while (!rest.empty()) {
      paths.emplace_back(rest.substr(0, rest.find(',')));
      rest.remove_prefix(std::min(rest.size(), paths.back().size() + 1));
    }
  }
  return paths;
}

class RawSearch {
 public:
  explicit RawSearch(const Harmless& harmless) : harmless_(harmless), payloads_(look_, harmless) {}

  // The member of the header that is raw, or an empty text.
  std::string_view raw_member(const TapeHeader& header) {
    const std::string_view host =
        std::string_view(header.broker).substr(0, header.broker.rfind(':'));
    if (is_raw(header.app_id)) {
      return "app_id";
    }
    if (is_raw(header.client_id)) {
      return "client_id";
    }
    if (is_raw_topic(header.topic_filter)) {
      return "topic_filter";
    }
    if (is_raw_word(header.environment)) {
      return "environment";
    }
    if (is_raw_word(header.level)) {
      return "level";
    }
    if (!is_public_host(host) && is_raw(host)) {
      return "broker";
    }
    return header.tool.starts_with("autotape ") || !is_raw_word(header.tool) ? std::string_view()
                                                                             : "tool";
  }

  // What is raw in the message, or an empty text.
  std::string_view raw_part(const Message& message) {
    if (is_raw_topic(message.topic)) {
      return "the topic";
    }
    const bool is_json = payloads_.rewrite(message.payload, {});
    if (look_.take_found() || (!is_json && !message.payload.empty() && !is_stub(message.payload))) {
      return "the payload";
    }
    return message.properties && are_raw(*message.properties) ? "an MQTT 5 property"
                                                              : std::string_view();
  }

 private:
  bool is_raw(std::string_view text) {
    look_.text(text);
    return look_.take_found();
  }

  bool is_raw_word(std::string_view word) {
    return !harmless_.is_public_name(word) && is_raw(word);
  }

  bool is_raw_topic(std::string_view topic) {
    rewritten_topic(topic, harmless_, look_);
    return look_.take_found();
  }

  bool are_raw(const PublishProperties& properties) {
    if (const auto& type = properties.content_type; type && !is_harmless_content_type(*type)) {
      look_.text(*type);
    }
    look_.text(properties.correlation_data.value_or(""));
    for (const auto& [name, value] : properties.user_properties) {
      look_.text(name);
      look_.text(value);
    }
    return is_raw_topic(properties.response_topic.value_or(""));
  }

  const Harmless& harmless_;
  LookForText look_;
  PayloadRewriter payloads_;
};

std::optional<std::string> judge_header(const TapeHeader& header) {
  if (header.privacy.empty()) {
    return "its header does not say that it was anonymised";
  }
  if (header.privacy != privacy_anonymized || header.key_id.empty()) {
    return fmt::format("its header says that it is {}", header.privacy == privacy_anonymized
                                                            ? "anonymised, and not with which key"
                                                            : header.privacy);
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<std::string>> find_raw(TapeReader& tape, const std::function<bool()>& go_on) {
  const TapeHeader& header = tape.header();
  if (header.privacy == privacy_synthetic) {
    return std::optional<std::string>();
  }
  if (auto raw = judge_header(header)) {
    return raw;
  }
  AUTOTAPE_TRY_ASSIGN(const Harmless harmless, Harmless::with(kept_paths(header)));
  RawSearch search(harmless);
  if (const auto member = search.raw_member(header); !member.empty()) {
    return std::optional(fmt::format("its header's {} is raw", member));
  }
  RecordedMessage message;
  Marker marker;
  for (std::uint64_t number = 1; go_on(); ++number) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape.next(message, marker));
    if (found == TapeRecord::end) {
      break;
    }
    if (found == TapeRecord::marker) {
      if (!harmless_detail(marker.detail, header.broker, header.broker)) {
        return std::optional(fmt::format("record {}: a marker has a text that is raw", number));
      }
    } else if (const auto part = search.raw_part(message.message); !part.empty()) {
      return std::optional(fmt::format("record {}: {} is raw", number, part));
    }
  }
  return std::optional<std::string>();
}

}  // namespace autotape
