// Which sessions at brokers this user's recordings have left behind: a note in a file for each, so
// that a recording knows its own session from another program's.
#pragma once

#include <optional>
#include <string>

#include "mqtt/client_settings.hpp"

namespace autotape {

struct OwnSession {
  std::string topic_filter;  // what it is subscribed to; empty where unknown
};

// In $XDG_STATE_HOME/autotape/sessions, ~/.local/state otherwise. What cannot be noted is not known
// later: the session then counts as another program's.
std::optional<OwnSession> find_own_session(const ClientSettings& client);
void note_own_session(const ClientSettings& client, const OwnSession& session);
void forget_own_session(const ClientSettings& client);

}  // namespace autotape
