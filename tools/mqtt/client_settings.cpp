#include "mqtt/client_settings.hpp"

#include <fmt/format.h>

namespace autotape {

std::string ClientSettings::address() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

}  // namespace autotape
