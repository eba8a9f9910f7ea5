// What went wrong with a connection, in one line that tells what to do about it.
#pragma once

#include <string>

#include "core/result.hpp"
#include "message/message.hpp"
#include "mqtt/client_settings.hpp"

namespace autotape {

// A return code of libmosquitto. `tls_reason` is what OpenSSL said last, or empty;
// `answered` tells whether the broker had taken the connection.
Error connection_failure(const ClientSettings& settings, int code, const std::string& tls_reason,
                         bool answered);

// The library cannot use the TLS files of the settings.
Error credentials_failure(const ClientSettings& settings, const std::string& tls_reason);

// The library does not take the message, with this return code. Has no `where`: only who publishes
// knows which message of what it is.
Error unpublishable(const Message& message, int code);

// The reason code of MQTT 5's DISCONNECT, section 3.14.2.1.
Error disconnected_by_broker(const ClientSettings& settings, int reason_code);

// What an MQTT 5 reason code means: "Quota exceeded (reason code 151)".
std::string reason_of(int reason_code);

// The return or reason code of a CONNACK: MQTT 3.1.1 section 3.2.2.3, MQTT 5 section 3.2.2.2.
Error connect_refusal(const ClientSettings& settings, int reason_code);

}  // namespace autotape
