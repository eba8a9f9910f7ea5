// How handles and commands talk to a supervisor: one JSON object there, one back, on a unix socket
// in the state directory that only its owner can reach.
#pragma once

#include <optional>
#include <string>

#include "core/result.hpp"
#include "core/time.hpp"
#include "json/document.hpp"

namespace autotape {

inline constexpr const char* control_socket = "control.sock";

// A socket that listens in `directory`, however long its path is.
Result<int> listen_for_control(const std::string& directory);

// Asks and gives the answer; an error if nobody listens, or what the supervisor answered was one.
Result<Json> ask_supervisor(const std::string& directory, const Json& request,
                            Duration timeout = std::chrono::seconds(30));

// Tells the supervisor to stop and returns when its process is gone; also fine if nobody listens.
Result<void> end_supervisor(const std::string& directory, Duration timeout);

// On a socket: until the other side has finished writing; then the other way.
Result<Json> receive_json(int socket, const std::string& where);
bool send_json(int socket, const Json& json);

// Errors travel too: {"error": {…}}.
Json error_to_json(const Error& error);
std::optional<Error> error_in(const Json& answer);

}  // namespace autotape
