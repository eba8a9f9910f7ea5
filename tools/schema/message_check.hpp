// Everything that is wrong with a message, explained: topic, envelope, their agreement, `data`
// against its schema, and what is implausible. Sources: the provider's page on MQTT V1, "Topic and
// message structure", and for V2 its envelope's schema.
#pragma once

#include <string_view>
#include <vector>

#include "core/time.hpp"
#include "message/topic.hpp"
#include "schema/schema.hpp"
#include "schema/violation.hpp"

namespace autotape {

// Appends the violations, in the order of rules.hpp. A violation of rule "topic" has no instance
// location. `data` is null if there is no schema of that stream's data: it is then not checked.
// `latest` is the newest timestamp that is plausible.
void check_message(std::string_view topic, std::string_view payload, StreamVersion version,
                   const Schema* data, DataTime latest, std::vector<Violation>& violations);

// The same of a message that is known to have no error: its warnings alone, much sooner.
void find_warnings(std::string_view topic, std::string_view payload, StreamVersion version,
                   DataTime latest, std::vector<Violation>& violations);

}  // namespace autotape
