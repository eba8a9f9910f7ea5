// One MQTT connection over libmosquitto, driven by its owner's loop: nothing is sent or received
// behind its back.
//
// libmosquitto acknowledges a message before it shows it. Here all packets are only queued, PUBACKs
// too, and leave in write(): what was received is acknowledged when the owner says so. Of QoS 2
// that is not so without TLS: libmosquitto gives a message only after its PUBREC.
//
// Not thread-safe. For another connection make another client.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/result.hpp"
#include "message/message.hpp"
#include "mqtt/client_settings.hpp"
#include "mqtt/packet.hpp"

struct mosquitto;
struct mqtt5__property;
struct ssl_st;

namespace autotape {

// What the broker sent. Called from within Client::read(); on_puback() of QoS 0 from write().
class ClientEvents {
 public:
  virtual ~ClientEvents() = default;

  // CONNACK: `refusal` is absent if the broker took the connection.
  virtual void on_connack(bool session_present, const std::optional<Error>& refusal) = 0;
  // SUBACK for the one filter of the request: the QoS that is granted, or from 0x80 why none is.
  virtual void on_suback(PacketId, std::uint8_t /*code*/) {}
  virtual void on_publish(Message&&) {}
  // PUBACK; `accepted` is false where an MQTT 5 broker gave an error as its reason.
  virtual void on_puback(PacketId, bool /*accepted*/) {}
};

class DirectReceiver;

// Over TLS a client that only subscribes takes the connection over after CONNACK (DirectReceiver).
enum class ClientUse { any, subscriber };

class Client {
 public:
  // `events` must outlive the client. Reads the certificate files.
  static Result<std::unique_ptr<Client>> create(const ClientSettings& settings,
                                                ClientEvents& events,
                                                ClientUse use = ClientUse::any);
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  // Opens the connection and queues CONNECT. Blocks for the look-up of the host name and for TCP.
  // The TLS handshake is made by read().
  Result<void> connect();

  // The socket, to be polled: for reading always, for writing while wants_write(). -1 without
  // connection.
  int descriptor() const;
  bool wants_write() const;

  // Reads at most one packet and calls its event. False if nothing waits: poll before the next
  // call. True says nothing about the socket: call again first, TLS may hold packets already. An
  // error is the end of the connection.
  Result<bool> read();

  // Sends what is queued, as far as the socket takes it, in as few system calls as that needs.
  // Until CONNACK it waits a moment for what the broker may have to say first.
  Result<void> write();

  // Call at least once a second: pings, and notices a half-open connection.
  Result<void> keep_alive();

  // How many messages the broker takes without having acknowledged them: MQTT 5's Receive Maximum.
  // More than that wait in libmosquitto. Known from CONNACK on.
  std::uint16_t receive_maximum() const { return receive_maximum_; }

  // Each queues a packet. A message that MQTT does not allow is an error without `where`.
  Result<PacketId> subscribe(const std::string& topic_filter, std::uint8_t qos);
  Result<PacketId> publish(const Message& message);
  Result<void> disconnect();

 private:
  struct Callbacks;

  Client(const ClientSettings& settings, ClientEvents& events, ClientUse use);

  Result<void> configure();
  Result<void> check(int code);
  Result<void> check_credentials(int code);
  void take_limits(const mqtt5__property* connack);
  ssl_st* tls() const;  // null without TLS, and without connection
  void receive_directly();
  void buffer_tls();

  ClientSettings settings_;
  ClientEvents& events_;
  ClientUse use_;
  mosquitto* handle_ = nullptr;
  std::unique_ptr<DirectReceiver> direct_;  // of the connection that is open, if it receives
  std::string tls_reason_;                  // what OpenSSL said last
  std::optional<Error> refusal_;
  int disconnect_reason_ = 0;        // of MQTT 5's DISCONNECT, if the broker sent one
  std::chrono::seconds keep_alive_;  // ours, or the broker's Server Keep Alive
  std::uint16_t receive_maximum_;
  bool answered_ = false;      // CONNACK came
  bool incoming_dup_ = false;  // of the PUBLISH that is being read
};

}  // namespace autotape
