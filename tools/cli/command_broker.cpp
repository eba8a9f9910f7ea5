// autotape broker up | status | down
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "cli/broker_options.hpp"
#include "cli/command.hpp"
#include "cli/running_broker.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "json/document.hpp"
#include "mockbroker/harness/broker.hpp"

namespace autotape {
namespace {

struct UpOptions {
  BrokerSettings settings;
  std::string environment;
  std::string stream;
  std::string app_id;
  std::string advertise;
  std::string second_connection = "take-over";
  std::string client_id = "certificate-id";
  std::string events = "messages";
  std::string message_size_limit;
  std::uint32_t max_queued = 0;
  std::uint32_t session_expiry_days = 0;
  pid_t owner = 0;
  bool no_proxy = false;
  std::vector<std::string> given;  // the options on the command line
  bool json = false;
};

std::optional<std::string> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

Result<BrokerSettings> settings_of(const UpOptions& options) {
  BrokerSettings settings = options.settings;
  settings.app_id = unless_empty(options.app_id);
  settings.environment = unless_empty(options.environment);
  settings.stream = stream_version(options.stream);
  settings.advertise = unless_empty(options.advertise);
  settings.second_connection = options.second_connection == "refuse" ? SecondConnection::refused
                                                                     : SecondConnection::takes_over;
  settings.client_id_is_certificate_id = options.client_id == "certificate-id";
  settings.events = event_detail(options.events).value_or(EventDetail::messages);
  settings.proxy = !options.no_proxy;
  if (options.max_queued > 0) {
    settings.max_queued_messages = options.max_queued;
  }
  if (options.session_expiry_days > 0) {
    settings.session_expiry_days = options.session_expiry_days;
  }
  if (options.owner > 0) {
    settings.owner = options.owner;
  }
  if (!options.message_size_limit.empty()) {
    const auto limit = parse_byte_count(options.message_size_limit);
    if (!limit || *limit == 0 || *limit > 268'435'455) {
      return usage_error(fmt::format("'{}' is no size of a message", options.message_size_limit),
                         "such as 256KiB; MQTT allows up to 268435455 bytes");
    }
    settings.message_size_limit = static_cast<std::uint32_t>(*limit);
  }
  if (settings.advertise) {
    const std::size_t colon = settings.advertise->rfind(':');
    const std::string port =
        colon == std::string::npos ? "" : settings.advertise->substr(colon + 1);
    if (colon == 0 || port.empty() || port.size() > 5 ||
        port.find_first_not_of("0123456789") != std::string::npos || std::stoi(port) == 0 ||
        std::stoi(port) > 65535) {
      return usage_error(fmt::format("--advertise '{}' is no HOST:PORT", *settings.advertise),
                         "a port lies within 1 and 65535");
    }
  }
  return settings;
}

// The command of the provider's page, ready to paste.
std::string subscribe_command(const BrokerConnection& connection, const Bundle& bundle) {
  return fmt::format(
      "mosquitto_sub --disable-clean-session \\\n"
      "              --cafile {} \\\n"
      "              --cert {} \\\n"
      "              --key {} \\\n"
      "              -h {} \\\n"
      "              -p {} \\\n"
      "              -q 1 \\\n"
      "              -t '{}' \\\n"
      "              -i '{}'\n",
      shell_word(bundle.files.ca_file), shell_word(bundle.files.certificate_file),
      shell_word(bundle.files.key_file), connection.host, connection.port, connection.topic,
      bundle.certificate_id.value_or(""));
}

Json describe(const Broker& broker, const BrokerStatus& status, const Bundle& bundle) {
  const BrokerConnection& connection = broker.connection();
  Json json;
  json["running"] = true;
  json["pid"] = status.pid;
  json["directory"] = broker.directory();
  json["host"] = connection.host;
  json["port"] = connection.port;
  json["environment"] = connection.environment;
  json["stream"] = std::string(name_of(connection.stream));
  json["app_id"] = connection.app_id;
  json["topic"] = connection.topic;
  json["client_id"] = bundle.certificate_id.value_or("");
  json["ca_file"] = bundle.files.ca_file;
  json["cert_file"] = bundle.files.certificate_file;
  json["key_file"] = bundle.files.key_file;
  return json;
}

ExitCode show(const Broker& broker, bool json) {
  const auto bundles = broker.consumer_bundles();
  const auto status = broker.status();
  if (!bundles || !status) {
    return report_error(bundles ? status.error() : bundles.error());
  }
  if (bundles->empty()) {
    return report_error(file_error(broker.directory(), "has no certificate that a consumer can use",
                                   "'autotape certs issue' makes one"));
  }
  const Bundle& bundle = bundles->front();
  return report(json ? print(describe(broker, *status, bundle).dump(2) + "\n")
                     : print(subscribe_command(broker.connection(), bundle)));
}

// Up again is fine, if what runs is what was asked for.
ExitCode show_running(const Broker& broker, const BrokerSettings& wanted,
                      const UpOptions& options) {
  const BrokerConnection& running = broker.connection();
  const auto differing = differing_options(broker, wanted, options.given);
  if (!differing) {
    return report_error(differing.error());
  }
  if (!differing->empty()) {
    return report_error(
        usage_error(fmt::format("a broker with other settings runs in {} already: {}",
                                broker.directory(), fmt::join(*differing, ", ")),
                    "end it with 'autotape broker down', or choose another --dir"));
  }
  say(fmt::format("a broker runs in {} already, on {}:{}", broker.directory(), running.host,
                  running.port));
  return show(broker, options.json);
}

ExitCode up(const UpOptions& options) {
  const auto settings = settings_of(options);
  if (!settings) {
    return report_error(settings.error());
  }
  const auto running = Broker::find(settings->directory);
  if (!running) {
    return report_error(running.error());
  }
  if (*running) {
    return show_running(**running, *settings, options);
  }
  const auto broker = Broker::start(*settings);
  if (!broker) {
    return report_error(broker.error());
  }
  say(fmt::format(
      "the broker accepts TLS connections on {}:{}, and goes on until "
      "'autotape broker down{}'{}",
      broker->connection().host, broker->connection().port,
      settings->directory == default_state_directory ? ""
                                                     : " --dir " + shell_word(settings->directory),
      options.owner > 0 ? fmt::format(" or the end of process {}", options.owner) : ""));
  return show(*broker, options.json);
}

void add_up(CLI::App& group, Action& chosen) {
  const auto options = std::make_shared<UpOptions>();
  BrokerSettings& settings = options->settings;
  CLI::App& command =
      add_command(group, "up", "Start the mock broker; it goes on after this command returns",
                  "autotape broker up --port 0 --app-id 1FBBEDED80595912588FF4FF");
  add_directory_option(command, settings.directory);
  command.add_option("-p,--port", settings.port, "TCP port; 0: the system chooses")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  command
      .add_option("--bind", settings.bind,
                  "Address to listen on; all but loopback is reachable "
                  "for others")
      ->capture_default_str();
  command.add_option("--server-name", settings.server_names,
                     "Name or address to add to the server certificate (repeatable)");
  command.add_option("--advertise", options->advertise,
                     "HOST:PORT to print and hand out instead of the broker's own");
  command.add_option("--app-id", options->app_id,
                     "24 hex digits (v1) or a UUID (v2); made up if none is given");
  command.add_option("--environment", options->environment, "live or sandbox (default: sandbox)")
      ->check(CLI::IsMember({"live", "sandbox"}));
  command.add_option("--stream", options->stream, "v1 or v2 (default: v1)")
      ->check(CLI::IsMember({"v1", "v2"}));
  command
      .add_option("--second-connection", options->second_connection,
                  "A second one for a certificate: take-over or refuse")
      ->check(CLI::IsMember({"take-over", "refuse"}))
      ->capture_default_str();
  command
      .add_option("--topic-filters", settings.topic_filters, "How many a client may subscribe to")
      ->capture_default_str();
  command
      .add_option("--client-id", options->client_id,
                  "Which client id a consumer must have: certificate-id or any")
      ->check(CLI::IsMember({"certificate-id", "any"}))
      ->capture_default_str();
  command.add_option("--max-queued", options->max_queued,
                     "Messages queued for each session; more are lost (default: no limit)");
  command.add_option(
      "--session-expiry-days", options->session_expiry_days,
      "Days after which the session of an absent client is dropped (default: never)");
  command
      .add_option("--max-inflight", settings.max_inflight_messages,
                  "Messages on their way to a client before its PUBACK; 1 keeps their order")
      ->capture_default_str();
  command.add_option("--message-size-limit", options->message_size_limit,
                     "Largest payload (default: 256KiB)");
  command.add_flag("--no-proxy", options->no_proxy,
                   "Clients reach Mosquitto itself: faster, without faults on bytes");
  command
      .add_option("--events", options->events, "What the event log holds: messages, clients or off")
      ->check(CLI::IsMember({"messages", "clients", "off"}))
      ->capture_default_str();
  command
      .add_option("--owner", options->owner,
                  "End when the process with this number ends, however it ends: --owner $$")
      ->check(at_least_one());
  command.add_flag("--temporary", settings.temporary,
                   "Remove the state directory, which must be new or empty, at the end");
  command.add_option("--mosquitto", settings.mosquitto, "Mosquitto's program")
      ->capture_default_str();
  command.add_flag("--json", options->json, "Print where and how to connect as JSON");
  run_when_chosen(command, chosen, [options, &command] {
    for (const CLI::Option* option : command.get_options()) {
      if (option->count() > 0) {
        options->given.push_back(option->get_name());
      }
    }
    return up(*options);
  });
}

std::string describe_clients(const BrokerStatus& status) {
  std::string text;
  for (const BrokerClient& client : status.clients) {
    text += fmt::format("  {}  {}  {}  {}\n", client.id, client.role, client.app_id,
                        fmt::join(client.topic_filters, " "));
  }
  return text;
}

Json status_json(const BrokerStatus& status) {
  Json json;
  json["running"] = status.running;
  json["pid"] = status.pid;
  json["mosquitto_pid"] = status.mosquitto_pid;
  json["host"] = status.host;
  json["port"] = status.port;
  json["app_id"] = status.app_id;
  json["environment"] = status.environment;
  json["stream"] = std::string(name_of(status.stream));
  if (!status.event_log_failure.empty()) {
    json["event_log_failure"] = status.event_log_failure;
  }
  json["clients"] = Json::array();
  for (const BrokerClient& client : status.clients) {
    json["clients"].push_back({{"id", client.id},
                               {"role", client.role},
                               {"app_id", client.app_id},
                               {"topic_filters", client.topic_filters}});
  }
  return json;
}

ExitCode show_status(const std::string& directory, bool json) {
  const auto broker = Broker::find(directory);
  if (!broker) {
    return report_error(broker.error());
  }
  if (!*broker) {
    if (json) {
      return report(print("{\n  \"running\": false,\n  \"clients\": []\n}\n"));
    }
    return report(print(fmt::format("no broker runs in {}\n", directory)));
  }
  const auto status = (*broker)->status();
  if (!status) {
    return report_error(status.error());
  }
  const auto shown =
      print(json ? status_json(*status).dump(2) + "\n"
                 : fmt::format("running on {}:{}, process {}, {} {}, App ID {}\n{} connected\n{}",
                               status->host, status->port, status->pid, name_of(status->stream),
                               status->environment, status->app_id, status->clients.size(),
                               describe_clients(*status)));
  if (status->event_log_failure.empty()) {
    return report(shown);
  }
  say("the event log is not whole: " + status->event_log_failure);
  return graver(report(shown), ExitCode::loss);
}

ExitCode down(const std::string& directory) {
  auto broker = Broker::find(directory);
  if (!broker) {
    return report_error(broker.error());
  }
  if (!*broker) {
    say(fmt::format("no broker runs in {}", directory));
    return ExitCode::passed;
  }
  if (const auto stopped = (*broker)->stop(); !stopped) {
    return report_error(stopped.error());
  }
  say(std::filesystem::exists(directory)
          ? "the broker has ended; its sessions and certificates are kept"
          : "the broker has ended, and its directory is gone");
  return ExitCode::passed;
}

}  // namespace

CLI::Option* add_directory_option(CLI::App& command, std::string& directory) {
  directory = default_state_directory;
  return command.add_option("--dir", directory, "State directory of the mock broker")
      ->capture_default_str();
}

std::string shell_word(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789_-./:@%+=,") == std::string::npos;
  if (plain) {
    return text;
  }
  std::string quoted = "'";
  for (const char c : text) {
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  }
  return quoted + "'";
}

ExitCode report(const Result<void>& result) {
  return result ? ExitCode::passed : report_error(result.error());
}

void add_broker_commands(CLI::App& program, Action& chosen) {
  CLI::App& group = add_command_group(
      program, "broker", "The mock broker: start, ask, disturb, end",
      "autotape broker up\n  autotape broker fault disconnect\n  autotape broker down");
  add_up(group, chosen);

  const auto status_directory = std::make_shared<std::string>();
  const auto json = std::make_shared<bool>(false);
  CLI::App& status = add_command(group, "status", "Does it run, and who is connected?",
                                 "autotape broker status --json");
  add_directory_option(status, *status_directory);
  status.add_flag("--json", *json, "For machines");
  run_when_chosen(status, chosen, [=] { return show_status(*status_directory, *json); });

  const auto down_directory = std::make_shared<std::string>();
  CLI::App& ending = add_command(
      group, "down", "End the broker; sessions and certificates are kept", "autotape broker down");
  add_directory_option(ending, *down_directory);
  run_when_chosen(ending, chosen, [=] { return down(*down_directory); });

  add_broker_fault_commands(group, chosen);
  add_broker_event_commands(group, chosen);
}

}  // namespace autotape
