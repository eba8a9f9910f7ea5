// One direction of a proxied connection: bytes wait here until they are due and the other side
// takes them.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "core/random.hpp"
#include "core/time.hpp"

namespace autotape {

// What is done to the bytes of one direction. As given it does nothing.
struct FlowFault {
  bool paused = false;
  Duration latency{};
  Duration jitter{};
  std::uint64_t bytes_per_second = 0;      // 0: as fast as it goes
  std::optional<std::uint64_t> cut_after;  // so many more bytes, then the connection ends
};

// Pure: reads no clock and no socket.
class ProxyFlow {
 public:
  explicit ProxyFlow(std::uint64_t seed) : random_(seed, "jitter") {}

  FlowFault& fault() { return fault_; }
  const FlowFault& fault() const { return fault_; }

  // More bytes would only pile up.
  bool full() const { return waiting_ >= capacity; }
  bool empty() const { return chunks_.empty(); }

  // Nothing waits and nothing is done to the bytes: they need not come through here at all.
  bool transparent() const;

  void add(std::string_view bytes, MonotonicTime now);

  // What may be sent now; empty if nothing is due.
  std::string_view due(MonotonicTime now);

  // So many of them were sent.
  void consume(std::size_t count, MonotonicTime now);

  // When due() has something, as far as time alone decides. Nothing while it is paused or empty.
  std::optional<MonotonicTime> next_due(MonotonicTime now) const;

  // The bytes after which to cut have been sent.
  bool cut_reached() const { return fault_.cut_after == 0U; }

 private:
  static constexpr std::size_t capacity = 1U << 20U;

  struct Chunk {
    std::string bytes;
    std::size_t sent = 0;
    MonotonicTime due;
  };

  std::uint64_t allowance(MonotonicTime now) const;

  FlowFault fault_;
  std::deque<Chunk> chunks_;
  std::size_t waiting_ = 0;
  MonotonicTime last_due_{};
  MonotonicTime paid_until_{};  // bandwidth: what was sent is paid for up to here
  Random random_;
};

}  // namespace autotape
