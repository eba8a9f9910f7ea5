#include "cli/connection_options.hpp"

#include <fmt/format.h>

#include "message/topic.hpp"
#include "message/topic_filter.hpp"
#include "mockbroker/harness/connection.hpp"
#include "x509/bundle.hpp"
#include "x509/key_access.hpp"
#include "x509/state_directory.hpp"

namespace autotape {
namespace {

constexpr std::uint16_t mqtt_over_tls = 8883;

// The provider's hosts, as its page on the stream names them.
std::string provider_host(const std::string& environment) {
  return environment == "live" ? "mqtt.high-mobility.com" : "sandbox.mqtt.high-mobility.com";
}

Result<MqttVersion> version_of(const std::string& text) {
  if (text == "311" || text == "mqttv311") {
    return MqttVersion::v3_1_1;
  }
  if (text == "5" || text == "mqttv5") {
    return MqttVersion::v5;
  }
  return usage_error("-V: \"" + text + "\" is no version of MQTT", "311 or 5");
}

Result<void> take_mock_broker(const std::string& directory, ConnectionRole role,
                              ChosenConnection& chosen) {
  AUTOTAPE_TRY_ASSIGN(const BrokerConnection broker, broker_connection(directory));
  chosen.is_mock_broker = true;
  chosen.client.host = broker.host;
  chosen.client.port = broker.port;
  chosen.environment = broker.environment;
  chosen.app_id = broker.app_id;
  chosen.topic_filter = broker.topic;
  if (role == ConnectionRole::publisher) {
    chosen.client.tls = broker.publisher;
  } else {
    chosen.client.tls = broker.recorder;
    chosen.client.client_id = broker.recorder_client_id;
  }
  return {};
}

Result<void> take_bundle(const ConnectionOptions& options, ChosenConnection& chosen) {
  AUTOTAPE_TRY_ASSIGN(const Bundle bundle, read_bundle(options.bundle));
  if (!is_environment(options.environment)) {
    return usage_error("--environment: \"" + options.environment + "\" is none", "live or sandbox");
  }
  chosen.client.host = provider_host(options.environment);
  chosen.client.tls = bundle.files;
  chosen.client.client_id = bundle.certificate_id.value_or("");
  chosen.environment = options.environment;
  chosen.app_id = bundle.app_id;
  const auto version = is_v2_application_id(bundle.app_id) ? StreamVersion::v2 : StreamVersion::v1;
  chosen.topic_filter = application_filter(version, options.environment, bundle.app_id);
  chosen.warnings = bundle.warnings;
  chosen.unpacked = bundle.unpacked;
  return {};
}

void override_with(const ConnectionOptions& options, ChosenConnection& chosen) {
  const auto replace = [](std::string& target, const std::string& with) {
    if (!with.empty()) {
      target = with;
    }
  };
  ClientSettings& client = chosen.client;
  replace(client.host, options.host);
  client.port = options.port.value_or(client.port);
  replace(client.client_id, options.client_id);
  replace(chosen.topic_filter, options.topic);
  const bool names_tls_files =
      !options.ca_file.empty() || !options.certificate_file.empty() || !options.key_file.empty();
  if (names_tls_files || client.port == mqtt_over_tls) {
    Credentials files = client.tls.value_or(Credentials());
    replace(files.ca_file, options.ca_file);
    replace(files.certificate_file, options.certificate_file);
    replace(files.key_file, options.key_file);
    client.tls = files;
  }
}

// A topic filter tells what it is of, where it is of the provider's form.
void name_stream_by_filter(ChosenConnection& chosen) {
  const std::string_view filter = chosen.topic_filter;
  const auto first = filter.find('/');
  const auto second = filter.find('/', first == std::string_view::npos ? first : first + 1);
  if (second == std::string_view::npos || !is_environment(filter.substr(0, first)) ||
      filter.substr(first + 1, second - first - 1) != auto_api_level) {
    return;
  }
  chosen.environment = filter.substr(0, first);
  const std::string_view id = filter.substr(second + 1, filter.find('/', second + 1) - second - 1);
  if (is_v1_app_id(id) || is_v2_application_id(id)) {
    chosen.app_id = id;
  }
}

Result<void> check_subscriber(const ChosenConnection& chosen) {
  if (chosen.topic_filter.empty()) {
    return usage_error("no topic filter is given", "give one with -t");
  }
  if (!is_topic_filter(chosen.topic_filter)) {
    return usage_error("-t: \"" + chosen.topic_filter + "\" is no topic filter");
  }
  if (chosen.client.client_id.empty()) {
    return usage_error("no client id is given", "give the certificate id with -i");
  }
  return {};
}

}  // namespace

void add_connection_options(CLI::App& command, ConnectionOptions& options, ConnectionRole role) {
  const bool subscriber = role == ConnectionRole::subscriber;
  const std::string group = "Connection";
  CLI::Option* directory =
      command
          .add_option("--dir", options.directory,
                      fmt::format("State directory of a mock broker: stands for host, port and "
                                  "credentials [{} where no other broker is named]",
                                  default_state_directory))
          ->type_name("DIR")
          ->group(group);
  if (subscriber) {
    command
        .add_option("--bundle", options.bundle,
                    "Certificate download of the provider, folder or ZIP: stands for host, topic, "
                    "client id and credentials")
        ->type_name("DIR|ZIP")
        ->group(group)
        ->excludes(directory);
    command.add_option("--environment", options.environment, "Of --bundle: live or sandbox")
        ->check(CLI::IsMember({"live", "sandbox"}))
        ->capture_default_str()
        ->group(group);
    command.add_option("-t,--topic", options.topic, "Topic filter to subscribe to")
        ->type_name("FILTER")
        ->group(group);
    command.add_option("-q,--qos", options.qos, "QoS of the subscription; 0 may lose messages")
        ->check(CLI::IsMember({0, 1}))
        ->capture_default_str()
        ->group(group);
  }
  command.add_option("-h,--host", options.host, "Broker to connect to")
      ->type_name("HOST")
      ->group(group);
  command.add_option("-p,--port", options.port, "Its port [8883]")
      ->check(CLI::Range(1, 65535))
      ->type_name("PORT")
      ->group(group);
  command
      .add_option("-i,--id", options.client_id, "Client id; the provider wants the certificate id")
      ->type_name("ID")
      ->group(group);
  command.add_option("--cafile", options.ca_file, "Certificates of the broker's authority, PEM")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--cert", options.certificate_file, "Client certificate, PEM")
      ->type_name("FILE")
      ->group(group);
  command.add_option("--key", options.key_file, "Its private key, PEM")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("-k,--keepalive", options.keep_alive,
                  "Seconds between pings; a connection that is dead is noticed within two of them")
      ->type_name("SECONDS")
      ->check(CLI::Range(5, 65535))
      ->capture_default_str()
      ->group(group);
  command.add_option("-V,--mqtt-version", options.version, "Version of MQTT: 311 or 5")
      ->capture_default_str()
      ->group(group);
}

Result<ChosenConnection> choose_connection(const ConnectionOptions& options, ConnectionRole role) {
  ChosenConnection chosen;
  AUTOTAPE_TRY_ASSIGN(chosen.client.version, version_of(options.version));
  chosen.client.keep_alive = std::chrono::seconds(options.keep_alive);
  if (!options.bundle.empty()) {
    AUTOTAPE_TRY(take_bundle(options, chosen));
  } else if (!options.directory.empty() || options.host.empty()) {
    const std::string directory =
        options.directory.empty() ? default_state_directory : options.directory;
    AUTOTAPE_TRY(take_mock_broker(directory, role, chosen));
  }
  override_with(options, chosen);
  if (const auto warning = key_access_warning(options.key_file)) {
    chosen.warnings.push_back(*warning);
  }
  if (role == ConnectionRole::subscriber) {
    if (!options.topic.empty()) {
      name_stream_by_filter(chosen);
    }
    AUTOTAPE_TRY(check_subscriber(chosen));
  }
  return chosen;
}

}  // namespace autotape
