// An example of a message for each property of the catalogue: made up, plausible, the same every
// time.
#pragma once

#include <string>

#include "json/document.hpp"
#include "schema/catalogue.hpp"

namespace autotape {

// Of a quantity: the unit that is most used, "kilometers" for a length.
std::string_view usual_unit(const ValueType& quantity);

Json example_value(const ValueType& type);

struct ExampleMessage {
  std::string topic;
  Json payload;
};

ExampleMessage example_message(const Capability& capability, const Property& property,
                               StreamVersion version);

}  // namespace autotape
