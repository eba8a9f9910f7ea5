// Which broker, as whom, and how: for every MQTT client of the program.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "x509/bundle.hpp"

namespace autotape {

enum class MqttVersion { v3_1_1, v5 };

struct ClientSettings {
  std::string host;
  std::uint16_t port = 8883;
  std::string client_id;

  // Absent: no TLS. Without certificate and key the client shows none.
  std::optional<Credentials> tls;

  MqttVersion version = MqttVersion::v3_1_1;

  // The broker forgets the session when the connection ends.
  bool clean_session = false;

  // A half-open connection is noticed within two of these.
  std::chrono::seconds keep_alive{30};

  // "host:port", for errors and for the tape's header.
  std::string address() const;
};

}  // namespace autotape
