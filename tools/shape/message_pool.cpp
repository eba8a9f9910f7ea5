#include "shape/message_pool.hpp"

#include <algorithm>
#include <atomic>
#include <utility>

namespace autotape {
namespace {

// Few, so that they stay in the processor's cache, unless most of them are held for longer.
constexpr std::size_t most_messages = 4096;
constexpr std::size_t looked_at_together = 1024;
constexpr std::size_t longest_kept_payload = 16 * 1024;  // bytes

}  // namespace

std::shared_ptr<Message> MessagePool::take() {
  std::shared_ptr<Message> message;
  if (given_.size() >= size_) {
    if (given_.front().use_count() == 1) {
      // What the last holder did with it happened before.
      std::atomic_thread_fence(std::memory_order_acquire);
      message = std::move(given_.front());
    } else {
      ++held_;  // it goes when its holder gives it up
    }
    given_.pop_front();
  }
  if (++taken_ == looked_at_together) {
    size_ = held_ > taken_ / 2 ? std::min(size_ * 2, most_messages) : size_;
    taken_ = held_ = 0;
  }
  if (message == nullptr || message->payload.capacity() > longest_kept_payload) {
    message = std::make_shared<Message>();
  }
  given_.push_back(message);
  return message;
}

}  // namespace autotape
