// How a mock broker is to be set up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "core/result.hpp"
#include "json/document.hpp"
#include "message/topic.hpp"
#include "x509/state_directory.hpp"

namespace autotape {

// What the event log holds.
enum class EventDetail {
  off,       // only the broker's own start and end: the cheapest
  clients,   // connects, refusals, subscribes, disconnects, faults
  messages,  // and each publish, delivery, acknowledgement and redelivery
};

enum class SecondConnection { takes_over, refused };

struct BrokerSettings {
  std::string directory = default_state_directory;  // made if it is not there
  std::string bind = "127.0.0.1";
  std::uint16_t port = 8883;              // 0: the system chooses
  std::vector<std::string> server_names;  // in the server certificate beside localhost, 127.0.0.1,
                                          // ::1, `bind`, `advertise`
  std::optional<std::string> advertise;   // HOST:PORT for what is printed and handed out

  // Absent: what the directory has, else one that is made up, `sandbox`, v1.
  std::optional<std::string> app_id;
  std::optional<std::string> environment;
  std::optional<StreamVersion> stream;

  // Rules (mockbroker/README.md).
  SecondConnection second_connection = SecondConnection::takes_over;
  std::uint32_t topic_filters = 1;  // for each client
  bool client_id_is_certificate_id = true;

  // Limits of Mosquitto; absent is none. A limit can lose messages and is logged as such.
  std::optional<std::uint32_t> max_queued_messages;
  std::optional<std::uint32_t> session_expiry_days;
  std::uint32_t max_inflight_messages = 1000;
  std::uint32_t message_size_limit = 256 * 1024;  // bytes

  bool proxy =
      true;  // without it clients reach Mosquitto itself, and faults of the proxy are refused
  EventDetail events = EventDetail::messages;

  // The broker ends when the handle is destroyed, and when this process ends, however it ends.
  bool owned = false;

  // The same for any process of this machine.
  std::optional<pid_t> owner;

  // The state directory, which must be new or empty, is removed when the broker ends.
  bool temporary = false;

  std::string mosquitto = "mosquitto";  // looked for in PATH and /usr/sbin
  std::string autotape_program;         // the supervisor's program; empty: this program itself
};

std::string_view name_of(EventDetail detail);
std::optional<EventDetail> event_detail(std::string_view name);
std::string_view name_of(StreamVersion stream);
std::optional<StreamVersion> stream_version(std::string_view name);

// How settings travel to the supervisor and stay in the state directory.
Json settings_to_json(const BrokerSettings& settings);
Result<BrokerSettings> settings_from_json(const Json& json, const std::string& where);

// Host names and addresses of the server certificate.
std::vector<std::string> server_certificate_names(const BrokerSettings& settings);

// Fills in what is absent: from the state directory, else made up. Checks the rest.
Result<void> complete_settings(BrokerSettings& settings);

// Usage errors for what makes no sense.
Result<void> check_settings(const BrokerSettings& settings);
Result<void> check_app_id(const std::string& app_id, StreamVersion stream);

}  // namespace autotape
