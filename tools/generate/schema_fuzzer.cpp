#include "generate/schema_fuzzer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"
#include "generate/fuzzed_value.hpp"
#include "generate/json_text.hpp"
#include "generate/message_id.hpp"

namespace autotape {
namespace {

using Chosen = FuzzedValue::Chosen;

constexpr std::uint64_t cars = 1000;
constexpr std::uint64_t most_beside = 4;  // other properties in a V2 message
constexpr Duration between_messages = std::chrono::milliseconds(1);

std::vector<Chosen> whole_catalogue() {
  std::vector<Chosen> all;
  for (const Capability& capability : Catalogue::level13().capabilities()) {
    for (const Property& property : capability.properties) {
      all.push_back({&capability, &property});
    }
  }
  return all;
}

bool is_same(const Chosen& a, const Chosen& b) {
  return a.property == b.property;
}

bool is_before(const Chosen& a, const Chosen& b) {
  return a.capability != b.capability ? a.capability->name < b.capability->name
                                      : a.property < b.property;
}

}  // namespace

const std::vector<std::string_view>& fuzzed_keywords() {
  static const std::vector<std::string_view> names{"type",     "required",  "additionalProperties",
                                                   "enum",     "format",    "minimum",
                                                   "maximum",  "minLength", "maxLength",
                                                   "minItems", "maxItems",  "minProperties"};
  return names;
}

struct SchemaFuzzer::State {
  explicit State(const FuzzSettings& chosen)
      : settings(chosen), value(Catalogue::level13(), chosen.start), properties(whole_catalogue()) {
    header.environment = "sandbox";
    header.level = auto_api_level;
    header.app_id = usual_app_id(settings.stream);
    header.tool = "autotape generate --fuzz-schema";
    header.started = ReceivedTime(settings.start.time_since_epoch());
    header.description = fmt::format(
        "Random messages, each labelled with what a validator has to say, seed {}", settings.seed);
  }

  // The property that it is about, and for V2 some more; sorted.
  std::vector<Chosen> choose(std::uint64_t number, Random& random) const {
    std::vector<Chosen> chosen{properties[number % properties.size()]};
    if (settings.stream == StreamVersion::v2) {
      for (std::uint64_t i = random.below(most_beside); i > 0; --i) {
        chosen.push_back(properties[static_cast<std::size_t>(random.below(properties.size()))]);
      }
      std::sort(chosen.begin(), chosen.end(), is_before);
      chosen.erase(std::unique(chosen.begin(), chosen.end(), is_same), chosen.end());
    }
    return chosen;
  }

  // One of the places of one of the keywords that this message can break.
  std::optional<FuzzedValue::Target> choose_target(Random& random) const {
    const auto& places = value.places();
    std::vector<FuzzKeyword> possible;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (places[i] > 0 && (settings.keyword.empty() || settings.keyword == fuzzed_keywords()[i])) {
        possible.push_back(static_cast<FuzzKeyword>(i));
      }
    }
    if (possible.empty()) {
      return std::nullopt;
    }
    const FuzzKeyword keyword = possible[static_cast<std::size_t>(random.below(possible.size()))];
    return FuzzedValue::Target{keyword, random.below(places[static_cast<std::size_t>(keyword)])};
  }

  void write_data(const std::vector<Chosen>& chosen, Random& random) {
    const Random luck(random.next(), "value");
    label = {};
    data.clear();
    value.start(data, "/data", luck, nullptr);
    value.data(chosen, settings.stream);
    const auto target = random.chance(settings.violations) ? choose_target(random) : std::nullopt;
    if (target) {
      data.clear();
      value.start(data, "/data", luck, &*target);
      value.data(chosen, settings.stream);
      label = {fuzzed_keywords()[static_cast<std::size_t>(target->keyword)], value.broken_at()};
    }
  }

  void write_message(std::uint64_t number, Message& message) {
    Random random(settings.seed, "fuzz", number);
    const std::vector<Chosen> chosen = choose(number, random);
    const std::string vin = fleet_vin(random.below(cars));
    write_data(chosen, random);
    message.payload = R"({"message_id":")";
    append_message_id(message.payload, random);
    if (settings.stream == StreamVersion::v1) {
      const std::string_view capability = chosen.front().capability->name;
      const std::string_view property = chosen.front().property->name;
      message.topic = fmt::format("{}/{}/{}/{}/{}/get/{}", header.environment, header.level,
                                  header.app_id, vin, capability, property);
      message.payload +=
          fmt::format(R"(","version":1,"vin":"{}","capability":"{}","property":"{}","data":)", vin,
                      capability, property);
    } else {
      message.topic = fmt::format("{}/{}/{}", header.environment, header.level, header.app_id);
      message.payload += fmt::format(R"(","version":2,"application_id":"{}","vin":"{}","data":)",
                                     header.app_id, vin);
    }
    message.payload += data;
    message.payload += '}';
  }

  void write_label(Message& message) const {
    auto& properties_of_message = message.properties.emplace().user_properties;
    properties_of_message.emplace_back("expect", label.is_valid() ? "valid" : "invalid");
    if (!label.is_valid()) {
      properties_of_message.emplace_back("keyword", label.keyword);
      properties_of_message.emplace_back("instance", label.instance);
    }
  }

  FuzzSettings settings;
  TapeHeader header;
  FuzzedValue value;
  std::vector<Chosen> properties;
  std::uint64_t written = 0;
  std::string data;
  FuzzLabel label;
};

SchemaFuzzer::SchemaFuzzer(std::unique_ptr<State> state) : state_(std::move(state)) {}
SchemaFuzzer::~SchemaFuzzer() = default;
SchemaFuzzer::SchemaFuzzer(SchemaFuzzer&&) noexcept = default;
SchemaFuzzer& SchemaFuzzer::operator=(SchemaFuzzer&&) noexcept = default;

Result<SchemaFuzzer> SchemaFuzzer::create(const FuzzSettings& settings) {
  const auto& known = fuzzed_keywords();
  if (!settings.keyword.empty() &&
      std::find(known.begin(), known.end(), settings.keyword) == known.end()) {
    return usage_error(
        fmt::format("no message of the catalogue can break \"{}\"", printable(settings.keyword)),
        fmt::format("there are {}", fmt::join(known, ", ")));
  }
  return SchemaFuzzer(std::make_unique<State>(settings));
}

bool SchemaFuzzer::next(RecordedMessage& message) {
  State& state = *state_;
  if (state.written == state.settings.count) {
    return false;
  }
  const std::uint64_t number = state.written++;
  state.write_message(number, message.message);
  state.write_label(message.message);
  message.message.qos = 1;
  message.message.retain = message.message.dup = false;
  message.received =
      ReceivedTime(state.settings.start.time_since_epoch() + between_messages * (number + 1));
  return true;
}

const FuzzLabel& SchemaFuzzer::label() const {
  return state_->label;
}

const TapeHeader& SchemaFuzzer::header() const {
  return state_->header;
}

}  // namespace autotape
