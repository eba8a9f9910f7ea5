#include "mqtt/session.hpp"

#include <optional>

#include <poll.h>

#include "mqtt/client.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

constexpr Duration answer_within = 20s;

class ConnackAwaited final : public ClientEvents {
 public:
  void on_connack(bool session_present, const std::optional<Error>& refusal) override {
    came = true;
    kept = session_present;
    refused = refusal;
  }

  bool came = false;
  bool kept = false;
  std::optional<Error> refused;
};

// Connects, and leaves with the answer: did the broker keep a session?
Result<bool> connect_and_leave(const ClientSettings& settings) {
  ConnackAwaited events;
  AUTOTAPE_TRY_ASSIGN(const auto client, Client::create(settings, events, ClientUse::subscriber));
  AUTOTAPE_TRY(client->connect());
  const MonotonicTime until = monotonic_now() + answer_within;
  while (!events.came && monotonic_now() < until) {
    AUTOTAPE_TRY(client->write());
    pollfd descriptor{client->descriptor(), POLLIN, 0};
    ::poll(&descriptor, 1, 100);
    AUTOTAPE_TRY(client->read());
  }
  if (events.refused) {
    return *events.refused;
  }
  if (!events.came) {
    return connection_error(settings.address(), "the broker does not answer");
  }
  AUTOTAPE_TRY(client->disconnect());
  AUTOTAPE_TRY(client->write());
  return events.kept;
}

}  // namespace

Result<bool> keeps_session(const ClientSettings& settings) {
  ClientSettings asking = settings;
  asking.clean_session = false;
  AUTOTAPE_TRY_ASSIGN(const bool kept, connect_and_leave(asking));
  if (!kept) {
    AUTOTAPE_TRY(end_session(settings));  // the one that asking began
  }
  return kept;
}

Result<void> end_session(const ClientSettings& settings) {
  ClientSettings clean = settings;
  clean.clean_session = true;
  AUTOTAPE_TRY(connect_and_leave(clean));
  return {};
}

}  // namespace autotape
