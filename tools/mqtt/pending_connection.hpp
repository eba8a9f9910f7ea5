// Opens a connection while its owner goes on: the look-up of a host name and TCP can block for
// minutes where a host does not answer.
#pragma once

#include <memory>
#include <optional>

#include "core/result.hpp"
#include "mqtt/client.hpp"

namespace autotape {

class PendingConnection {
 public:
  // Client::connect() of `client`, on a thread of its own.
  explicit PendingConnection(std::unique_ptr<Client> client);

  // Abandons an attempt that goes on: its thread ends, with the client, when the system gives up.
  // The events of the client are not called any more.
  ~PendingConnection();
  PendingConnection(const PendingConnection&) = delete;
  PendingConnection& operator=(const PendingConnection&) = delete;

  // Becomes readable when the attempt is over.
  int descriptor() const;

  // The connected client, or why it is not; nothing while the attempt goes on. Once.
  std::optional<Result<std::unique_ptr<Client>>> take();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the thread
};

}  // namespace autotape
