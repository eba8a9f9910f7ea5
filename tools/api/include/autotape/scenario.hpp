// What is played to a consumer, and what it must do.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "autotape/tape.hpp"

namespace autotape {
struct Scenario;
}

namespace autotape::api {

// Values: copies are independent. What is wrong throws Error at once.
class Scenario {
 public:
  // A scenario (.yaml), a saved plan (.plan), or a tape that is played as it is.
  static Scenario open(const std::string& path);
  static Scenario of(const Tape& tape);

  // As `replay.rate` of a scenario: "60" times as fast, "500/s", "max".
  Scenario& rate(const std::string& text);
  Scenario& seed(std::uint64_t seed);

  // Publishes this share (0 to 1) of the messages again.
  Scenario& duplicate(double share);

  // Each message may arrive up to so many places late.
  Scenario& reorder(std::uint64_t messages);

  // Any stage or fault, as scenarios/README.md describes them: "{stage: hold, at: 3min, for:
  // 2min}",
  // "{after_deliveries: 5, consumer: restart}".
  Scenario& stage(const std::string& yaml);
  Scenario& fault(const std::string& yaml);

  // Requires a check ("dedup"): if nothing exercised it, it is unknown, not passed.
  Scenario& require(const std::string& check);

  // Any member of `expect`: expect("order_rule", "latest-wins").
  Scenario& expect(const std::string& member, const std::string& value);

  // For the library.
  const autotape::Scenario& model() const { return *model_; }
  const Tape* tape() const { return tape_.get(); }

 private:
  explicit Scenario(autotape::Scenario model);
  autotape::Scenario& change();

  std::shared_ptr<const autotape::Scenario> model_;
  std::shared_ptr<const Tape> tape_;
};

}  // namespace autotape::api
