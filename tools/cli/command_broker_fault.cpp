// autotape broker fault …
#include <memory>

#include <fmt/format.h>

#include "cli/broker_options.hpp"
#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/quantity.hpp"
#include "mockbroker/harness/broker.hpp"

namespace autotape {
namespace {

struct FaultOptions {
  std::string directory;
  std::string client;
  std::string direction = "both";
  std::string bandwidth;
  std::string after_bytes = "0";
  Duration duration{};
  Duration jitter{};
  bool flag = false;
  bool forget_sessions = false;
};

using Options = std::shared_ptr<FaultOptions>;

Result<void> inject(const FaultOptions& options, const Fault& fault) {
  AUTOTAPE_TRY_ASSIGN(const auto broker, Broker::find(options.directory));
  if (!broker) {
    return connection_error(options.directory, "no broker runs there",
                            "start one with 'autotape broker up'");
  }
  return broker->inject(fault);
}

ClientChoice client_of(const FaultOptions& options) {
  return options.client.empty() ? std::nullopt : ClientChoice(options.client);
}

Direction direction_of(const FaultOptions& options) {
  return direction_by_name(options.direction).value_or(Direction::both);
}

Result<std::uint64_t> bytes_in(std::string text, const std::string& option) {
  if (text.ends_with("/s")) {
    text.resize(text.size() - 2);
  }
  const auto bytes = parse_byte_count(text);
  return bytes ? Result<std::uint64_t>(*bytes)
               : Result<std::uint64_t>(usage_error(
                     fmt::format("{}: '{}' is no number of bytes", option, text), "such as 64KiB"));
}

// A subcommand whose fault `make` builds from its options.
template <typename Make>
CLI::App& add_fault(CLI::App& group, Action& chosen, const Options& options,
                    const std::string& name, const std::string& description,
                    const std::string& example, Make make) {
  CLI::App& command = add_command(group, name, description, "autotape broker fault " + example);
  add_directory_option(command, options->directory);
  run_when_chosen(command, chosen, [options, make] {
    const Result<Fault> fault = make(*options);
    return report(fault ? inject(*options, *fault) : Result<void>(fault.error()));
  });
  return command;
}

void add_client(CLI::App& command, const Options& options, bool required) {
  command
      .add_option("CLIENT", options->client,
                  required ? "Client id" : "Client id; all consumers if none is given")
      ->required(required);
}

void add_direction(CLI::App& command, const Options& options) {
  command.add_option("--direction", options->direction, "to-client, to-broker or both")
      ->check(CLI::IsMember({"to-client", "to-broker", "both"}))
      ->capture_default_str();
}

Options new_options() {
  return std::make_shared<FaultOptions>();
}

void add_broker_faults(CLI::App& group, Action& chosen) {
  Options options = new_options();
  CLI::App& disconnect =
      add_fault(group, chosen, options, "disconnect", "Close connections",
                "disconnect --before-puback CLIENT", [](const FaultOptions& o) -> Result<Fault> {
                  return Fault(Disconnect{client_of(o), o.flag});
                });
  add_client(disconnect, options, false);
  disconnect.add_flag("--before-puback", options->flag,
                      "When it has been sent a message and before its PUBACK is heard, so that the "
                      "broker delivers it again with DUP = 1");

  options = new_options();
  CLI::App& refuse =
      add_fault(group, chosen, options, "refuse", "Refuse a client for a while",
                "refuse CLIENT --for 10s", [](const FaultOptions& o) -> Result<Fault> {
                  return Fault(Refuse{o.client, o.duration});
                });
  add_client(refuse, options, true);
  add_duration_option(refuse, "--for", options->duration, "How long")->required();

  options = new_options();
  CLI::App& restart = add_fault(group, chosen, options, "restart", "Mosquitto ends and comes back",
                                "restart --kill", [](const FaultOptions& o) -> Result<Fault> {
                                  return Fault(Restart{o.flag, o.forget_sessions});
                                });
  restart.add_flag("--kill", options->flag,
                   "With SIGKILL, after everything that was acknowledged was saved");
  restart.add_flag("--forget-sessions", options->forget_sessions,
                   "Subscriptions and queued messages are lost");

  options = new_options();
  CLI::App& expire = add_fault(
      group, chosen, options, "expire", "The client's certificate expires now", "expire CLIENT",
      [](const FaultOptions& o) -> Result<Fault> { return Fault(Expire{o.client}); });
  add_client(expire, options, true);

  options = new_options();
  add_fault(group, chosen, options, "rotate-server-certificate",
            "New connections see another server certificate", "rotate-server-certificate",
            [](const FaultOptions&) -> Result<Fault> { return Fault(RotateServerCertificate{}); });
}

void add_byte_faults(CLI::App& group, Action& chosen) {
  Options options = new_options();
  CLI::App& pause =
      add_fault(group, chosen, options, "pause", "Nothing passes and nothing is closed: half-open",
                "pause CLIENT", [](const FaultOptions& o) -> Result<Fault> {
                  return Fault(Pause{client_of(o), direction_of(o)});
                });
  add_client(pause, options, false);
  add_direction(pause, options);

  options = new_options();
  CLI::App& resume =
      add_fault(group, chosen, options, "resume",
                "End pause, latency, bandwidth and a cut that waits", "resume CLIENT",
                [](const FaultOptions& o) -> Result<Fault> { return Fault(Resume{client_of(o)}); });
  add_client(resume, options, false);

  options = new_options();
  CLI::App& latency =
      add_fault(group, chosen, options, "latency", "Bytes come later",
                "latency 200ms --jitter 50ms CLIENT", [](const FaultOptions& o) -> Result<Fault> {
                  return Fault(Latency{client_of(o), direction_of(o), o.duration, o.jitter});
                });
  add_duration_option(latency, "LATENCY", options->duration, "How much later")->required();
  add_client(latency, options, false);
  add_duration_option(latency, "--jitter", options->jitter, "And up to so much more, at random");
  add_direction(latency, options);

  options = new_options();
  CLI::App& bandwidth = add_fault(
      group, chosen, options, "bandwidth", "Bytes come slowly", "bandwidth 64KiB/s CLIENT",
      [](const FaultOptions& o) -> Result<Fault> {
        AUTOTAPE_TRY_ASSIGN(const std::uint64_t bytes, bytes_in(o.bandwidth, "bandwidth"));
        return Fault(Bandwidth{client_of(o), direction_of(o), bytes});
      });
  bandwidth.add_option("BYTES_PER_SECOND", options->bandwidth, "Such as 64KiB/s")->required();
  add_client(bandwidth, options, false);
  add_direction(bandwidth, options);

  options = new_options();
  options->direction = "to-client";
  CLI::App& cut = add_fault(
      group, chosen, options, "cut", "End connections in the middle of a packet",
      "cut --after-bytes 1000 CLIENT", [](const FaultOptions& o) -> Result<Fault> {
        AUTOTAPE_TRY_ASSIGN(const std::uint64_t bytes, bytes_in(o.after_bytes, "--after-bytes"));
        return Fault(Cut{client_of(o), direction_of(o), bytes});
      });
  add_client(cut, options, false);
  cut.add_option("--after-bytes", options->after_bytes, "So many more bytes, then the end")
      ->capture_default_str();
  add_direction(cut, options);
}

}  // namespace

void add_broker_fault_commands(CLI::App& broker, Action& chosen) {
  CLI::App& group =
      add_command_group(broker, "fault", "What a broker may do to its clients, on demand",
                        "autotape broker fault disconnect --before-puback CLIENT\n"
                        "  autotape broker fault latency 200ms\n  autotape broker fault resume");
  add_broker_faults(group, chosen);
  add_byte_faults(group, chosen);
}

}  // namespace autotape
