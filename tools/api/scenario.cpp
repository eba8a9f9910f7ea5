#include "autotape/scenario.hpp"

#include "api/or_throw.hpp"
#include "scenario/scenario.hpp"
#include "scenario/scenario_file.hpp"
#include "verify/expectation_json.hpp"

namespace autotape::api {
namespace {

// One member of a scenario, by way of a whole one.
autotape::Scenario read_member(const std::string& member) {
  return or_throw(
      read_scenario("version: 1\nname: part\ntape: none\n" + member + "\n", "scenario"));
}

}  // namespace

Scenario::Scenario(autotape::Scenario model)
    : model_(std::make_shared<const autotape::Scenario>(std::move(model))) {}

Scenario Scenario::open(const std::string& path) {
  return Scenario(or_throw(open_scenario(path, {})));
}

Scenario Scenario::of(const Tape& tape) {
  autotape::Scenario model;
  model.name = "tape";
  Scenario scenario(std::move(model));
  scenario.tape_ = std::make_shared<const Tape>(tape);
  return scenario;
}

// A copy of one's own, so that copies stay independent.
autotape::Scenario& Scenario::change() {
  auto own = std::make_shared<autotape::Scenario>(*model_);
  model_ = own;
  return *own;
}

Scenario& Scenario::rate(const std::string& text) {
  const auto rate = parse_replay_rate(text);
  if (!rate) {
    throw Error("rate \"" + text + "\": is none (write 60, 500/s or max)");
  }
  change().rate = *rate;
  return *this;
}

Scenario& Scenario::seed(std::uint64_t seed) {
  change().seed = seed;
  return *this;
}

Scenario& Scenario::duplicate(double share) {
  DuplicateSettings duplicate;
  duplicate.probability = share;
  add_stage(change().shape, duplicate);
  return *this;
}

Scenario& Scenario::reorder(std::uint64_t messages) {
  ReorderSettings reorder;
  reorder.messages = messages;
  add_stage(change().shape, reorder);
  return *this;
}

Scenario& Scenario::stage(const std::string& yaml) {
  const autotape::Scenario part = read_member("shape:\n  - " + yaml);
  autotape::Scenario& model = change();
  for (const ShapeStage& stage : part.shape.stages) {
    add_stage(model.shape, stage.settings, stage.match);
  }
  return *this;
}

Scenario& Scenario::fault(const std::string& yaml) {
  const autotape::Scenario part = read_member("faults:\n  - " + yaml);
  auto& faults = change().faults;
  faults.insert(faults.end(), part.faults.begin(), part.faults.end());
  return *this;
}

Scenario& Scenario::require(const std::string& check) {
  return expect(check, "required");
}

Scenario& Scenario::expect(const std::string& member, const std::string& value) {
  Json json = expectation_to_json(model_->expect);
  json[member] = value;
  change().expect = or_throw(expectation_from_json(json, "expect"));
  return *this;
}

}  // namespace autotape::api
