#include "scenario/likeness.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <vector>

#include "core/random.hpp"
#include "message/envelope.hpp"
#include "tape/reader.hpp"

namespace autotape {
namespace {

constexpr std::size_t quantile_count = 101;
constexpr std::size_t sample_size = 100'000;

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

  DurationDistribution distribution() {
    std::sort(kept_.begin(), kept_.end());
    MeasuredDuration measured;
    for (std::size_t i = 0; i < quantile_count && !kept_.empty(); ++i) {
      measured.quantiles.push_back(kept_[(kept_.size() - 1) * i / (quantile_count - 1)]);
    }
    return measured;
  }

 private:
  std::vector<Duration> kept_;
  std::uint64_t seen_ = 0;
};

}  // namespace

Result<Likeness> measure_likeness(const std::string& tape) {
  AUTOTAPE_TRY_ASSIGN(const auto reader, open_tape(tape));
  EnvelopeReader envelopes;
  std::unordered_map<std::string, ReceivedTime> last_received;  // by message_id
  std::map<std::string, DataTime, std::less<>> newest;          // by car and property
  Sample distances;
  Sample latenesses;
  std::uint64_t messages = 0;
  RecordedMessage recorded;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, reader->next_message(recorded));
    if (!found) {
      break;
    }
    const auto envelope = envelopes.read(recorded.message.payload);
    if (!envelope) {
      continue;
    }
    ++messages;
    const auto [last, is_new] =
        last_received.try_emplace(std::string((*envelope)->message_id), recorded.received);
    if (!is_new) {
      distances.add(std::max(recorded.received - last->second, Duration(0)));
      last->second = recorded.received;
      continue;
    }
    Duration lateness{};
    for (const Reading& reading : (*envelope)->readings) {
      if (!reading.timestamp) {
        continue;
      }
      std::string key((*envelope)->vin);
      key.append("/").append(reading.capability).append("/").append(reading.property);
      DataTime& known = newest.try_emplace(std::move(key), *reading.timestamp).first->second;
      lateness = std::max(lateness, known - *reading.timestamp);
      known = std::max(known, *reading.timestamp);
    }
    if (lateness > Duration(0)) {
      latenesses.add(lateness);
    }
  }
  const auto share = [messages](std::uint64_t count) {
    return messages == 0 ? 0 : static_cast<double>(count) / static_cast<double>(messages);
  };
  return Likeness{share(distances.seen()), distances.distribution(), share(latenesses.seen()),
                  latenesses.distribution()};
}

void add_likeness(Shape& shape, const Likeness& likeness, const Match& match) {
  if (likeness.share_of_duplicates > 0) {
    DuplicateSettings duplicate;
    duplicate.probability = likeness.share_of_duplicates;
    duplicate.delay = likeness.distance;
    add_stage(shape, duplicate, match);
  }
  if (likeness.share_late > 0) {
    DelaySettings delay;
    delay.probability = likeness.share_late;
    delay.delay = likeness.lateness;
    add_stage(shape, delay, match);
  }
}

}  // namespace autotape
