// The sessions that brokers keep for a client id.
#pragma once

#include "core/result.hpp"
#include "mqtt/client_settings.hpp"

namespace autotape {

// Does the broker keep a session of this client id? Asking is a connection: whoever is connected
// under the id loses his, and a session that was not there is not left behind. Nothing is
// acknowledged.
Result<bool> keeps_session(const ClientSettings& settings);

// Makes the broker forget the session of this client id, and what it has queued for it.
Result<void> end_session(const ClientSettings& settings);

}  // namespace autotape
