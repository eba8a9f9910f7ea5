// The options that say which broker, as whom: the same for every command that connects.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "core/result.hpp"
#include "mqtt/client_settings.hpp"

namespace autotape {

struct ConnectionOptions {
  std::string directory;  // --dir
  std::string bundle;
  std::string environment = "sandbox";
  std::string host;
  std::optional<std::uint16_t> port;
  std::string topic;
  std::string client_id;
  int qos = 1;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  int keep_alive = 30;  // seconds; libmosquitto takes no less than 5
  std::string version = "311";
};

enum class ConnectionRole { subscriber, publisher };

// A publisher has no --bundle (bundles are for consumers), and no -t.
void add_connection_options(CLI::App& command, ConnectionOptions& options, ConnectionRole role);

// What the options come to.
struct ChosenConnection {
  ClientSettings client;
  std::string topic_filter;              // for a subscriber
  std::string environment;               // empty where unknown
  std::string app_id;                    // empty where unknown
  bool is_mock_broker = false;           // of --dir
  std::vector<std::string> warnings;     // one line each
  std::shared_ptr<const void> unpacked;  // keeps the files of a ZIP alive
};

// --dir, --bundle or -h, the mock broker of the default directory if there is none of them; single
// options override what these stand for. Reads files.
Result<ChosenConnection> choose_connection(const ConnectionOptions& options, ConnectionRole role);

}  // namespace autotape
