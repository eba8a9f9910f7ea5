#include "tape/edit/compare.hpp"

#include <algorithm>
#include <deque>
#include <optional>

#include <fmt/format.h>

#include "core/hash.hpp"
#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "tape/journal/journal_frame.hpp"

namespace autotape {
namespace {

// A message or a marker, with what two equal ones have in common.
struct Entry {
  std::uint64_t number = 0;  // of the message
  bool is_message = true;
  RecordedMessage message;
  Marker marker;
  std::string bytes;  // what is compared
  std::uint64_t hash = 0;
};

// The next entries of one tape.
class Side {
 public:
  Side(TapeReader& tape, const CompareRules& rules) : tape_(tape), rules_(rules) {}

  // As many as the window holds, or the tape has.
  Result<void> fill(std::size_t count) {
    while (entries_.size() < count && (entries_.empty() || bytes_ < rules_.window_bytes) &&
           !ended_) {
      Entry entry;
      AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape_.next(entry.message, entry.marker));
      if (found == TapeRecord::end) {
        ended_ = true;
        break;
      }
      entry.is_message = found == TapeRecord::message;
      if (!entry.is_message && !rules_.markers) {
        continue;
      }
      messages_ += entry.is_message ? 1 : 0;
      entry.number = messages_;
      describe(entry);
      sum_ += entry.hash;
      mixed_sum_ += entry.hash * (entry.hash | 1U);
      bytes_ += entry.bytes.size();
      entries_.push_back(std::move(entry));
    }
    return {};
  }

  const std::deque<Entry>& entries() const { return entries_; }
  void pop() {
    bytes_ -= entries_.front().bytes.size();
    entries_.pop_front();
  }
  std::uint64_t messages() const { return messages_; }
  // Equal for tapes with the same entries in any order.
  std::pair<std::uint64_t, std::uint64_t> sums() const { return {sum_, mixed_sum_}; }

 private:
  void describe(Entry& entry) const {
    if (entry.is_message) {
      const ReceivedTime received = entry.message.received;
      if (!rules_.received_times) {
        entry.message.received = {};
      }
      append_message_frame(entry.bytes, 0, entry.message);
      entry.message.received = received;
    } else {
      append_marker_frame(entry.bytes, 0, entry.marker);
    }
    entry.hash = hash_of(entry.bytes);
  }

  TapeReader& tape_;
  const CompareRules& rules_;
  std::deque<Entry> entries_;
  std::size_t bytes_ = 0;  // of entries_
  bool ended_ = false;
  std::uint64_t messages_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t mixed_sum_ = 0;
};

bool same(const Entry& a, const Entry& b) {
  return a.hash == b.hash && a.bytes == b.bytes;
}

std::string short_text(const Entry& entry) {
  if (!entry.is_message) {
    return fmt::format("marker {}", name_of(entry.marker.kind));
  }
  return fmt::format("{} {}", printable(entry.message.message.topic, 60),
                     printable(entry.message.message.payload, 60));
}

// What of two messages in the same place is not the same.
std::string describe_change(const Entry& a, const Entry& b, const CompareRules& rules) {
  if (!a.is_message || !b.is_message) {
    return fmt::format("{} / {}", short_text(a), short_text(b));
  }
  const Message& x = a.message.message;
  const Message& y = b.message.message;
  std::string what;
  const auto add = [&](std::string_view name, const std::string& left, const std::string& right) {
    what += fmt::format("{}{}: {} / {}", what.empty() ? "" : "; ", name, left, right);
  };
  if (rules.received_times && a.message.received != b.message.received) {
    add("received", format_rfc3339(a.message.received.time_since_epoch()),
        format_rfc3339(b.message.received.time_since_epoch()));
  }
  if (x.topic != y.topic) {
    add("topic", printable(x.topic), printable(y.topic));
  }
  if (x.qos != y.qos) {
    add("qos", std::to_string(x.qos), std::to_string(y.qos));
  }
  if (x.retain != y.retain) {
    add("retain", x.retain ? "true" : "false", y.retain ? "true" : "false");
  }
  if (x.dup != y.dup) {
    add("dup", x.dup ? "true" : "false", y.dup ? "true" : "false");
  }
  if (x.properties != y.properties) {
    what += what.empty() ? "the MQTT 5 properties" : "; the MQTT 5 properties";
  }
  if (x.payload != y.payload) {
    const auto [at, ignored] = std::mismatch(
        x.payload.begin(), x.payload.begin() + long(std::min(x.payload.size(), y.payload.size())),
        y.payload.begin());
    const auto place = static_cast<std::size_t>(at - x.payload.begin());
    const std::size_t from = place - std::min<std::size_t>(place, 20);
    add(fmt::format("payload from byte {}", place), printable(x.payload.substr(from), 50),
        printable(y.payload.substr(from), 50));
  }
  return what;
}

std::optional<std::size_t> find(const std::deque<Entry>& entries, const Entry& wanted) {
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (same(entries[i], wanted)) {
      return i;
    }
  }
  return std::nullopt;
}

class Comparer {
 public:
  Comparer(TapeReader& a, TapeReader& b, const CompareRules& rules)
      : rules_(rules), a_(a, rules), b_(b, rules) {}

  Result<Comparison> compare() {
    while (!rules_.go_on || rules_.go_on()) {
      AUTOTAPE_TRY(a_.fill(1));
      AUTOTAPE_TRY(b_.fill(1));
      if (a_.entries().empty() && b_.entries().empty()) {
        break;
      }
      if (!a_.entries().empty() && !b_.entries().empty() &&
          same(a_.entries().front(), b_.entries().front())) {
        ++result_.same;
        a_.pop();
        b_.pop();
        continue;
      }
      AUTOTAPE_TRY(step_over_difference());
    }
    result_.messages_a = a_.messages();
    result_.messages_b = b_.messages();
    result_.same_in_another_order = !result_.equal() && a_.sums() == b_.sums();
    return result_;
  }

 private:
  // One tape lacks what the other has, if what it has comes soon; or the two are one, changed.
  Result<void> step_over_difference() {
    AUTOTAPE_TRY(a_.fill(rules_.window));
    AUTOTAPE_TRY(b_.fill(rules_.window));
    const auto none = std::optional<std::size_t>();
    const auto a_in_b = a_.entries().empty() ? none : find(b_.entries(), a_.entries().front());
    const auto b_in_a = b_.entries().empty() ? none : find(a_.entries(), b_.entries().front());
    if (b_.entries().empty() || (b_in_a && (!a_in_b || *b_in_a <= *a_in_b))) {
      drop(a_, b_in_a.value_or(a_.entries().size()), true);
    } else if (a_.entries().empty() || a_in_b) {
      drop(b_, a_in_b.value_or(b_.entries().size()), false);
    } else {
      ++result_.changed;
      note(describe_change(a_.entries().front(), b_.entries().front(), rules_));
      a_.pop();
      b_.pop();
    }
    return {};
  }

  // The first `count` entries of one side have no partner.
  void drop(Side& side, std::size_t count, bool is_a) {
    for (std::size_t i = 0; i < count; ++i) {
      ++(is_a ? result_.only_a : result_.only_b);
      note(fmt::format("only on the {} tape: {}", is_a ? "first" : "second",
                       short_text(side.entries().front())));
      side.pop();
    }
  }

  void note(std::string what) {
    if (result_.differences.size() < rules_.most_differences) {
      result_.differences.push_back({place(a_), place(b_), std::move(what)});
    }
  }
  static std::uint64_t place(const Side& side) {
    return side.entries().empty() ? side.messages() : side.entries().front().number;
  }

  const CompareRules& rules_;
  Side a_;
  Side b_;
  Comparison result_;
};

}  // namespace

Result<Comparison> compare_tapes(TapeReader& a, TapeReader& b, const CompareRules& rules) {
  return Comparer(a, b, rules).compare();
}

}  // namespace autotape
