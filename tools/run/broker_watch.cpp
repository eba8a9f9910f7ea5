#include "run/broker_watch.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"
#include "message/topic_filter.hpp"

namespace autotape {
namespace {

// How soon the thread ends when it is asked to and nothing happens.
constexpr Duration turn = std::chrono::milliseconds(50);

// "the broker refused filter "#" (filter-scope): AUTOTAPE_TOPIC holds the right one".
std::string describe_refusal(const BrokerEvent& event) {
  const std::string rule = event.rule.value_or("");
  std::string text = "the broker refused ";
  if (event.kind == BrokerEventKind::subscribe_refused) {
    text += fmt::format("filter \"{}\"", printable(event.filter.value_or(""), 100));
  } else if (event.client) {
    text += fmt::format("client id \"{}\"", printable(*event.client, 100));
  } else {
    text += "a connection";
  }
  text += rule.empty() ? "" : fmt::format(" ({})", rule);
  if (rule == "filter-scope") {
    text += ": AUTOTAPE_TOPIC holds the right one";
  } else if (rule == "client-id") {
    text += ": AUTOTAPE_CLIENT_ID holds the right one";
  } else if (rule == "no-certificate" || rule == "unregistered-certificate" ||
             rule == "unknown-authority") {
    text += ": AUTOTAPE_CERT_FILE and AUTOTAPE_KEY_FILE hold the right one";
  }
  return text;
}

}  // namespace

BrokerWatch::BrokerWatch(BrokerEventFollower events, ChangeSignal& changed,
                         UnobservedMessages& unobserved)
    : events_(std::move(events)),
      changed_(changed),
      unobserved_(unobserved),
      thread_([this] { follow(); }) {}

BrokerWatch::~BrokerWatch() {
  stopping_ = true;
  thread_.join();
}

void BrokerWatch::follow() {
  while (!stopping_) {
    const auto event = events_.next(turn);
    {
      const std::lock_guard lock(mutex_);
      if (!event) {
        failure_ = event.error();
      } else if (*event) {
        note(**event);
      } else {
        continue;
      }
    }
    changed_.notify();
    if (!event) {
      return;
    }
  }
}

void BrokerWatch::note(const BrokerEvent& event) {
  if (event.kind == BrokerEventKind::published) {
    note_published(event);
  } else if (event.client) {
    note_client(clients_[*event.client], event);
  }
  if (event.kind == BrokerEventKind::delivered && event.client && event.message_id) {
    unobserved_.note_delivered(*event.client, *event.message_id);
  }
  if (event.kind == BrokerEventKind::refused || event.kind == BrokerEventKind::subscribe_refused) {
    last_refusal_ = describe_refusal(event);
  }
  const Client* const client = event.client ? find(*event.client) : nullptr;
  if (!event.client || (client != nullptr && client->has_subscribed)) {
    seen_.emplace(name_of(event.kind));
  }
}

void BrokerWatch::note_published(const BrokerEvent& event) {
  ++published_;
  for (auto& [id, client] : clients_) {
    const bool wanted =
        std::any_of(client.filters.begin(), client.filters.end(), [&](const std::string& filter) {
          return event.topic && topic_matches(filter, *event.topic);
        });
    client.outstanding += wanted ? 1U : 0U;
  }
}

void BrokerWatch::note_client(Client& client, const BrokerEvent& event) {
  switch (event.kind) {
    case BrokerEventKind::connected:
      if (client.was_connected && event.session_present == false) {
        client.outstanding = 0;  // the broker has forgotten what it held for it
        client.filters.clear();
      }
      client.was_connected = true;
      client.connected = true;
      ++client.connections;
      client.refusal.clear();
      break;
    case BrokerEventKind::disconnected:
      client.connected = false;
      break;
    case BrokerEventKind::refused:
    case BrokerEventKind::subscribe_refused:
      client.refusal = describe_refusal(event);
      break;
    case BrokerEventKind::subscribed:
      client.filters.insert(event.filter.value_or(""));
      client.has_subscribed = true;
      break;
    case BrokerEventKind::unsubscribed:
      client.filters.erase(event.filter.value_or(""));
      break;
    case BrokerEventKind::delivered:
      client.last_progress = monotonic_now();
      if (!event.mid || *event.mid == 0) {  // at QoS 0 nothing is acknowledged
        client.outstanding -= std::min<std::uint64_t>(client.outstanding, 1);
      }
      break;
    case BrokerEventKind::redelivered:
      client.last_progress = monotonic_now();
      break;
    case BrokerEventKind::acknowledged:
      client.last_progress = monotonic_now();
      client.outstanding -= std::min<std::uint64_t>(client.outstanding, 1);
      break;
    default:
      break;
  }
}

const BrokerWatch::Client* BrokerWatch::find(const std::string& client) const {
  const auto found = clients_.find(client);
  return found == clients_.end() ? nullptr : &found->second;
}

bool BrokerWatch::subscribed(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  const Client* const found = find(client);
  return found != nullptr && found->has_subscribed;
}

bool BrokerWatch::connected(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  const Client* const found = find(client);
  return found != nullptr && found->connected;
}

std::uint64_t BrokerWatch::connections(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  const Client* const found = find(client);
  return found == nullptr ? 0 : found->connections;
}

std::string BrokerWatch::refusal(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  const Client* const found = find(client);
  if (found != nullptr && (found->was_connected || !found->refusal.empty())) {
    return found->refusal;
  }
  return last_refusal_;  // it may have come with another name
}

std::uint64_t BrokerWatch::outstanding(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  const Client* const found = find(client);
  return found != nullptr ? found->outstanding : 0;
}

bool BrokerWatch::seen(const std::string& event) const {
  const std::lock_guard lock(mutex_);
  return seen_.contains(event);
}

std::uint64_t BrokerWatch::published() const {
  const std::lock_guard lock(mutex_);
  return published_;
}

MonotonicTime BrokerWatch::last_progress(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  const Client* const found = find(client);
  return found != nullptr ? found->last_progress : MonotonicTime{};
}

Result<void> BrokerWatch::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace autotape
