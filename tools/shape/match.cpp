#include "shape/match.hpp"

#include <algorithm>

#include "message/topic.hpp"
#include "message/topic_filter.hpp"
#include "shape/payload_text.hpp"

namespace autotape {
namespace {

// FNV-1a.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t value = 0xCBF29CE484222325;
  for (const char c : text) {
    value = (value ^ static_cast<unsigned char>(c)) * 0x100000001B3;
  }
  return value;
}

bool names_car(std::string_view pattern, std::string_view vin) {
  if (pattern.ends_with('*')) {
    return vin.starts_with(pattern.substr(0, pattern.size() - 1));
  }
  return vin == pattern;
}

}  // namespace

Subject subject_of(const Message& message) {
  if (const auto topic = parse_v1_topic(message.topic)) {
    return {topic->vin, topic->capability, topic->property};
  }
  return {find_top_level_string(message.payload, "vin").value_or(std::string_view()), {}, {}};
}

std::uint64_t identity_of(const Delivery& delivery) {
  return delivery.message + (std::uint64_t{delivery.copy} << 40U) +
         (std::uint64_t{delivery.pass} << 52U);
}

Matcher::Matcher(Match match, std::uint64_t seed, const std::string& stage_name)
    : match_(std::move(match)),
      car_luck_(seed, stage_name + "/cars"),
      share_luck_(seed, stage_name + "/share"),
      needs_subject_(!match_.cars.empty() || match_.share_of_cars || !match_.capability.empty() ||
                     !match_.property.empty()) {}

bool Matcher::matches(const Delivery& delivery) {
  const Duration due = delivery.due.time_since_epoch();
  if ((match_.from && due < *match_.from) || (match_.to && due >= *match_.to)) {
    return false;
  }
  const Message& message = *delivery.content;
  if (!match_.topic_filter.empty() && !topic_matches(match_.topic_filter, message.topic)) {
    return false;
  }
  if (needs_subject_) {
    const Subject subject = subject_of(message);
    if (!matches_car(subject.vin) || !matches_property(message, subject)) {
      return false;
    }
  }
  return !match_.share || share_luck_.at(identity_of(delivery)).chance(*match_.share);
}

bool Matcher::matches_car(std::string_view vin) const {
  const bool named = match_.cars.empty() ||
                     std::any_of(match_.cars.begin(), match_.cars.end(),
                                 [&](const std::string& car) { return names_car(car, vin); });
  return named &&
         (!match_.share_of_cars || car_luck_.at(hash_of(vin)).chance(*match_.share_of_cars));
}

bool Matcher::matches_property(const Message& message, const Subject& subject) {
  if (match_.capability.empty() && match_.property.empty()) {
    return true;
  }
  const auto holds = [this](std::string_view capability, std::string_view property) {
    return (match_.capability.empty() || match_.capability == capability) &&
           (match_.property.empty() || match_.property == property);
  };
  if (!subject.capability.empty()) {
    return holds(subject.capability, subject.property);
  }
  const auto envelope = envelopes_.read(message.payload);
  return envelope && std::any_of((*envelope)->readings.begin(), (*envelope)->readings.end(),
                                 [&](const Reading& reading) {
                                   return holds(reading.capability, reading.property);
                                 });
}

}  // namespace autotape
