// Saves a part of a run as a test that can be committed: a tape, a scenario, and a plan where the
// tape alone does not tell what was done to a message.
#pragma once

#include <string>

#include "core/result.hpp"
#include "run/search/recorded_run.hpp"
#include "run/search/symptom.hpp"

namespace autotape {

struct Regression {
  std::string scenario;  // the files' paths
  std::string tape;
  std::string plan;  // empty: none was needed
};

// In `folder`, which is made; files of these names that are there are an error unless `force`.
Result<Regression> save_regression(const RecordedRun& run, const Part& part, const Symptom& symptom,
                                   const std::string& folder, const std::string& name, bool force);

// Is one of the files that save_regression() may write there already? To be asked before a search.
Result<void> refuse_existing_regression(const std::string& folder, const std::string& name);

// One line for each delivery and each fault, in order, for a person.
std::string describe_part(const RecordedRun& run, const Part& part);

}  // namespace autotape
