#include "run/counterexample.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <map>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "journal/ledger.hpp"
#include "journal/observation_log.hpp"
#include "message/envelope.hpp"
#include "run/broker_event_log.hpp"
#include "run/delivery_log.hpp"
#include "shape/plan.hpp"
#include "verify/expected_state.hpp"

namespace autotape {
namespace {

constexpr std::size_t longest_timeline = 14;

// A counterexample while it is collected.
struct Case {
  Counterexample* example = nullptr;
  std::string message_id;                           // either this
  std::string key;                                  // or this: name_of_key()
  std::map<std::uint64_t, std::string> deliveries;  // that are shown: index in the plan, what it is

  void add(Duration at, std::string what, std::string detail) const {
    example->timeline.push_back({at, std::move(what), std::move(detail)});
  }
};

// Whose counterexample it is, by the name that each consumer has in it.
class Members {
 public:
  Members(const Manifest& manifest, const std::vector<const ConsumerConduct*>& consumers)
      : consumers_(consumers), is_only_one_(manifest.consumers.size() == 1) {}

  // Nothing if it is none of them.
  std::optional<std::string> name_of_client(const std::optional<std::string>& client) const {
    return name_of([&](const ConsumerConduct& one) { return client == one.client_id; });
  }
  std::optional<std::string> name_of_number(std::uint32_t number) const {
    return name_of([&](const ConsumerConduct& one) { return number == one.number; });
  }

 private:
  template <typename IsIt>
  std::optional<std::string> name_of(const IsIt& is_it) const {
    const auto found = std::find_if(consumers_.begin(), consumers_.end(),
                                    [&](const ConsumerConduct* one) { return is_it(*one); });
    if (found == consumers_.end()) {
      return std::nullopt;
    }
    return is_only_one_ ? "consumer" : fmt::format("consumer {}", (*found)->number);
  }

  const std::vector<const ConsumerConduct*>& consumers_;
  bool is_only_one_;
};

// ---- which messages

// Calls visit(delivery, envelope or nothing) for each delivery of the run.
template <typename Visit>
Result<void> for_each_delivery(const RunFiles& files, const Visit& visit) {
  AUTOTAPE_TRY_ASSIGN(auto plan, DeliveryLogReader::open(files.deliveries));
  EnvelopeReader reader;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const auto item, plan->next());
    if (!item) {
      return {};
    }
    const auto& delivery = std::get<Delivery>(*item);
    const auto envelope = reader.read(delivery.content->payload);
    visit(delivery, envelope ? *envelope : nullptr, *plan);
  }
}

std::string describe(const Delivery& delivery, const DeliverySource& plan) {
  std::string text =
      fmt::format("delivery {}: message {} of the tape", delivery.index, delivery.message);
  for (const std::string& action : action_names(delivery, plan.stage_names())) {
    text += ", " + action;
  }
  return text;
}

// The reading of the envelope that has this key, and when it was made.
const Reading* reading_of(const Envelope& envelope, const std::string& key) {
  const auto found =
      std::find_if(envelope.readings.begin(), envelope.readings.end(), [&](const Reading& reading) {
        return key == name_of_key(envelope.vin, reading.capability, reading.property, reading.item);
      });
  return found == envelope.readings.end() ? nullptr : &*found;
}

// Of a key's many deliveries the newest reading and the last ones are what explains its state.
void keep_the_telling_ones(Case& one, std::uint64_t newest) {
  constexpr std::size_t most = 4;
  while (one.deliveries.size() > most) {
    auto oldest = one.deliveries.begin();
    if (oldest->first == newest) {
      ++oldest;
    }
    one.deliveries.erase(oldest);
    ++one.example->left_out;
  }
}

Result<void> find_deliveries(const RunFiles& files, std::vector<Case>& cases) {
  std::unordered_map<const Case*, std::pair<DataTime, std::uint64_t>> newest;
  return for_each_delivery(
      files, [&](const Delivery& delivery, const Envelope* envelope, const DeliverySource& plan) {
        for (Case& one : cases) {
          if (envelope == nullptr) {
            continue;
          }
          if (!one.message_id.empty()) {
            if (envelope->message_id == one.message_id) {
              one.deliveries[delivery.index] = describe(delivery, plan);
            }
            continue;
          }
          const Reading* const reading = reading_of(*envelope, one.key);
          if (reading == nullptr) {
            continue;
          }
          std::string text = describe(delivery, plan);
          if (reading->timestamp) {
            text += ", reading of " + format_rfc3339(reading->timestamp->time_since_epoch());
            auto& [time, index] = newest.try_emplace(&one, DataTime::min(), 0).first->second;
            if (*reading->timestamp > time) {
              time = *reading->timestamp;
              index = delivery.index;
            }
          }
          one.deliveries[delivery.index] = text;
          keep_the_telling_ones(one, newest.contains(&one) ? newest.at(&one).second : 0);
        }
      });
}

// ---- what became of them

Result<void> add_sent(const RunFiles& files, const Manifest& manifest, std::vector<Case>& cases) {
  AUTOTAPE_TRY_ASSIGN(auto ledger, LedgerReader::open(files.ledger));
  const Duration offset = ledger.header().started - manifest.started;
  LedgerEntry entry;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool more, ledger.next(entry));
    if (!more) {
      return {};
    }
    for (const Case& one : cases) {
      const auto found = one.deliveries.find(entry.delivery);
      if (found != one.deliveries.end()) {
        one.add(offset + entry.sent.value_or(entry.due).time_since_epoch(),
                entry.sent ? "sent" : "not sent", found->second);
      }
    }
  }
}

std::string_view what_happened(BrokerEventKind kind) {
  switch (kind) {
    case BrokerEventKind::delivered:
      return "delivered";
    case BrokerEventKind::redelivered:
      return "redelivered";
    case BrokerEventKind::acknowledged:
      return "acknowledged";
    case BrokerEventKind::fault:
      return "fault";
    default:
      return {};
  }
}

bool concerns(const Case& one, const BrokerEvent& event) {
  return event.kind == BrokerEventKind::fault ||
         (!one.message_id.empty() && event.message_id == one.message_id);
}

std::string detail_of(const BrokerEvent& event, const std::string& consumer) {
  switch (event.kind) {
    case BrokerEventKind::fault:
      return printable(event.detail.value_or(""), 100);
    case BrokerEventKind::acknowledged:
      return "by the " + consumer;
    case BrokerEventKind::redelivered:
      return "to the " + consumer + ", with DUP";
    default:
      return "to the " + consumer;
  }
}

Result<void> add_events(const RunFiles& files, const Manifest& manifest, const Members& members,
                        std::vector<Case>& cases) {
  AUTOTAPE_TRY_ASSIGN(auto events, BrokerEventLog::open(files.events));
  BrokerEvent event;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool more, events.next(event));
    if (!more) {
      return {};
    }
    const std::string_view what = what_happened(event.kind);
    const auto consumer = members.name_of_client(event.client);
    if (what.empty() || (!consumer && event.kind != BrokerEventKind::fault)) {
      continue;
    }
    for (const Case& one : cases) {
      if (concerns(one, event)) {
        one.add(event.time - manifest.started, std::string(what),
                detail_of(event, consumer.value_or("")));
      }
    }
  }
}

// The reading of the case's key that the observation applies.
const ObservedReading* applied_reading(const Case& one, const Observation& observation) {
  const auto found =
      std::find_if(observation.readings.begin(), observation.readings.end(),
                   [&](const ObservedReading& reading) {
                     return one.key == name_of_key(reading.vin, reading.capability,
                                                   reading.property, reading.item) &&
                            (reading.applied || observation.kind == ObservationKind::state);
                   });
  return found == observation.readings.end() ? nullptr : &*found;
}

std::string describe(const ObservedReading& reading, const Observation& observation) {
  std::string text = observation.kind == ObservationKind::state ? "state" : "applied";
  text += fmt::format(" {}", printable(reading.value.value_or("a reading"), 60));
  if (reading.timestamp) {
    text += " of " + format_rfc3339(reading.timestamp->time_since_epoch());
  }
  if (!observation.message_id.empty()) {
    text += ", from " + short_id(std::string(observation.message_id));
  }
  return text;
}

// Of what was applied to a key the newest reading and the last ones explain how it ended.
class AppliedReadings {
 public:
  void add(TimelineEntry entry, std::optional<DataTime> time) {
    const bool is_newest = time && (!newest_time_ || *time >= *newest_time_);
    ++count_;
    if (is_newest) {
      newest_time_ = time;
      newest_ = entry;
      newest_number_ = count_;
    }
    last_.push_back(std::move(entry));
    if (last_.size() > most) {
      last_.pop_front();
    }
  }

  void give_to(Counterexample& example) {
    if (newest_ && newest_number_ + last_.size() <= count_) {
      last_.push_front(std::move(*newest_));
    }
    example.left_out += count_ - last_.size();
    std::move(last_.begin(), last_.end(), std::back_inserter(example.timeline));
  }

 private:
  static constexpr std::size_t most = 3;
  std::deque<TimelineEntry> last_;
  std::optional<TimelineEntry> newest_;
  std::optional<DataTime> newest_time_;
  std::uint64_t newest_number_ = 0;
  std::uint64_t count_ = 0;
};

Result<void> add_observations(const RunFiles& files, const Manifest& manifest,
                              const Members& members, std::vector<Case>& cases) {
  AUTOTAPE_TRY_ASSIGN(auto log, ObservationLogReader::open(files.observations));
  ObservationReader reader;
  LoggedObservation logged;
  std::vector<AppliedReadings> applied(cases.size());
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool more, log.next(logged));
    if (!more) {
      break;
    }
    const auto consumer = members.name_of_number(logged.consumer);
    if (!consumer || !logged.readable) {
      continue;
    }
    const auto observation = reader.read(logged.said);
    if (!observation) {
      continue;
    }
    const Duration at = logged.time - manifest.started;
    const auto what_it_said = [&](const std::string& text) {
      return fmt::format("line {} of the {}: {}", logged.line, *consumer, text);
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (!cases[i].message_id.empty()) {
        if ((*observation)->message_id == cases[i].message_id) {
          cases[i].add(at, "observed", what_it_said(printable(logged.said, 100)));
        }
      } else if (const auto* const reading = applied_reading(cases[i], **observation)) {
        applied[i].add({at, "observed", what_it_said(describe(*reading, **observation))},
                       reading->timestamp);
      }
    }
  }
  for (std::size_t i = 0; i < cases.size(); ++i) {
    applied[i].give_to(*cases[i].example);
  }
  return {};
}

// What came first, and what came last, is what a person wants to see.
void order_and_cut(Counterexample& example) {
  auto& entries = example.timeline;
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  if (entries.size() > longest_timeline) {
    const std::size_t too_many = entries.size() - longest_timeline;
    const auto from = entries.begin() + longest_timeline / 2;
    entries.erase(from, from + static_cast<std::ptrdiff_t>(too_many));
    example.left_out += too_many;
  }
}

// ---- the ids

Result<void> find_ids(const RunFiles& files, Verdict& verdict) {
  std::unordered_map<Fingerprint, std::vector<Finding*>, FingerprintHash> unnamed;
  for (CheckResult& check : verdict.checks) {
    for (Finding& finding : check.findings) {
      if (finding.message_id.empty() && finding.message) {
        unnamed[*finding.message].push_back(&finding);
      }
    }
  }
  if (unnamed.empty()) {
    return {};
  }
  return for_each_delivery(files,
                           [&](const Delivery&, const Envelope* envelope, const DeliverySource&) {
                             if (envelope == nullptr) {
                               return;
                             }
                             const auto found = unnamed.find(fingerprint_of(envelope->message_id));
                             if (found != unnamed.end()) {
                               for (Finding* const finding : found->second) {
                                 finding->message_id = envelope->message_id;
                               }
                             }
                           });
}

}  // namespace

Result<void> explain(const RunFiles& files, const Manifest& manifest,
                     const std::vector<const ConsumerConduct*>& consumers, PartyReport& party) {
  AUTOTAPE_TRY(find_ids(files, party.verdict));
  for (const CheckResult& check : party.verdict.checks) {
    if (check.outcome == Outcome::failed && !check.findings.empty()) {
      party.counterexamples.push_back({check.name, check.findings.front(), {}, 0});
    }
  }
  std::vector<Case> cases;
  for (Counterexample& example : party.counterexamples) {
    Case one;
    one.example = &example;
    one.message_id = example.finding.message_id;
    one.key = one.message_id.empty() ? example.finding.reading : std::string();
    cases.push_back(std::move(one));
  }
  if (cases.empty()) {
    return {};
  }
  AUTOTAPE_TRY(find_deliveries(files, cases));
  AUTOTAPE_TRY(add_sent(files, manifest, cases));
  const Members members(manifest, consumers);
  AUTOTAPE_TRY(add_events(files, manifest, members, cases));
  AUTOTAPE_TRY(add_observations(files, manifest, members, cases));
  for (Counterexample& example : party.counterexamples) {
    order_and_cut(example);
  }
  return {};
}

}  // namespace autotape
