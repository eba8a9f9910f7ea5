#include "generate/fleet.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"
#include "generate/car.hpp"
#include "generate/reading_schedule.hpp"
#include "generate/reading_writer.hpp"
#include "message/vin.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

constexpr Duration usual_duration = 10min;
// Messages of one moment leave the car one after the other.
constexpr Duration between_messages = 2ms;
// A car that had nothing to report for two weeks never will: it is electric, say, and asked for the
// state of its engine.
constexpr Duration longest_silence = 14 * 24h;
// Far from where nanoseconds since 1970 end.
constexpr DataTime latest_end{
    std::chrono::sys_days(std::chrono::year(2200) / 1 / 1).time_since_epoch()};

Result<void> check_numbers_and_names(const FleetSettings& settings) {
  if (settings.cars == 0 || settings.cars > FleetSettings::most_cars) {
    return usage_error(
        fmt::format("a fleet has 1 to {} cars", describe_count(FleetSettings::most_cars)));
  }
  if (settings.duration && *settings.duration <= Duration(0)) {
    return usage_error("the duration must be longer than nothing");
  }
  if (settings.start > latest_end - settings.duration.value_or(Duration(0))) {
    return usage_error("a tape must end before the year 2200");
  }
  if (!is_environment(settings.environment)) {
    return usage_error(fmt::format("the environment \"{}\" is neither live nor sandbox",
                                   printable(settings.environment)));
  }
  const bool v1 = settings.stream == StreamVersion::v1;
  if (!settings.app_id.empty() &&
      !(v1 ? is_v1_app_id(settings.app_id) : is_v2_application_id(settings.app_id))) {
    return usage_error(fmt::format("\"{}\" is no application id of the {} stream",
                                   printable(settings.app_id), v1 ? "V1" : "V2"),
                       v1 ? "it has 24 upper-case hexadecimal digits" : "it is a lower-case UUID");
  }
  return {};
}

}  // namespace

std::string_view usual_app_id(StreamVersion stream) {
  return stream == StreamVersion::v1 ? "5A0C0FFEE0DDBA11C0DEFEED"
                                     : "5a0c0ffe-e0dd-4a11-80de-feed5a0c0ffe";
}

std::string fleet_vin(std::uint64_t number) {
  std::string vin = fmt::format("WATFLEET0T{:07}", number);
  vin[vin_check_digit_place] = vin_check_digit(vin);
  return vin;
}

Result<void> check_fleet(const FleetSettings& settings) {
  AUTOTAPE_TRY(check_numbers_and_names(settings));
  AUTOTAPE_TRY(ReadingSchedule::create(settings.properties));
  return {};
}

struct Fleet::State {
  // A car, and the readings of its moment that are still to be sent.
  struct Sender {
    Car car;
    Random random;
    std::string vin;
    const ReadingSchedule::List* due = nullptr;
    std::size_t sent = 0;
  };

  // When the next message of a car is received.
  struct Turn {
    std::int64_t received;
    std::uint32_t car;

    bool operator>(const Turn& other) const {
      return received != other.received ? received > other.received : car > other.car;
    }
  };

  State(const FleetSettings& settings, ReadingSchedule made)
      : schedule(std::move(made)),
        writer(schedule.reported(), {settings.stream, settings.environment, settings.app_id}),
        stream(settings.stream),
        left(settings.count.value_or(UINT64_MAX)),
        end(settings.duration ? settings.start + *settings.duration : latest_end) {
    header.environment = settings.environment;
    header.level = auto_api_level;
    header.app_id = settings.app_id;
    header.tool = "autotape generate";
    header.started = ReceivedTime(settings.start.time_since_epoch());
    header.description = fmt::format("Synthetic: a fleet of {} that never was, seed {}",
                                     describe_count(settings.cars), settings.seed);
    senders.reserve(settings.cars);
    for (std::uint64_t number = 0; number < settings.cars; ++number) {
      senders.push_back({Car(settings.seed, number, settings.start),
                         Random(settings.seed, "messages", number), fleet_vin(number)});
      turns.push_back({0, static_cast<std::uint32_t>(number)});
    }
    std::erase_if(turns, [&](Turn& turn) { return !plan_turn(turn); });
    std::make_heap(turns.begin(), turns.end(), std::greater<>());
  }

  // Goes on to the car's next moment that has readings. False if that is behind the end.
  bool plan_turn(Turn& turn) {
    Sender& sender = senders[turn.car];
    const DataTime silent_since = sender.car.state().time;
    do {
      sender.car.advance();
      const DataTime now = sender.car.state().time;
      if (now >= end || now - silent_since > longest_silence) {
        return false;
      }
      sender.due = &schedule.due(sender.car.state());
    } while (sender.due->empty());
    sender.sent = 0;
    const auto latency = 60'000'000 + static_cast<std::int64_t>(sender.random.below(200'000'000));
    turn.received =
        std::max(turn.received, sender.car.state().time.time_since_epoch().count() + latency);
    return true;
  }

  void write(Sender& sender, Message& message) {
    const CarState& car = sender.car.state();
    if (stream == StreamVersion::v1) {
      writer.write_v1(car, sender.vin, (*sender.due)[sender.sent++], sender.random, message);
    } else {
      writer.write_v2(car, sender.vin, *sender.due, sender.random, message);
      sender.sent = sender.due->size();
    }
  }

  TapeHeader header;
  ReadingSchedule schedule;
  ReadingWriter writer;
  StreamVersion stream;
  std::uint64_t left;  // messages
  DataTime end;
  std::vector<Sender> senders;
  std::vector<Turn> turns;  // a heap, the next one first
};

Fleet::Fleet(std::unique_ptr<State> state) : state_(std::move(state)) {}
Fleet::~Fleet() = default;
Fleet::Fleet(Fleet&&) noexcept = default;
Fleet& Fleet::operator=(Fleet&&) noexcept = default;

Result<Fleet> Fleet::create(const FleetSettings& settings) {
  AUTOTAPE_TRY(check_numbers_and_names(settings));
  AUTOTAPE_TRY_ASSIGN(ReadingSchedule schedule, ReadingSchedule::create(settings.properties));
  FleetSettings whole = settings;
  if (!whole.duration && !whole.count) {
    whole.duration = usual_duration;
  }
  if (whole.app_id.empty()) {
    whole.app_id = usual_app_id(whole.stream);
  }
  auto state = std::make_unique<State>(whole, std::move(schedule));
  if (state->turns.empty() && !whole.duration) {
    return usage_error("no car of this fleet ever has one of the properties",
                       "not every car is electric: more cars, or other properties");
  }
  return Fleet(std::move(state));
}

const TapeHeader& Fleet::header() const {
  return state_->header;
}

bool Fleet::next(RecordedMessage& message) {
  State& state = *state_;
  if (state.left == 0 || state.turns.empty()) {
    return false;
  }
  --state.left;
  std::pop_heap(state.turns.begin(), state.turns.end(), std::greater<>());
  State::Turn& turn = state.turns.back();
  State::Sender& sender = state.senders[turn.car];
  message.received = ReceivedTime(Duration(turn.received));
  message.message.qos = 1;
  message.message.retain = message.message.dup = false;
  message.message.properties.reset();
  state.write(sender, message.message);

  turn.received += between_messages.count();
  if (sender.sent < sender.due->size() || state.plan_turn(turn)) {
    std::push_heap(state.turns.begin(), state.turns.end(), std::greater<>());
  } else {
    state.turns.pop_back();
  }
  return true;
}

namespace {

class GeneratedTape final : public TapeReader {
 public:
  explicit GeneratedTape(Fleet fleet) : fleet_(std::move(fleet)) {}

  std::string_view format() const override { return "generated"; }
  const TapeHeader& header() const override { return fleet_.header(); }
  const TapeDamage& damage() const override { return none_; }

  Result<TapeRecord> next(RecordedMessage& message, Marker&) override {
    return fleet_.next(message) ? TapeRecord::message : TapeRecord::end;
  }

 private:
  Fleet fleet_;
  TapeDamage none_;
};

}  // namespace

Result<std::unique_ptr<TapeReader>> open_generated_tape(const FleetSettings& settings) {
  AUTOTAPE_TRY_ASSIGN(Fleet fleet, Fleet::create(settings));
  return std::unique_ptr<TapeReader>(std::make_unique<GeneratedTape>(std::move(fleet)));
}

}  // namespace autotape
