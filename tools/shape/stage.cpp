#include "shape/stage.hpp"

#include <utility>

#include "shape/match.hpp"

namespace autotape {

Random StageLuck::of(const Delivery& delivery) const {
  return series_.at(identity_of(delivery));
}

void ReleaseQueue::hold(Delivery delivery, std::uint64_t rank) {
  const Key key(delivery.due, rank, next_sequence_++);
  waiting_.push(key, std::move(delivery));
}

void ReleaseQueue::release(DueTime now, StageOutput& output) {
  while (!waiting_.empty() && std::get<DueTime>(waiting_.first_key()) <= now) {
    output.deliver(waiting_.pop());
  }
}

void ReleaseQueue::release_all(StageOutput& output) {
  while (!waiting_.empty()) {
    output.deliver(waiting_.pop());
  }
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
