#include "scenario/likeness.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/random.hpp"
#include "message/envelope.hpp"

namespace autotape {
namespace {

constexpr std::size_t quantile_count = 101;
constexpr std::size_t sample_size = 20'000;

// A property with fewer messages is taken for one like all others.
constexpr std::uint64_t enough_messages = 100;

// Durations, of which at most a fair sample of `sample_size` is kept (Vitter's algorithm R).
class Sample {
 public:
  void add(Duration duration) {
    if (kept_.size() < sample_size) {
      kept_.push_back(duration);
    } else if (const std::uint64_t place = Random(0, "sample", seen_).below(seen_ + 1);
               place < sample_size) {
      kept_[place] = duration;
    }
    ++seen_;
  }

  std::uint64_t seen() const { return seen_; }

  DurationDistribution distribution() const {
    std::vector<Duration> sorted = kept_;
    std::sort(sorted.begin(), sorted.end());
    MeasuredDuration measured;
    for (std::size_t i = 0; i < quantile_count && !sorted.empty(); ++i) {
      measured.quantiles.push_back(sorted[(sorted.size() - 1) * i / (quantile_count - 1)]);
    }
    return measured;
  }

 private:
  std::vector<Duration> kept_;
  std::uint64_t seen_ = 0;
};

struct Tally {
  std::uint64_t messages = 0;  // duplicates not counted
  Sample delays;
  Sample distances;

  Disorder disorder() const {
    const auto share = [this](const Sample& sample) {
      const auto all = static_cast<double>(std::max<std::uint64_t>(messages, 1));
      return std::min(static_cast<double>(sample.seen()) / all, 1.0);
    };
    return {share(delays), delays.distribution(), share(distances), distances.distribution()};
  }
};

class Measurement {
 public:
  void add(const RecordedMessage& recorded) {
    const auto envelope = reader_.read(recorded.message.payload);
    if (!envelope) {
      return;
    }
    Tally* const property = tally_of(**envelope);
    const auto count = [&](auto what) {
      what(all_);
      if (property != nullptr) {
        what(*property);
      }
    };
    const auto [last, is_new] =
        last_received_.try_emplace(std::string((*envelope)->message_id), recorded.received);
    if (!is_new) {
      const Duration distance = std::max(recorded.received - last->second, Duration(0));
      last->second = recorded.received;
      count([&](Tally& tally) { tally.distances.add(distance); });
      return;
    }
    const auto delay = delay_of(**envelope, recorded.received);
    count([&](Tally& tally) {
      ++tally.messages;
      if (delay) {
        tally.delays.add(*delay);
      }
    });
  }

  Likeness likeness() const {
    Likeness likeness{all_.messages, {}};
    likeness.settings.others = all_.disorder();
    for (const auto& [name, tally] : by_property_) {
      if (tally.messages >= enough_messages) {
        likeness.settings.by_property.emplace(name, tally.disorder());
      }
    }
    return likeness;
  }

 private:
  // A V2 message is about many properties.
  Tally* tally_of(const Envelope& envelope) {
    if (envelope.version != StreamVersion::v1 || envelope.readings.empty()) {
      return nullptr;
    }
    const Reading& reading = envelope.readings.front();
    name_.assign(reading.capability).append(".").append(reading.property);
    return &by_property_[name_];
  }

  // How late it is, if newer readings overtook it.
  std::optional<Duration> delay_of(const Envelope& envelope, ReceivedTime received) {
    Duration lateness{};
    std::optional<DataTime> newest_here;
    for (const Reading& reading : envelope.readings) {
      if (!reading.timestamp) {
        continue;
      }
      newest_here = std::max(newest_here.value_or(*reading.timestamp), *reading.timestamp);
      name_.assign(envelope.vin).append("/").append(reading.capability).append("/");
      name_.append(reading.property);
      DataTime& known = newest_.try_emplace(name_, *reading.timestamp).first->second;
      lateness = std::max(lateness, Duration(known - *reading.timestamp));
      known = std::max(known, *reading.timestamp);
    }
    if (!newest_here) {
      return std::nullopt;
    }
    const Duration on_its_way = received.time_since_epoch() - newest_here->time_since_epoch();
    Duration& quickest = quickest_.try_emplace(std::string(envelope.vin), on_its_way).first->second;
    quickest = std::min(quickest, on_its_way);
    return lateness > Duration(0) ? std::optional(std::max(lateness, on_its_way - quickest))
                                  : std::nullopt;
  }

  EnvelopeReader reader_;
  Tally all_;
  std::map<std::string, Tally, std::less<>> by_property_;        // "diagnostics.odometer"
  std::unordered_map<std::string, ReceivedTime> last_received_;  // by message_id
  std::map<std::string, DataTime, std::less<>> newest_;          // by car and property
  std::map<std::string, Duration, std::less<>> quickest_;        // from each car
  std::string name_;
};

}  // namespace

Result<Likeness> measure_likeness(const std::string& tape) {
  AUTOTAPE_TRY_ASSIGN(const auto reader, open_tape(tape));
  return measure_likeness(*reader);
}

Result<Likeness> measure_likeness(TapeReader& tape) {
  Measurement measurement;
  RecordedMessage recorded;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, tape.next_message(recorded));
    if (!found) {
      return measurement.likeness();
    }
    measurement.add(recorded);
  }
}

}  // namespace autotape
