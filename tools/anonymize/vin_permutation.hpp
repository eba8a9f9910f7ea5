// Another VIN for each VIN: keyed, and no two have the same.
#pragma once

#include <string>
#include <string_view>

#include "x509/hmac.hpp"

namespace autotape {

// `vin` has the form of a VIN (message/vin.hpp), and so has the result. Its check digit is right
// where the first one's was, and its first character says as much about whether it must be
// (has_plausible_check_digit()). A permutation of all VINs: unique without a table.
std::string permute_vin(HmacSha256& hmac, std::string_view vin);

}  // namespace autotape
