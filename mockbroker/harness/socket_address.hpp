// TCP addresses as text, and listening on them.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"

namespace autotape {

// A socket that listens, does not block and is closed at exec. `bind` is a numeric address.
Result<int> listen_on(const std::string& bind, std::uint16_t port);

std::uint16_t port_of(int socket);  // its own
std::string peer_of(int socket);    // "host:port"

// Where clients on this machine reach what listens on `bind`.
std::string local_host_of(const std::string& bind);

}  // namespace autotape
