// An expectation as JSON: in a run's manifest, and as `expect:` of a scenario names its members.
#pragma once

#include <string>

#include "core/result.hpp"
#include "json/document.hpp"
#include "verify/expectation.hpp"

namespace autotape {

// Members that are as by default are left out.
Json expectation_to_json(const Expectation& expectation);

// `where` names the document in errors. Unknown members are refused.
Result<Expectation> expectation_from_json(const Json& json, const std::string& where);

}  // namespace autotape
