#include "mockbroker/harness/proxy_flow.hpp"

#include <algorithm>
#include <limits>

namespace autotape {
namespace {

// With a bandwidth, so much may be sent ahead: fine steps without a timer for each byte.
constexpr Duration burst = std::chrono::milliseconds(20);

Duration time_for(std::uint64_t bytes, std::uint64_t bytes_per_second) {
  return Duration(static_cast<std::int64_t>(static_cast<double>(bytes) * 1e9 /
                                            static_cast<double>(bytes_per_second)));
}

}  // namespace

bool ProxyFlow::transparent() const {
  return chunks_.empty() && !fault_.paused && fault_.latency == Duration::zero() &&
         fault_.jitter == Duration::zero() && fault_.bytes_per_second == 0 && !fault_.cut_after;
}

void ProxyFlow::add(std::string_view bytes, MonotonicTime now) {
  Duration delay = fault_.latency;
  if (fault_.jitter > Duration::zero()) {
    delay += Duration(static_cast<std::int64_t>(
        random_.below(static_cast<std::uint64_t>(fault_.jitter.count()))));
  }
  last_due_ = std::max(last_due_, now + delay);  // jitter never reorders a stream of bytes
  chunks_.push_back({std::string(bytes), 0, last_due_});
  waiting_ += bytes.size();
}

std::string_view ProxyFlow::due(MonotonicTime now) {
  if (fault_.paused || chunks_.empty() || chunks_.front().due > now) {
    return {};
  }
  const Chunk& chunk = chunks_.front();
  std::string_view bytes = std::string_view(chunk.bytes).substr(chunk.sent);
  bytes = bytes.substr(
      0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), allowance(now))));
  if (fault_.cut_after) {
    bytes = bytes.substr(
        0, static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), *fault_.cut_after)));
  }
  return bytes;
}

void ProxyFlow::consume(std::size_t count, MonotonicTime now) {
  if (fault_.bytes_per_second > 0) {
    paid_until_ = std::max(paid_until_, now - burst) + time_for(count, fault_.bytes_per_second);
  }
  if (fault_.cut_after) {
    *fault_.cut_after -= count;
  }
  waiting_ -= count;
  Chunk& chunk = chunks_.front();
  chunk.sent += count;
  if (chunk.sent == chunk.bytes.size()) {
    chunks_.pop_front();
  }
}

std::optional<MonotonicTime> ProxyFlow::next_due(MonotonicTime now) const {
  if (fault_.paused || chunks_.empty()) {
    return std::nullopt;
  }
  MonotonicTime due = chunks_.front().due;
  if (fault_.bytes_per_second > 0 && allowance(now) == 0) {
    due = std::max(due, paid_until_ + time_for(1, fault_.bytes_per_second));
  }
  return due;
}

std::uint64_t ProxyFlow::allowance(MonotonicTime now) const {
  if (fault_.bytes_per_second == 0) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  const Duration credit = now - std::max(paid_until_, now - burst);
  if (credit <= Duration::zero()) {
    return 0;
  }
  return static_cast<std::uint64_t>(static_cast<double>(credit.count()) / 1e9 *
                                    static_cast<double>(fault_.bytes_per_second));
}

}  // namespace autotape
