// A scenario with its tape on disk, where it was made in memory.
#pragma once

#include <optional>

#include "api/or_throw.hpp"
#include "autotape/scenario.hpp"
#include "run/temporary_folder.hpp"
#include "scenario/scenario.hpp"

namespace autotape::api {

class Playable {
 public:
  explicit Playable(const Scenario& scenario) : model_(scenario.model()) {
    if (scenario.tape() != nullptr) {
      folder_ = or_throw(TemporaryFolder::create());
      model_.tape = folder_->path() + "/tape.ndjson";
      scenario.tape()->save(model_.tape);
    }
  }

  // Valid as long as this lives.
  const autotape::Scenario& scenario() const { return model_; }

 private:
  autotape::Scenario model_;
  std::optional<TemporaryFolder> folder_;
};

}  // namespace autotape::api
