// Does the broker that runs already have the rules that `autotape broker up` asks for?
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "mockbroker/harness/broker.hpp"

namespace autotape {

// Of the options that were given ("--events", …) those of which the running broker has another
// value than `wanted`. An error if its settings cannot be read.
Result<std::vector<std::string_view>> differing_options(
    const Broker& broker, const BrokerSettings& wanted,
    const std::vector<std::string>& given_options);

}  // namespace autotape
