#include "schema/fast_judge.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>

#include "schema/fast_walk.hpp"
#include "message/vin.hpp"

namespace autotape {
namespace {

constexpr std::size_t padding = 64;  // behind the text; before it, a word for the first name's hash

enum EnvelopeMember : std::uint32_t {
  message_id,
  version,
  vin,
  data,
  application_id,               // V2
  capability = application_id,  // V1
  property,                     // V1
  envelope_members,
};

constexpr std::array<std::string_view, 6> v1_names = {"message_id", "version",    "vin",
                                                      "data",       "capability", "property"};
constexpr std::array<std::string_view, 5> v2_names = {"message_id", "version", "vin", "data",
                                                      "application_id"};

PackedMinute packed_minute(DataTime time) {
  const auto since_epoch = time.time_since_epoch();
  const auto day_start = std::chrono::floor<std::chrono::days>(since_epoch);
  const std::chrono::year_month_day date{std::chrono::sys_days(day_start)};
  const auto minutes = static_cast<PackedMinute>(
      std::chrono::floor<std::chrono::minutes>(since_epoch - day_start).count());
  const auto year = static_cast<PackedMinute>(std::max(0, static_cast<int>(date.year())));
  const PackedMinute days =
      (year * 100 + static_cast<unsigned>(date.month())) * 100 + static_cast<unsigned>(date.day());
  return (days * 100 + minutes / 60) * 100 + minutes % 60;
}

// The members of one envelope, as far as they have been read.
class EnvelopeWalk {
 public:
  EnvelopeWalk(const FastProgram& program, const NameTable& names, StreamVersion stream,
               const char* text, PackedMinute latest)
      : program_(program),
        names_(names),
        stream_(stream),
        text_(text),
        walk_(program, text, latest) {}

  // False if only a slower look can tell. `end` is behind the last token.
  bool read(FastWalk::Token token, FastWalk::Token end) {
    if (walk_.at(token++) != '{') {
      return false;
    }
    while (true) {
      if (walk_.at(token) != '"' || walk_.at(token + 1) != ':') {
        return false;
      }
      const std::string_view name = walk_.raw_string(token);
      token = member(names_.find(name.data(), name.size()), token + 2);
      if (token == nullptr) {
        return false;
      }
      const char separator = walk_.at(token++);
      if (separator == '}') {
        break;
      }
      if (separator != ',') {
        return false;
      }
    }
    return token == end && complete();
  }

  std::string_view member(EnvelopeMember which) const { return texts_[which]; }
  std::string_view data_capability() const { return data_capability_; }
  std::string_view data_property() const { return data_property_; }
  bool warned() const { return walk_.warned(); }

 private:
  bool complete() const {
    const std::uint32_t all = stream_ == StreamVersion::v1 ? 0b111111U : 0b011111U;
    return seen_ == all;
  }

  FastWalk::Token member(std::uint32_t which, FastWalk::Token token) {
    if (which == NameTable::none) {
      // Another member is worth a warning in V1; what is not a plain text is left alone here.
      if (stream_ == StreamVersion::v1) {
        walk_.warn();
      }
      return plain_text(token) ? token + 1 : nullptr;
    }
    const std::uint32_t bit = 1U << which;
    if ((seen_ & bit) != 0) {
      return nullptr;
    }
    seen_ |= bit;
    switch (which) {
      case version:
        return is_version(token) ? token + 1 : nullptr;
      case data:
        return stream_ == StreamVersion::v1 ? v1_data(token) : walk_.value(program_.root, token);
      default: {
        const auto text = plain_text(token);
        if (!text || text->empty()) {
          return nullptr;
        }
        texts_[which] = *text;
        return token + 1;
      }
    }
  }

  std::optional<std::string_view> plain_text(FastWalk::Token token) const {
    if (walk_.at(token) != '"') {
      return std::nullopt;
    }
    const std::string_view raw = walk_.raw_string(token);
    return std::memchr(raw.data(), '\\', raw.size()) == nullptr ? std::optional(raw) : std::nullopt;
  }

  bool is_version(FastWalk::Token token) const {
    const char* const literal = text_ + *token;
    const char wanted = stream_ == StreamVersion::v1 ? '1' : '2';
    return literal[0] == wanted && (literal + 1 == text_ + token[1] || literal[1] == ' ' ||
                                    literal[1] == '\n' || literal[1] == '\r' || literal[1] == '\t');
  }

  // {"capability": {"property": …}}: one member each, whose names are kept.
  FastWalk::Token v1_data(FastWalk::Token token) {
    const FastObject* const capabilities = object_at(program_.root);
    const auto capability_node =
        capabilities != nullptr ? only_name(*capabilities, token, data_capability_) : std::nullopt;
    const FastObject* const properties =
        capability_node ? object_at(capabilities->members[*capability_node].node) : nullptr;
    const auto property_node =
        properties != nullptr ? only_name(*properties, token, data_property_) : std::nullopt;
    if (!property_node) {
      return nullptr;
    }
    const FastMember& found = properties->members[*property_node];
    if (found.deprecated) {
      walk_.warn();
    }
    token = walk_.value(found.node, token);
    const bool closed = token != nullptr && walk_.at(token) == '}' && walk_.at(token + 1) == '}';
    return closed ? token + 2 : nullptr;
  }

  const FastObject* object_at(std::uint32_t node) const {
    const FastNode& found = program_.nodes[node];
    if (found.kind != FastKind::object) {
      return nullptr;
    }
    const FastObject& object = program_.objects[found.table];
    const bool one_is_enough = object.required == FastObject::MemberSet{} && object.least <= 1;
    return one_is_enough ? &object : nullptr;
  }

  // Steps over `{"name":` and gives the member.
  std::optional<std::uint32_t> only_name(const FastObject& object, FastWalk::Token& token,
                                         std::string_view& name) const {
    if (walk_.at(token) != '{' || walk_.at(token + 1) != '"' || walk_.at(token + 2) != ':') {
      return std::nullopt;
    }
    name = walk_.raw_string(token + 1);
    token += 3;
    const std::uint32_t member = object.names.find(name.data(), name.size());
    return member == NameTable::none ? std::nullopt : std::optional(member);
  }

  const FastProgram& program_;
  const NameTable& names_;
  StreamVersion stream_;
  const char* text_;
  FastWalk walk_;
  std::array<std::string_view, envelope_members> texts_;
  std::string_view data_capability_;
  std::string_view data_property_;
  std::uint32_t seen_ = 0;
};

// Takes `expected` and then `separator` from the front of `rest`.
bool take(std::string_view& rest, std::string_view expected, std::string_view separator) {
  if (!rest.starts_with(expected) || !rest.substr(expected.size()).starts_with(separator)) {
    return false;
  }
  rest.remove_prefix(expected.size() + separator.size());
  return true;
}

}  // namespace

FastJudge::FastJudge(const FastProgram& data, StreamVersion version)
    : data_(data),
      version_(version),
      envelope_names_(version == StreamVersion::v1 ? NameTable(v1_names) : NameTable(v2_names)) {}

std::string_view FastJudge::padded(std::string_view payload) {
  const std::size_t needed = payload.size() + padding;
  if (buffer_.size() < needed) {
    buffer_.resize(needed + needed / 2);
  }
  std::memcpy(buffer_.data(), payload.data(), payload.size());
  std::memset(buffer_.data() + payload.size(), 0, padding);
  return {buffer_.data(), payload.size()};
}

FastVerdict FastJudge::judge(std::string_view topic, std::string_view payload, DataTime latest) {
  if (latest < latest_ || latest >= latest_ + std::chrono::minutes(1)) {
    latest_ = std::chrono::floor<std::chrono::minutes>(latest);
    latest_minute_ = packed_minute(latest);
  }
  const std::string_view text = padded(payload);
  if (index_.index(text) != JsonFault::none) {
    return FastVerdict::unsure;
  }
  const auto tokens = index_.positions();
  EnvelopeWalk envelope(data_, envelope_names_, version_, text.data(), latest_minute_);
  if (!envelope.read(tokens.data(), tokens.data() + tokens.size())) {
    return FastVerdict::unsure;
  }

  if (version_ == StreamVersion::v1) {
    if (!topic.starts_with(known_prefix_) || known_prefix_.empty()) {
      const auto parsed = parse_v1_topic(topic);
      if (!parsed || !is_environment(parsed->environment) || parsed->level != auto_api_level ||
          !is_v1_app_id(parsed->app_id)) {
        return FastVerdict::unsure;
      }
      known_prefix_ = topic.substr(0, static_cast<std::size_t>(parsed->vin.data() - topic.data()));
    }
    const std::string_view property_name = envelope.member(property);
    std::string_view rest = topic.substr(known_prefix_.size());
    if (!take(rest, envelope.member(vin), "/") ||
        !take(rest, envelope.member(capability), "/get/") || rest != property_name ||
        envelope.data_capability() != envelope.member(capability) ||
        envelope.data_property() != property_name) {
      return FastVerdict::unsure;
    }
  } else if (topic != known_prefix_) {
    const auto parsed = parse_v2_topic(topic);
    if (!parsed || !is_environment(parsed->environment) || parsed->level != auto_api_level ||
        !is_v2_application_id(parsed->application_id)) {
      return FastVerdict::unsure;
    }
    known_prefix_ = topic;
  }
  if (version_ == StreamVersion::v2 &&
      topic.substr(topic.rfind('/') + 1) != envelope.member(application_id)) {
    return FastVerdict::unsure;
  }
  const std::string_view car = envelope.member(vin);
  const bool plausible_car = is_vin(car) && has_plausible_check_digit(car);
  return plausible_car && !envelope.warned() ? FastVerdict::valid : FastVerdict::warnings;
}

}  // namespace autotape
