// V1 messages as messages of the successor stream.
#pragma once

#include <string>
#include <string_view>

#include "shape/delivery.hpp"

namespace autotape {

// The application id that stands for a V1 App ID: a lower-case UUID whose first 24 digits are the
// App ID's.
std::string v2_application_id(std::string_view v1_app_id);

// The same readings under the V2 topic and in the V2 envelope, all properties in arrays. False, and
// nothing changed, for what is no V1 message.
bool convert_to_v2(Delivery& delivery);

}  // namespace autotape
