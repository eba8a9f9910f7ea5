// How the plugin and its supervisor talk.
//
// Plugin → supervisor: lines on Mosquitto's standard output, between Mosquitto's own, so that the
// order of all of them is the order in which things happened. A line is "@kind" and fields, apart
// by tabs; MQTT strings hold no control characters, so nothing needs to be escaped (what is foreign
// is made printable).
//
//   @ready       Mosquitto accepts connections from now on
//   @authorised  client role app-id certificate-id protocol clean-session filters…
//   @refused     rule client app-id address
//   @gone        client reason                      (a client that was authorised)
//   @subscribed  client qos filter                  @unsubscribed client filter
//   @filter-refused client rule filter              @publish-refused client rule topic
//   @published   number client topic message-id     (message-id may be empty)
//   @queued      number client topic                (passed to the subscriber, now or when it is
//   back)
//   @answered    number                             (of a command: all that happened before is
//   told)
//
// Supervisor → plugin: one datagram for each command on an inherited socket, which no client can
// reach, with a number before it; the answer is that number and "ok", once it took effect.
//
//   kick CLIENT · kick-consumers · reload (the registry) · refuse CLIENT MILLISECONDS · sync
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace autotape {

inline constexpr char plugin_line_mark = '@';
inline constexpr const char* ready_line = "ready";

// Views into `line`.
std::vector<std::string_view> split_fields(std::string_view line);

// The plugin's options in mosquitto.conf (plugin_opt_…) are these names.
inline constexpr const char* option_environment = "environment";
inline constexpr const char* option_stream = "stream";
inline constexpr const char* option_topic_filters = "topic_filters";
inline constexpr const char* option_second_connection = "second_connection";
inline constexpr const char* option_client_id = "client_id";
inline constexpr const char* option_message_lines = "message_lines";
inline constexpr const char* option_command_socket = "command_socket";

}  // namespace autotape
