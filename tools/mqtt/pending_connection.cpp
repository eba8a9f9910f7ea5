#include "mqtt/pending_connection.hpp"

#include <atomic>
#include <system_error>
#include <thread>

#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

namespace autotape {

struct PendingConnection::State {
  State() : over_descriptor(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
  ~State() { ::close(over_descriptor); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  void run() {
    outcome = client->connect();
    over = true;
    const std::uint64_t one = 1;
    (void)!::write(over_descriptor, &one, sizeof one);
  }

  const int over_descriptor;
  std::unique_ptr<Client> client;  // these two are the thread's until the attempt is over
  Result<void> outcome;
  std::atomic<bool> over = false;
};

PendingConnection::PendingConnection(std::unique_ptr<Client> client)
    : state_(std::make_shared<State>()) {
  state_->client = std::move(client);
  // A signal is for the owner's thread: the new one inherits the mask.
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread([state = state_] { state->run(); }).detach();
  } catch (const std::system_error&) {
    state_->run();  // the system gives no thread
  }
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

PendingConnection::~PendingConnection() = default;

int PendingConnection::descriptor() const {
  return state_->over_descriptor;
}

std::optional<Result<std::unique_ptr<Client>>> PendingConnection::take() {
  if (!state_->over) {
    return std::nullopt;
  }
  if (!state_->outcome) {
    return Result<std::unique_ptr<Client>>(state_->outcome.error());
  }
  return Result<std::unique_ptr<Client>>(std::move(state_->client));
}

}  // namespace autotape
