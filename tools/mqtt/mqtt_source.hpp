// A subscription to one topic filter at QoS 1, kept up over lost connections.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "mqtt/client.hpp"
#include "mqtt/client_settings.hpp"
#include "mqtt/pending_connection.hpp"
#include "mqtt/source.hpp"

namespace autotape {

struct MqttSourceSettings {
  ClientSettings client;
  std::string topic_filter;
  std::uint8_t qos = 1;

  // May a session that the broker had kept be used? It may be another program's, and its messages
  // with it: then nothing is subscribed or acknowledged, and receive() fails.
  bool use_kept_session = true;

  // What a kept session is known to be subscribed to; empty where unknown. Another filter than ours
  // is refused: what the session has queued, and will receive, is not what was asked for.
  std::string kept_filter{};

  // Doubled after each connection that did not last, up to the longest.
  Duration first_retry = std::chrono::milliseconds(250);
  Duration longest_retry = std::chrono::seconds(30);

  // From the TCP connection to the SUBACK.
  Duration answer_within = std::chrono::seconds(20);
};

// Fails for good if the first connection cannot be made or subscribed, and if a filter is refused.
// Later it tries again for ever.
class MqttSource final : public Source, private ClientEvents {
 public:
  // Waiting ends when `wake_descriptor` becomes readable (-1 for none); it is not read.
  MqttSource(MqttSourceSettings settings, int wake_descriptor);

  Result<void> receive(std::vector<SourceEvent>& batch, std::size_t most,
                       Duration timeout) override;
  void acknowledge() override;
  void disconnect() override;

  // The broker has answered, and the session there is new or one of ours: it may be ended.
  bool session_is_ours() const { return session_is_ours_; }

 private:
  enum class State { disconnected, reaching, connecting, subscribing, subscribed };

  void on_connack(bool session_present, const std::optional<Error>& refusal) override;
  void on_suback(PacketId id, std::uint8_t code) override;
  void on_publish(Message&& message) override;

  Result<void> begin_attempt();
  Result<void> await_attempt(MonotonicTime until);
  Result<void> exchange(std::size_t most, MonotonicTime until);
  Result<void> read_packets(std::size_t most);
  Result<void> subscribe_after_connack();
  std::optional<Error> refuse_session() const;
  Result<void> wait(MonotonicTime until);
  bool asked_to_stop() const;
  void lose_connection(const Error& reason);

  MqttSourceSettings settings_;
  int wake_descriptor_;
  std::unique_ptr<PendingConnection> attempt_;  // while state_ is reaching
  std::unique_ptr<Client> client_;              // from then on
  State state_ = State::disconnected;

  std::vector<SourceEvent>* batch_ = nullptr;  // of the receive() that runs
  std::size_t batch_messages_ = 0;
  std::size_t batch_bytes_ = 0;
  bool may_hold_packets_ =
      false;  // TLS may have read more than it gave: do not wait for the socket

  std::optional<bool> session_present_;  // CONNACK came and waits to be dealt with
  std::optional<Error> final_error_;
  bool was_subscribed_ = false;
  bool session_is_ours_ = false;
  bool session_was_kept_ = false;  // of the connection that is open
  MonotonicTime connection_began_;
  MonotonicTime last_keep_alive_;
  MonotonicTime next_attempt_;
  Duration retry_;
};

}  // namespace autotape
