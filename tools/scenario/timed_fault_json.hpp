// A scenario's fault as JSON, with its moment: in a run's manifest.
//
//   {"after_deliveries":12,"consumer":"restart"}
//   {"at":"4m","fault":"disconnect","client":"consumer"}
#pragma once

#include <string>

#include "core/result.hpp"
#include "json/document.hpp"
#include "scenario/scenario.hpp"

namespace autotape {

Json timed_fault_to_json(const TimedFault& fault);

// `where` names the document in errors. What it does is checked where it strikes.
Result<TimedFault> timed_fault_from_json(const Json& json, const std::string& where);

}  // namespace autotape
