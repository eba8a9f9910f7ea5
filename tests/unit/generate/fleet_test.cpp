#include "generate/fleet.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include <doctest/doctest.h>

#include "core/rfc3339.hpp"
#include "json/document.hpp"
#include "message/envelope.hpp"
#include "schema/catalogue.hpp"
#include "schema/message_validator.hpp"
#include "x509/digest.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

std::vector<RecordedMessage> messages_of(const FleetSettings& settings) {
  auto fleet = Fleet::create(settings);
  if (!fleet) {
    FAIL(fleet.error().line());
  }
  std::vector<RecordedMessage> messages(1);
  while (fleet->next(messages.back())) {
    messages.emplace_back();
  }
  messages.pop_back();
  return messages;
}

struct Value {
  DataTime time;
  Json data;
};

// The values of a property that is no list, by car.
std::map<std::string, std::vector<Value>> values_of(const FleetSettings& settings,
                                                    const std::string& capability,
                                                    const std::string& property) {
  FleetSettings chosen = settings;
  chosen.properties.push_back(capability + "." + property);
  std::map<std::string, std::vector<Value>> values;
  for (const RecordedMessage& message : messages_of(chosen)) {
    const auto payload = parse_document(message.message.payload, "");
    const Json& object = (*payload)["data"][capability][property];
    if (object.contains("data")) {
      const auto time = parse_rfc3339_as<DataClock>(object["timestamp"].get<std::string>());
      values[(*payload)["vin"]].push_back({*time, object["data"]});
    }
  }
  return values;
}

double seconds_between(const Value& a, const Value& b) {
  return std::chrono::duration<double>(b.time - a.time).count();
}

double metres_between(const Json& a, const Json& b) {
  const double latitude = a["latitude"];
  const double north = (b["latitude"].get<double>() - latitude) * 111'320;
  const double east = (b["longitude"].get<double>() - a["longitude"].get<double>()) * 111'320 *
                      std::cos(latitude * 3.14159265 / 180);
  return std::sqrt(north * north + east * east);
}

double local_hour(DataTime time) {
  return std::fmod(std::chrono::duration<double>(time.time_since_epoch()).count() / 3600 + 1, 24);
}

std::string digest(const std::vector<RecordedMessage>& messages) {
  Sha256 hash;
  for (const RecordedMessage& message : messages) {
    hash.add(std::to_string(message.received.time_since_epoch().count()));
    hash.add(message.message.topic);
    hash.add(message.message.payload);
  }
  return hash.hex();
}

}  // namespace

TEST_CASE("A fleet is the same every time and on every machine, and another with another seed") {
  const FleetSettings settings{.cars = 20, .count = 5'000, .seed = 7};
  const auto messages = messages_of(settings);
  CHECK(messages.size() == 5'000);
  // If a change of what is simulated was meant, this is to be replaced.
  CHECK(digest(messages) == "66d22fbd5260b833b133da53ea671ef153a0e380c5bbc5c1180173b93398656c");
  FleetSettings other = settings;
  other.seed = 8;
  CHECK(digest(messages_of(other)) != digest(messages));
}

TEST_CASE("What a car sends does not depend on the other cars") {
  const auto alone = messages_of({.cars = 1, .duration = 5min});
  auto among_others = messages_of({.cars = 30, .duration = 5min});
  std::erase_if(among_others, [](const RecordedMessage& message) {
    return message.message.topic.find(fleet_vin(0)) == std::string::npos;
  });
  REQUIRE(alone.size() > 300);
  CHECK(alone == among_others);
}

TEST_CASE("All messages are valid, and nothing about them is odd") {
  const MessageSchemas schemas = MessageSchemas::built_in();
  for (const StreamVersion stream : {StreamVersion::v1, StreamVersion::v2}) {
    MessageValidator validator(schemas, stream);
    std::vector<MessageViolation> found;
    for (const RecordedMessage& message :
         messages_of({.cars = 40, .count = 20'000, .stream = stream})) {
      const MessageView view{message.message.topic, message.message.payload,
                             DataTime(message.received.time_since_epoch())};
      validator.check({&view, 1}, found);
      if (!found.empty()) {
        CAPTURE(message.message.payload);
        FAIL(found.front().violation.line());
      }
    }
  }
}

TEST_CASE("Any property of the catalogue can be asked for") {
  const MessageSchemas schemas = MessageSchemas::built_in();
  std::vector<std::string> all;
  for (const Capability& capability : Catalogue::level13().capabilities()) {
    for (const Property& property : capability.properties) {
      all.push_back(std::string(capability.name) + "." + std::string(property.name));
    }
  }
  for (const StreamVersion stream : {StreamVersion::v1, StreamVersion::v2}) {
    MessageValidator validator(schemas, stream);
    std::set<std::string> seen;
    EnvelopeReader reader;
    for (const RecordedMessage& message :
         messages_of({.cars = 2, .duration = 14h, .properties = all, .stream = stream})) {
      const MessageView view{message.message.topic, message.message.payload,
                             DataTime(message.received.time_since_epoch())};
      CAPTURE(message.message.payload);
      REQUIRE(validator.judge({&view, 1})[0] != FastVerdict::unsure);
      for (const Reading& reading : (*reader.read(message.message.payload))->readings) {
        seen.insert(std::string(reading.capability) + "." + std::string(reading.property));
      }
    }
    CHECK(seen.size() == 557);
  }
}

TEST_CASE("Messages come in the order of their arrival, each once, and soon after they were made") {
  const auto messages = messages_of({.cars = 50, .count = 30'000});
  CHECK(std::is_sorted(messages.begin(), messages.end(),
                       [](const auto& a, const auto& b) { return a.received < b.received; }));
  EnvelopeReader reader;
  std::set<std::string> ids;
  std::map<std::string, DataTime> newest;
  for (const RecordedMessage& message : messages) {
    const auto envelope = reader.read(message.message.payload);
    REQUIRE(envelope);
    ids.insert(std::string((*envelope)->message_id));
    const Reading& reading = (*envelope)->readings.front();
    const std::string key = std::string((*envelope)->vin) + std::string(reading.capability) +
                            std::string(reading.property);
    CHECK(newest[key] < *reading.timestamp);
    newest[key] = *reading.timestamp;
    const Duration age =
        message.received.time_since_epoch() - reading.timestamp->time_since_epoch();
    CHECK(age > 0s);
    CHECK(age < 2s);
  }
  CHECK(ids.size() == messages.size());
}

TEST_CASE("An odometer only grows, by what the speed says") {
  const FleetSettings settings{.cars = 5, .duration = 24h};
  for (const auto& [name, values] : values_of(settings, "diagnostics", "odometer")) {
    const std::string& vin = name;  // which a lambda may capture
    CAPTURE(vin);
    REQUIRE(values.size() > 50);
    for (std::size_t i = 1; i < values.size(); ++i) {
      const double km =
          values[i].data["value"].get<double>() - values[i - 1].data["value"].get<double>();
      CHECK(km >= 0);
      CHECK(km <= seconds_between(values[i - 1], values[i]) * 37 / 1000 + 0.001);
    }
    const double driven =
        values.back().data["value"].get<double>() - values.front().data["value"].get<double>();
    CHECK(driven > 4);
    CHECK(driven < 200);
  }
}

TEST_CASE("Speed and position agree") {
  const FleetSettings settings{.cars = 5, .duration = 1h};
  const auto speeds = values_of(settings, "diagnostics", "speed");
  for (const auto& [name, places] : values_of(settings, "vehicle_location", "coordinates")) {
    const std::string& vin = name;  // which a lambda may capture
    CAPTURE(vin);
    std::map<DataTime, double> speed_at;
    for (const Value& speed : speeds.at(vin)) {
      speed_at[speed.time] = speed.data["value"].get<double>() / 3.6;
    }
    std::size_t compared = 0;
    for (std::size_t i = 1; i < places.size(); ++i) {
      const double seconds = seconds_between(places[i - 1], places[i]);
      if (seconds > 2.5 || !speed_at.contains(places[i - 1].time) ||
          !speed_at.contains(places[i].time)) {
        continue;
      }
      const double mean = (speed_at[places[i - 1].time] + speed_at[places[i].time]) / 2;
      const double metres = metres_between(places[i - 1].data, places[i].data);
      CHECK(std::abs(metres / seconds - mean) < 4);  // it speeds up and brakes in between
      ++compared;
    }
    CHECK(compared > 100);
  }
}

TEST_CASE("A car sleeps at night, comes home in the evening, and an electric one charges there") {
  const FleetSettings settings{.cars = 10, .duration = 48h};
  for (const auto& [name, speeds] : values_of(settings, "diagnostics", "speed")) {
    const std::string& vin = name;  // which a lambda may capture
    CAPTURE(vin);
    for (const Value& speed : speeds) {
      CHECK(local_hour(speed.time) >= 5);
    }
  }
  const auto places = values_of(settings, "vehicle_location", "coordinates");
  for (const auto& [vin, visited] : places) {
    CHECK(std::any_of(visited.begin() + 1, visited.end(),
                      [](const Value& place) { return local_hour(place.time) > 16; }));
  }
  std::size_t charging = 0;
  for (const auto& [vin, levels] : values_of(settings, "charging", "battery_level")) {
    for (std::size_t i = 1; i < levels.size(); ++i) {
      charging += levels[i].data.get<double>() > levels[i - 1].data.get<double>() ? 1U : 0U;
      CHECK(levels[i].data.get<double>() <= 0.9001);
    }
  }
  CHECK(charging > 20);
}

TEST_CASE("Now and then a reading failed, or says how often it comes") {
  std::size_t failures = 0;
  std::size_t availabilities = 0;
  const auto messages = messages_of({.cars = 30, .count = 20'000});
  for (const RecordedMessage& message : messages) {
    failures += message.message.payload.find("\"failure\":{") != std::string::npos ? 1U : 0U;
    availabilities +=
        message.message.payload.find("\"availability\":{") != std::string::npos ? 1U : 0U;
  }
  CHECK(failures > 20);
  CHECK(failures < 100);
  CHECK(availabilities > 50);
  CHECK(availabilities < 200);
}

TEST_CASE("A V2 message holds all readings of a moment, and has the size of the real ones") {
  std::size_t largest = 0;
  std::size_t readings = 0;
  EnvelopeReader reader;
  const auto messages = messages_of({.cars = 20, .count = 5'000, .stream = StreamVersion::v2});
  for (const RecordedMessage& message : messages) {
    largest = std::max(largest, message.message.payload.size());
    readings += (*reader.read(message.message.payload))->readings.size();
  }
  CHECK(largest > 1'500);
  CHECK(largest < 8'000);
  CHECK(readings > messages.size() * 3 / 2);
}

TEST_CASE("A tape ends by duration or by count, and settings without sense are refused") {
  const auto short_tape = messages_of({.cars = 3, .duration = 30s});
  CHECK(short_tape.back().received - short_tape.front().received < 31s);
  CHECK(messages_of({.cars = 3, .count = 10}).size() == 10);
  CHECK(Fleet::create({.cars = 0}).error().what == "a fleet has 1 to 1,000,000 cars");
  CHECK(Fleet::create({.duration = 0s}).error().what == "the duration must be longer than nothing");
  CHECK(Fleet::create({.properties = {"diagnostics.odometr"}}).error().line() ==
        "\"diagnostics\" has no property \"odometr\" (did you mean \"odometer\"?)");
  CHECK(Fleet::create({.properties = {"diagnostic"}}).error().line() ==
        "there is no capability \"diagnostic\" (did you mean \"diagnostics\"?)");
  CHECK_FALSE(Fleet::create({.properties = {"crash"}}));
  CHECK_FALSE(Fleet::create({.environment = "test"}));
  CHECK_FALSE(Fleet::create({.app_id = "x"}));
}

TEST_CASE(
    "A fleet that never has what it is asked for is refused, and one car that has not is left") {
  const auto refused =
      Fleet::create({.cars = 1, .count = 3, .properties = {"charging.battery_level"}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what == "no car of this fleet ever has one of the properties");
  CHECK(messages_of({.cars = 20, .count = 10, .properties = {"charging.battery_level"}}).size() ==
        10);
}

TEST_CASE("A tape ends before time can no longer be counted") {
  const DataTime late{std::chrono::sys_days(std::chrono::year(2199) / 12 / 31).time_since_epoch()};
  CHECK(Fleet::create({.duration = 1h, .start = late}));
  CHECK(Fleet::create({.duration = 48h, .start = late}).error().what ==
        "a tape must end before the year 2200");
}
