// What went wrong with a connection, in one line that tells what to do about it.
#pragma once

#include <string>

#include "core/result.hpp"
#include "mqtt/client_settings.hpp"

namespace autotape {

// A return code of libmosquitto. `tls_reason` is what OpenSSL said last, or empty;
// `answered` tells whether the broker had taken the connection.
Error connection_failure(const ClientSettings& settings, int code, const std::string& tls_reason,
                         bool answered);

// The return or reason code of a CONNACK: MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2.
Error connect_refusal(const ClientSettings& settings, int reason_code);

}  // namespace autotape
