// A consumer in memory, correct or wrong in one thing, for judging thousands of streams without a
// broker. Independent of the verifier: its effects say what it really did.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "message/envelope.hpp"

namespace autotape::testing {

// What a consumer does wrong; a correct one does nothing of it.
struct Flaw {
  std::string name{};
  bool no_dedup = false;
  bool dedup_by_content = false;
  bool forgets_at_restart = false;
  std::size_t remembered = 1'000'000;  // ids
  bool last_arrival_wins = false;
  bool times_as_text = false;
  bool drops_late = false;
  bool list_as_one = false;
  bool one_key_for_all_cars = false;
  bool applies_bad_timestamps = false;
  bool deaf_after_bad_message = false;
  bool acknowledges_first = false;  // what came just before a restart is lost
};

// What became of the stream, whoever judges it.
struct Effects {
  std::map<std::string, int> handled;        // by message_id
  std::map<std::string, std::string> state;  // key → value and time
  bool went_back = false;                    // an older reading was applied after a newer one

  bool operator==(const Effects&) const = default;
};

class ModelConsumer {
 public:
  explicit ModelConsumer(Flaw flaw) : flaw_(std::move(flaw)) {}

  void take(const std::string& payload) {
    if (deaf_) {
      return;
    }
    const auto envelope = reader_.read(payload);
    std::vector<Taken> readings;
    if (!envelope || !read_readings(**envelope, readings)) {
      deaf_ = flaw_.deaf_after_bad_message;
      return;
    }
    const std::string id((*envelope)->message_id);
    std::string memory = id;
    if (flaw_.dedup_by_content) {
      memory = payload.substr(payload.find("\"data\""));
    }
    if ((!flaw_.no_dedup && known_.contains(memory)) || is_dropped(readings)) {
      return;
    }
    handle(id, readings);
    if (known_.insert(memory).second) {
      order_.push_back(memory);
    }
    if (order_.size() > flaw_.remembered) {
      known_.erase(order_.front());
      order_.pop_front();
    }
  }

  void restart() {
    if (flaw_.forgets_at_restart) {
      known_.clear();
      order_.clear();
    }
  }

  bool loses_what_waits() const { return flaw_.acknowledges_first; }
  const std::vector<std::string>& log() const { return log_; }
  const Effects& effects() const { return effects_; }

 private:
  struct Taken {
    std::string vin, capability, property, value, timestamp;
    std::uint32_t item = 0;
    Duration time{};

    std::string key(bool with_vin = true) const {
      return fmt::format("{} {}.{}[{}]", with_vin ? vin : "", capability, property, item);
    }
  };

  bool read_readings(const Envelope& envelope, std::vector<Taken>& readings) const {
    for (std::size_t i = 0; i < envelope.readings.size(); ++i) {
      const Reading& reading = envelope.readings[i];
      const std::string text = reader_.reading_text(i);
      Taken taken{std::string(envelope.vin),
                  std::string(reading.capability),
                  std::string(reading.property),
                  member(text, "\"value\":", ",}"),
                  member(text, "\"timestamp\":\"", "\""),
                  reading.item,
                  {}};
      if (!reading.timestamp && !flaw_.applies_bad_timestamps) {
        return false;
      }
      taken.time = reading.timestamp ? reading.timestamp->time_since_epoch() : Duration::max() / 2;
      if (!reading.timestamp) {
        taken.timestamp = format_rfc3339(taken.time);
      }
      taken.item = flaw_.list_as_one ? 0 : taken.item;
      readings.push_back(std::move(taken));
    }
    return true;
  }

  static std::string member(const std::string& text, const std::string& name, const char* ends) {
    const std::size_t at = text.find(name);
    if (at == std::string::npos) {
      return "null";
    }
    const std::size_t begin = at + name.size();
    return text.substr(begin, text.find_first_of(ends, begin) - begin);
  }

  bool is_dropped(const std::vector<Taken>& readings) {
    bool late = false;
    for (const Taken& reading : readings) {
      auto& newest = newest_of_car_.try_emplace(reading.vin, Duration::min()).first->second;
      late = late || reading.time < newest;
      newest = std::max(newest, reading.time);
    }
    return flaw_.drops_late && late;
  }

  bool is_newer(const Taken& reading) const {
    const auto known = held_.find(reading.key(!flaw_.one_key_for_all_cars));
    if (known == held_.end() || flaw_.last_arrival_wins) {
      return true;
    }
    return flaw_.times_as_text ? reading.timestamp > known->second.timestamp
                               : reading.time > known->second.time;
  }

  void handle(const std::string& id, const std::vector<Taken>& readings) {
    std::string said;
    for (const Taken& reading : readings) {
      const bool applied = is_newer(reading);
      said += fmt::format(
          R"({}{{"vin":"{}","capability":"{}","property":"{}","item":{},"timestamp":"{}","value":{},"applied":{}}})",
          said.empty() ? "" : ",", reading.vin, reading.capability, reading.property, reading.item,
          reading.timestamp, reading.value, applied);
      if (applied) {
        apply(reading);
      }
    }
    log_.push_back(fmt::format(R"({{"message_id":"{}","readings":[{}]}})", id, said));
    ++effects_.handled[id];
  }

  void apply(const Taken& reading) {
    held_[reading.key(!flaw_.one_key_for_all_cars)] = reading;
    effects_.state[reading.key()] = fmt::format("{} of {}", reading.value, reading.time.count());
    const auto [newest, first] = applied_.try_emplace(reading.key(), reading.time);
    effects_.went_back = effects_.went_back || reading.time < newest->second;
    newest->second = std::max(newest->second, reading.time);
  }

  Flaw flaw_;
  mutable EnvelopeReader reader_;
  std::set<std::string> known_;
  std::deque<std::string> order_;
  std::map<std::string, Taken> held_;
  std::map<std::string, Duration> newest_of_car_;
  std::map<std::string, Duration> applied_;
  std::vector<std::string> log_;
  Effects effects_;
  bool deaf_ = false;
};

}  // namespace autotape::testing
