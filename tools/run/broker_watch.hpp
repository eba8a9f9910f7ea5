// What the broker's event log says of the consumers under test, while it grows.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/result.hpp"
#include "journal/broker_event.hpp"
#include "run/change_signal.hpp"
#include "run/unobserved_messages.hpp"

namespace autotape {

// Reads events in a thread of its own; everything else may be asked from any thread.
class BrokerWatch {
 public:
  // What it refers to must outlive it.
  BrokerWatch(BrokerEventFollower events, ChangeSignal& changed, UnobservedMessages& unobserved);
  ~BrokerWatch();
  BrokerWatch(const BrokerWatch&) = delete;
  BrokerWatch& operator=(const BrokerWatch&) = delete;

  bool subscribed(const std::string& client) const;
  bool connected(const std::string& client) const;
  std::uint64_t connections(const std::string& client) const;  // so far

  // What the broker refused it last since it connected, in words, with the setting that is right;
  // of a client that never came as much as of who came with a wrong name. Empty if nothing was.
  std::string refusal(const std::string& client) const;

  // Messages that match its filters, were accepted from the publisher, and are not acknowledged by
  // it.
  std::uint64_t outstanding(const std::string& client) const;

  // Has an event of this name happened to a client that subscribes, or to the broker itself?
  bool seen(const std::string& event) const;

  // Publishes that the broker accepted.
  std::uint64_t published() const;

  // When the client last got or acknowledged something.
  MonotonicTime last_progress(const std::string& client) const;

  Result<void> failure() const;

 private:
  struct Client {
    std::set<std::string> filters;  // of its session at the broker
    bool has_subscribed = false;    // in any session
    bool was_connected = false;
    bool connected = false;
    std::uint64_t connections = 0;
    std::string refusal;
    std::uint64_t outstanding = 0;
    MonotonicTime last_progress{};
  };

  void follow();
  void note(const BrokerEvent& event);
  void note_published(const BrokerEvent& event);
  void note_client(Client& client, const BrokerEvent& event);
  const Client* find(const std::string& client) const;

  BrokerEventFollower events_;
  ChangeSignal& changed_;
  UnobservedMessages& unobserved_;
  mutable std::mutex mutex_;
  std::map<std::string, Client> clients_;
  std::set<std::string, std::less<>> seen_;
  std::uint64_t published_ = 0;
  std::string last_refusal_;  // of any client, or of none that has a name
  Result<void> failure_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace autotape
