// Which sessions at brokers this user's recordings have left behind: a note in a file for each, so
// that a recording knows its own session from another program's.
#pragma once

#include "mqtt/client_settings.hpp"

namespace autotape {

// In $XDG_STATE_HOME/autotape/sessions, ~/.local/state otherwise. What cannot be noted is not known
// later: the session then counts as another program's.
bool is_own_session(const ClientSettings& client);
void note_own_session(const ClientSettings& client);
void forget_own_session(const ClientSettings& client);

}  // namespace autotape
