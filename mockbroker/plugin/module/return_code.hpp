// Mosquitto's return codes that the plugin uses. <mosquitto.h> has them too, but that header
// belongs to the client library.
#pragma once

#include <string_view>

inline constexpr int MOSQ_ERR_SUCCESS = 0;
inline constexpr int MOSQ_ERR_PROTOCOL = 2;
inline constexpr int MOSQ_ERR_CONN_LOST = 7;
inline constexpr int MOSQ_ERR_AUTH = 11;
inline constexpr int MOSQ_ERR_ACL_DENIED = 12;
inline constexpr int MOSQ_ERR_UNKNOWN = 13;
inline constexpr int MOSQ_ERR_KEEPALIVE = 19;
inline constexpr int MOSQ_ERR_MALFORMED_PACKET = 21;
inline constexpr int MOSQ_ERR_OVERSIZE_PACKET = 25;
inline constexpr int MOSQ_LOG_ERR = 1 << 3;

namespace autotape {

inline std::string_view describe_disconnect(int reason) {
  switch (reason) {
    case MOSQ_ERR_SUCCESS:
      return "the client said goodbye";
    case MOSQ_ERR_CONN_LOST:
      return "the connection was lost";
    case MOSQ_ERR_KEEPALIVE:
      return "nothing heard for 1.5 keep-alive periods";
    case MOSQ_ERR_PROTOCOL:
    case MOSQ_ERR_MALFORMED_PACKET:
      return "the client broke the protocol";
    case MOSQ_ERR_ACL_DENIED:
      return "the client did what it may not";
    case MOSQ_ERR_OVERSIZE_PACKET:
      return "a packet was too large";
    default:
      return "closed by the broker";
  }
}

}  // namespace autotape
