// The properties of an MQTT 5 PUBLISH, between libmosquitto's list and ours.
#pragma once

#include <memory>
#include <optional>

#include <mosquitto.h>

#include "core/result.hpp"
#include "message/message.hpp"

namespace autotape {

struct FreePropertyList {
  void operator()(mosquitto_property* list) const { mosquitto_property_free_all(&list); }
};
using PropertyList = std::unique_ptr<mosquitto_property, FreePropertyList>;

// What belongs to one connection (topic alias, subscription identifier) is left out.
PublishProperties read_publish_properties(const mosquitto_property* list);

// Nothing for no properties. The error, for what MQTT cannot carry, has no `where`.
Result<PropertyList> make_property_list(const std::optional<PublishProperties>& properties);

}  // namespace autotape
