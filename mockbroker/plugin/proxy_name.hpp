// How the proxy tells Mosquitto whose connection it carries.
#pragma once

namespace autotape {

// The proxy binds its unix sockets to this abstract name with "{number}/{host}:{port}" of the
// client after it.
inline constexpr char proxy_name[] = "autotape-proxy/";

}  // namespace autotape
