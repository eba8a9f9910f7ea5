// Receives over a TLS connection that libmosquitto has opened, from CONNACK on.
//
// libmosquitto reads a message in four pieces, tells its DUP flag in a line of its log only, and
// acknowledges each message in a TLS record of its own, which costs the broker two system calls and
// a turn of its loop. Here the bytes are read in large blocks, and all acknowledgements of a batch
// leave as one record.
//
// Nothing is acknowledged before write(). Not thread-safe.
#pragma once

#include <bitset>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "core/time.hpp"
#include "mqtt/client_settings.hpp"
#include "mqtt/packet.hpp"

struct ssl_st;

namespace autotape {

class ClientEvents;

class DirectReceiver {
 public:
  // Both must outlive the receiver. `keep_alive` is what the broker holds us to, which need not be
  // that of the settings.
  DirectReceiver(const ClientSettings& settings, std::chrono::seconds keep_alive,
                 ClientEvents& events)
      : settings_(settings),
        keep_alive_(keep_alive),
        events_(events),
        last_received_(monotonic_now()),
        last_ping_(last_received_) {}

  // Call it when CONNACK was read, before libmosquitto reads on: what came in the same TLS record
  // is taken out of its reach. The connection must outlive the receiver, which does not close it.
  void take_over(ssl_st* tls);

  // As Client's functions of these names.
  Result<bool> read(ssl_st* tls);
  Result<void> write(ssl_st* tls);
  Result<void> keep_alive();  // queues a PINGREQ
  bool wants_write() const { return !to_send_.empty(); }

 private:
  // Of QoS 2, what was given and not yet released (PUBREL): comes again with the same id.
  using PacketIds = std::bitset<65536>;

  Result<bool> fill(ssl_st* tls);
  Result<void> take(const PacketView& packet);
  Result<void> take_publish(const PacketView& packet);
  Error wrong_packet() const;

  const ClientSettings& settings_;
  std::chrono::seconds keep_alive_;
  ClientEvents& events_;

  std::string buffer_;
  std::size_t begin_ = 0;  // of what was not yet taken
  std::size_t end_ = 0;    // of what was received

  std::string to_send_;
  PacketIds unreleased_;

  MonotonicTime last_received_;
  MonotonicTime last_ping_;
  bool ping_queued_ = false;
  std::optional<MonotonicTime> ping_held_;  // since then the socket has not taken the PINGREQ
  bool ping_unanswered_ = false;
};

}  // namespace autotape
