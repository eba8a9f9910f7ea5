#include "shape/selection.hpp"

#include <algorithm>
#include <utility>

#include "message/topic_filter.hpp"
#include "shape/match.hpp"
#include "shape/payload_edit.hpp"
#include "shape/payload_text.hpp"
#include "shape/v2_conversion.hpp"

namespace autotape {
namespace {

bool any_matches(const std::vector<std::string>& filters, const std::string& topic) {
  return std::any_of(filters.begin(), filters.end(),
                     [&](const std::string& filter) { return topic_matches(filter, topic); });
}

}  // namespace

SelectedMessages::SelectedMessages(OpenTape open, Selection selection, StageContext context)
    : open_(std::move(open)),
      selection_(std::move(selection)),
      context_(std::move(context)),
      id_luck_(context_.seed, "loop/id") {}

Result<bool> SelectedMessages::next(StageOutput& output) {
  while (true) {
    if (reader_ == nullptr) {
      if (pass_ >= selection_.passes) {
        return false;
      }
      AUTOTAPE_TRY_ASSIGN(reader_, open_());
      start_pass();
    }
    AUTOTAPE_TRY_ASSIGN(const bool found, reader_->next_message(read_));
    if (found) {
      ++number_;
      tape_start_ = tape_start_.value_or(read_.received);
      tape_offset_ = std::max(tape_offset_, Duration(read_.received - *tape_start_));
    }
    const bool ended =
        !found || (selection_.duration &&
                   read_.received - *tape_start_ >= selection_.start_offset + *selection_.duration);
    if (!ended) {
      break;
    }
    damage_ = reader_->damage();
    reader_.reset();
    ++pass_;
  }

  Delivery delivery;
  delivery.message = number_;
  delivery.pass = pass_;
  delivery.due = last_due_;
  const bool chosen = tape_offset_ >= selection_.start_offset && is_chosen(read_.message);
  if (!chosen) {
    output.drop(delivery, context_.number);
    return true;
  }
  delivery.due = last_due_ = next_due();
  delivery.content = take_message();
  if (selection_.convert_to_v2 && convert_to_v2(delivery)) {
    delivery.actions.push_back({context_.number, ActionKind::converted_v2});
  }
  if (pass_ > 0) {
    make_later_pass(delivery);
  }
  output.deliver(std::move(delivery));
  return true;
}

// The message that was read; the reader gets the memory of another one for it.
std::shared_ptr<const Message> SelectedMessages::take_message() {
  std::shared_ptr<Message> content = messages_.take();
  Message& read = read_.message;
  content->topic.swap(read.topic);
  content->payload.swap(read.payload);
  if (content->properties || read.properties) {
    content->properties.swap(read.properties);
  }
  // How it came to the recorder is no property of what is sent on.
  content->qos = 1;
  content->retain = false;
  content->dup = false;
  return content;
}

bool SelectedMessages::is_chosen(const Message& message) const {
  return (selection_.include.empty() || any_matches(selection_.include, message.topic)) &&
         !any_matches(selection_.exclude, message.topic);
}

void SelectedMessages::start_pass() {
  data_shift_ = pass_ == 0 ? Duration{} : data_shift_ + last_offset_ + pause_between_passes;
  number_ = 0;
  tape_start_.reset();
  tape_offset_ = last_offset_ = cut_ = {};
  pass_start_ = pass_ == 0 ? DueTime{} : last_due_ + pause_between_passes;
  last_due_ = pass_start_;
}

DueTime SelectedMessages::next_due() {
  const Duration offset = tape_offset_ - selection_.start_offset;
  if (selection_.longest_gap) {
    const Duration silence = offset - last_offset_;
    cut_ += std::max(silence - *selection_.longest_gap, Duration(0));
  }
  last_offset_ = offset;
  return pass_start_ + (offset - cut_);
}

void SelectedMessages::make_later_pass(Delivery& delivery) const {
  if (selection_.shift_times) {
    std::string payload = with_shifted_timestamps(delivery.content->payload,
                                                  [this](DataTime) { return data_shift_; });
    replace_content(delivery, delivery.content->topic, std::move(payload));
    delivery.actions.push_back({context_.number, ActionKind::restamped});
  }
  if (selection_.renew_ids) {
    Random random = id_luck_.at(identity_of(delivery));
    give_new_id(delivery, random);
    delivery.actions.push_back({context_.number, ActionKind::renewed_id});
  }
}

}  // namespace autotape
