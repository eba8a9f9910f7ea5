#include "generate/reading_schedule.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/text.hpp"

namespace autotape {
namespace {

// Of a property that the simulation does not know: seconds of driving between two readings.
constexpr unsigned usual_interval = 60;

const Signal* signal_of(std::string_view capability, std::string_view property) {
  const auto signals = simulated_signals();
  const auto found = std::find_if(signals.begin(), signals.end(), [&](const Signal& signal) {
    return signal.capability == capability && signal.property == property;
  });
  return found == signals.end() ? nullptr : &*found;
}

template <typename Items>
std::string did_you_mean(std::string_view written, const Items& items) {
  std::vector<std::string_view> names;
  for (const auto& item : items) {
    names.push_back(item.name);
  }
  const auto nearest = nearest_name(written, names);
  return nearest ? fmt::format("did you mean \"{}\"?", *nearest) : std::string();
}

// "diagnostics.odometer" or "diagnostics".
Result<std::vector<Reported>> named_properties(std::string_view name) {
  const std::size_t dot = name.find('.');
  const std::string_view capability_name = name.substr(0, dot);
  const Catalogue& catalogue = Catalogue::level13();
  const Capability* const capability = catalogue.find(capability_name);
  if (capability == nullptr) {
    return usage_error(fmt::format("there is no capability \"{}\"", printable(capability_name)),
                       did_you_mean(capability_name, catalogue.capabilities()));
  }
  std::vector<Reported> reported;
  if (dot != std::string_view::npos) {
    const std::string_view property_name = name.substr(dot + 1);
    const Property* const property = capability->find(property_name);
    if (property == nullptr) {
      return usage_error(
          fmt::format("\"{}\" has no property \"{}\"", capability_name, printable(property_name)),
          did_you_mean(property_name, capability->properties));
    }
    reported.push_back({capability, property, signal_of(capability_name, property_name)});
    return reported;
  }
  for (const Property& property : capability->properties) {
    if (const Signal* const signal = signal_of(capability_name, property.name)) {
      reported.push_back({capability, &property, signal});
    }
  }
  if (reported.empty()) {
    return usage_error(fmt::format("the simulation knows no property of \"{}\"", capability_name),
                       fmt::format("name those that you want, like {}.{}", capability_name,
                                   capability->properties.front().name));
  }
  return reported;
}

std::vector<Reported> all_simulated() {
  std::vector<Reported> reported;
  for (const Signal& signal : simulated_signals()) {
    const Capability* const capability = Catalogue::level13().find(signal.capability);
    reported.push_back({capability, capability->find(signal.property), &signal});
  }
  return reported;
}

auto rank(const Reported& reported) {
  return std::pair(reported.capability->name, reported.property->name);
}

bool is_due(unsigned step, unsigned interval, unsigned index) {
  // Slow readings are spread, so that not all of them come in one second.
  const unsigned offset = interval > 10 ? index * 7 : 0;
  return interval != 0 && (step + offset) % interval == 0;
}

bool has(const Reported& reported, Powertrain powertrain) {
  return reported.signal == nullptr || reported.signal->equipment == Equipment::all ||
         (reported.signal->equipment == Equipment::electric) ==
             (powertrain == Powertrain::electric);
}

}  // namespace

Result<ReadingSchedule> ReadingSchedule::create(const std::vector<std::string>& properties) {
  ReadingSchedule schedule;
  if (properties.empty()) {
    schedule.reported_ = all_simulated();
  }
  for (const std::string& name : properties) {
    AUTOTAPE_TRY_ASSIGN(const auto named, named_properties(name));
    schedule.reported_.insert(schedule.reported_.end(), named.begin(), named.end());
  }
  auto& reported = schedule.reported_;
  std::sort(reported.begin(), reported.end(),
            [](const Reported& a, const Reported& b) { return rank(a) < rank(b); });
  reported.erase(
      std::unique(reported.begin(), reported.end(),
                  [](const Reported& a, const Reported& b) { return rank(a) == rank(b); }),
      reported.end());
  for (std::size_t index = 0; index < reported.size(); ++index) {
    schedule.add_to_lists(static_cast<std::uint16_t>(index));
  }
  return schedule;
}

void ReadingSchedule::add_to_lists(std::uint16_t index) {
  const Reported& reported = reported_[index];
  const Signal* const signal = reported.signal;
  std::array<unsigned, phase_count> intervals{};
  intervals[static_cast<std::size_t>(Phase::driving)] =
      signal == nullptr ? usual_interval : signal->while_driving;
  intervals[static_cast<std::size_t>(Phase::charging)] =
      signal == nullptr ? 0 : signal->while_charging;
  intervals[static_cast<std::size_t>(Phase::asleep)] =
      signal != nullptr && signal->while_asleep ? 1 : 0;
  const unsigned events = signal == nullptr ? at(CarEvent::set_off) : signal->events;

  for (const Powertrain powertrain : {Powertrain::combustion, Powertrain::electric}) {
    if (!has(reported, powertrain)) {
      continue;
    }
    OfPowertrain& lists = lists_[static_cast<std::size_t>(powertrain)];
    for (std::size_t phase = 0; phase < phase_count; ++phase) {
      for (unsigned step = 0; step < schedule_length; ++step) {
        if (is_due(step, intervals[phase], index)) {
          lists.by_step[phase][step].push_back(index);
        }
      }
    }
    for (std::size_t event = 1; event < car_event_count; ++event) {
      if ((events & at(static_cast<CarEvent>(event))) != 0) {
        lists.by_event[event].push_back(index);
      }
    }
  }
}

const ReadingSchedule::List& ReadingSchedule::due(const CarState& car) const {
  const OfPowertrain& lists = lists_[static_cast<std::size_t>(car.powertrain)];
  return car.event == CarEvent::none
             ? lists.by_step[static_cast<std::size_t>(car.phase)][car.step % schedule_length]
             : lists.by_event[static_cast<std::size_t>(car.event)];
}

}  // namespace autotape
