#include "shape/stage.hpp"

#include <algorithm>
#include <tuple>

#include "shape/match.hpp"

namespace autotape {

Random StageContext::random(const std::string& purpose, const Delivery& delivery) const {
  return {seed, purpose, identity_of(delivery)};
}

bool ReleaseQueue::Later::operator()(const Held& a, const Held& b) const {
  return std::tie(a.delivery.due, a.rank, a.sequence) >
         std::tie(b.delivery.due, b.rank, b.sequence);
}

void ReleaseQueue::hold(Delivery delivery, std::uint64_t rank) {
  heap_.push_back({std::move(delivery), rank, next_sequence_++});
  std::push_heap(heap_.begin(), heap_.end(), Later());
}

void ReleaseQueue::release(DueTime now, StageOutput& output) {
  while (!heap_.empty() && heap_.front().delivery.due <= now) {
    release_first(output);
  }
}

void ReleaseQueue::release_all(StageOutput& output) {
  while (!heap_.empty()) {
    release_first(output);
  }
}

void ReleaseQueue::release_first(StageOutput& output) {
  std::pop_heap(heap_.begin(), heap_.end(), Later());
  Delivery delivery = std::move(heap_.back().delivery);
  heap_.pop_back();
  output.deliver(std::move(delivery));
}

void replace_content(Delivery& delivery, std::string topic, std::string payload) {
  auto changed = std::make_shared<Message>();
  changed->topic = std::move(topic);
  changed->payload = std::move(payload);
  changed->properties = delivery.content->properties;
  delivery.content = std::move(changed);
  delivery.altered = true;
}

}  // namespace autotape
