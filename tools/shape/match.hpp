// Which messages a stage is about.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"
#include "message/envelope.hpp"
#include "shape/delivery.hpp"

namespace autotape {

// All that is given must hold; nothing given matches every message.
struct Match {
  std::vector<std::string> cars{};        // VINs; one that ends with * is a prefix
  std::optional<double> share_of_cars{};  // this share of all cars, chosen by the seed
  std::string capability{};
  std::string property{};
  std::string topic_filter{};
  std::optional<Duration> from{};  // due time in the plan, inclusive
  std::optional<Duration> to{};    // exclusive
  std::optional<double> share{};   // this share of the messages that match otherwise
};

// What a message is about. Views into the message; empty where it does not tell.
struct Subject {
  std::string_view vin;
  std::string_view capability;  // V1 only: a V2 message is about many
  std::string_view property;
};

Subject subject_of(const Message& message);

// One number for one delivery, the same whatever happens to others: what luck depends on.
std::uint64_t identity_of(const Delivery& delivery);

// Not thread-safe.
class Matcher {
 public:
  // `stage_name` keeps the luck of one stage apart from that of another.
  Matcher(Match match, std::uint64_t seed, const std::string& stage_name);

  bool matches(const Delivery& delivery);

 private:
  bool matches_car(std::string_view vin) const;
  bool matches_property(const Message& message, const Subject& subject);

  Match match_;
  RandomSeries car_luck_;
  RandomSeries share_luck_;
  bool needs_subject_;
  EnvelopeReader envelopes_;  // for V2
};

}  // namespace autotape
