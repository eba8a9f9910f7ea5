// What `--dir DIR` stands for: host, port and credentials of the mock broker of a state directory.
#pragma once

#include <cstdint>
#include <string>

#include "core/result.hpp"
#include "message/topic.hpp"
#include "x509/bundle.hpp"

namespace autotape {

struct BrokerConnection {
  std::string host;
  std::uint16_t port = 0;
  std::string app_id;
  std::string environment;
  StreamVersion stream = StreamVersion::v1;
  std::string topic;  // the filter that covers the App ID's messages

  // For `replay`: may publish, and connect with any client id that is no consumer's.
  Credentials publisher;

  // For `record`: a certificate of the App ID that no bundle holds.
  Credentials recorder;
  std::string recorder_client_id;
};

// Whatever a killed one has left behind.
bool broker_runs_in(const std::string& directory);

// From the files of a running broker. A connection error if none runs there.
Result<BrokerConnection> broker_connection(const std::string& directory);

}  // namespace autotape
