#include "replay/replayer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "replay/lane.hpp"
#include "shape/plan.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

constexpr Duration turn_every = 100ms;

// The connection is not served while a delivery is planned: after so long it is looked at first.
constexpr Duration longest_unheard = 20ms;

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

}  // namespace

double ReplaySummary::rate_per_second() const {
  return elapsed.count() > 0
             ? static_cast<double>(sent) * 1e9 / static_cast<double>(elapsed.count())
             : 0;
}

Replayer::Replayer(DeliverySource& plan, Publisher& publisher, ReplayClock& clock,
                   ReplaySettings settings, LedgerWriter* ledger, ReplayControl* control)
    : plan_(plan),
      publisher_(publisher),
      clock_(clock),
      settings_(std::move(settings)),
      ledger_(ledger),
      control_(control) {}

Result<void> Replayer::run() {
  AUTOTAPE_TRY(fetch());  // planning the first delivery must not make it late
  start_ = clock_.now();
  pace_.emplace(settings_.rate, start_);
  if (settings_.start_paused) {
    pace_->pause(start_);
  }
  while (true) {
    if (control_ != nullptr) {
      control_->on_turn(*this);
    }
    const MonotonicTime now = clock_.now();
    const bool nothing_to_send = at_end_ || stopping();
    if (nothing_to_send && (in_flight_.empty() || waited_long_enough(now))) {
      break;
    }
    if (may_send()) {
      AUTOTAPE_TRY(play_next(now));
    }
    AUTOTAPE_TRY(wait(clock_.now()));
  }
  summary_.finished = at_end_;
  publisher_.disconnect();
  return {};
}

Result<void> Replayer::fetch() {
  next_.reset();
  while (!next_ && !at_end_) {
    AUTOTAPE_TRY_ASSIGN(auto item, plan_.next());
    if (!item) {
      at_end_ = true;
    } else if (auto* const delivery = std::get_if<Delivery>(&*item)) {
      next_ = std::move(*delivery);
      next_lane_ = lane_of(*next_->content, publisher_.lanes());
      ++fetched_;
    } else {
      ++summary_.dropped;
      ++summary_.by_dropping_stage[plan_.stage_names().at(std::get<Drop>(*item).stage)];
    }
  }
  return {};
}

// Sends what is due, until the window is full.
Result<void> Replayer::play_next(MonotonicTime now) {
  while (may_send()) {
    const auto due = due_moment();
    if (!step_asked_ && due && *due > now) {
      break;
    }
    if (std::exchange(step_asked_, false)) {
      pace_->step_to(pace_->position_of(next_->due, fetched_ - 1));
      AUTOTAPE_TRY(send(*next_, now));
    } else {
      AUTOTAPE_TRY(send(*next_, due.value_or(now)));
    }
    AUTOTAPE_TRY(fetch());
    if (in_flight_.size() >= settings_.most_in_flight) {
      draining_ = true;
    }
    const MonotonicTime before = std::exchange(now, clock_.now());
    if (now - before > longest_unheard) {
      break;  // the plan was held back: the connection may be gone by now
    }
  }
  return {};
}

Result<void> Replayer::send(const Delivery& delivery, MonotonicTime due) {
  InFlight& flight = in_flight_[delivery.index];
  if (ledger_ != nullptr) {
    entry_.delivery = delivery.index;
    entry_.message = delivery.message;
    entry_.pass = delivery.pass;
    entry_.copy = delivery.copy;
    entry_.actions = action_names(delivery, plan_.stage_names());
    entry_.planned = delivery.due;
    entry_.due = since_start(due);
    AUTOTAPE_TRY_ASSIGN(flight.line, ledger_->append(entry_));
  }
  AUTOTAPE_TRY(publish(delivery));
  AUTOTAPE_TRY(publisher_.flush());
  const MonotonicTime sent = clock_.now();
  if (ledger_ != nullptr) {
    ledger_->complete_sent(flight.line, since_start(sent));
    ledger_->complete_sends(flight.line, 1);
  }
  note_lateness(due, sent);
  count(delivery);
  return {};
}

Result<void> Replayer::publish(const Delivery& delivery) {
  const auto published = publisher_.publish(delivery.index, *delivery.content, next_lane_);
  if (!published && published.error().where.empty()) {
    Error named = published.error();
    named.where = fmt::format("message {}", delivery.message);
    return named;
  }
  return published;
}

void Replayer::note_lateness(MonotonicTime due, MonotonicTime sent) {
  summary_.elapsed = sent - start_;
  if (pace_->rate().kind == ReplayRate::Kind::maximum) {
    return;
  }
  summary_.lag = sent - due;
  summary_.lateness.add(summary_.lag);
  if (settings_.max_lag && summary_.lag > *settings_.max_lag) {
    summary_.fell_behind = true;
  }
}

void Replayer::count(const Delivery& delivery) {
  ++summary_.sent;
  summary_.bytes += delivery.content->payload.size();
  summary_.played_to = delivery.due;
  for (const StageAction& action : delivery.actions) {
    ++summary_.by_action[std::string(name_of(action.kind))];
  }
}

Result<void> Replayer::wait(MonotonicTime now) {
  MonotonicTime until = now + turn_every;
  if (may_send() && !paused()) {
    until = std::min(until, due_moment().value_or(now));
  }
  events_.clear();
  AUTOTAPE_TRY(publisher_.wait(until, events_));
  for (const PublisherEvent& event : events_) {
    handle(event);
  }
  if (draining_ && in_flight_.size() <= settings_.most_in_flight / 2) {
    draining_ = false;
  }
  return {};
}

void Replayer::handle(const PublisherEvent& event) {
  std::visit(
      Overloaded{[this](const PublishAcknowledged& acknowledged) { acknowledge(acknowledged); },
                 [this](const PublishRefused& refused) {
                   ++summary_.refused;
                   in_flight_.erase(refused.ticket);
                 },
                 [this](const ConnectionLost& lost) {
                   ++summary_.connections_lost;
                   summary_.last_connection_error = lost.reason.line();
                 },
                 [this](const ConnectionRestored& restored) {
                   for (const Ticket ticket : restored.sent_again) {
                     InFlight& flight = in_flight_[ticket];
                     ++summary_.sent_again;
                     ++flight.sends;
                     if (ledger_ != nullptr) {
                       ledger_->complete_sends(flight.line, flight.sends);
                     }
                   }
                 }},
      event);
}

void Replayer::acknowledge(const PublishAcknowledged& acknowledged) {
  const auto found = in_flight_.find(acknowledged.ticket);
  if (found == in_flight_.end()) {
    return;
  }
  if (ledger_ != nullptr) {
    ledger_->complete_acknowledged(found->second.line, since_start(acknowledged.at));
  }
  in_flight_.erase(found);
  ++summary_.acknowledged;
}

bool Replayer::may_send() const {
  return next_ && !stopping() && publisher_.ready(next_lane_) && !draining_ &&
         (!pace_->paused() || step_asked_);
}

bool Replayer::stopping() const {
  return summary_.fell_behind || (control_ != nullptr && control_->should_stop());
}

bool Replayer::waited_long_enough(MonotonicTime now) {
  if (!all_sent_) {
    all_sent_ = now;
  }
  if (!stopped_ && stopping()) {
    stopped_ = now;
  }
  return now - *all_sent_ > settings_.acknowledged_within ||
         (stopped_ && now - *stopped_ > settings_.stopped_within);
}

std::optional<MonotonicTime> Replayer::due_moment() const {
  return pace_->moment_of(pace_->position_of(next_->due, fetched_ - 1));
}

void Replayer::toggle_pause() {
  const MonotonicTime now = clock_.now();
  if (pace_->paused()) {
    pace_->resume(now);
  } else {
    pace_->pause(now);
  }
}

void Replayer::step() {
  step_asked_ = pace_->paused() && next_;
}

void Replayer::multiply_rate(double factor) {
  pace_->multiply_rate(factor, clock_.now());
}

}  // namespace autotape
