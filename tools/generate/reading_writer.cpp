#include "generate/reading_writer.hpp"

#include <array>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "generate/json_text.hpp"
#include "generate/message_id.hpp"
#include "generate/random_value.hpp"

namespace autotape {
namespace {

constexpr double share_of_failures = 0.002;
constexpr double share_with_availability = 0.005;
constexpr unsigned longest_list = 3;  // of a property that the simulation does not know

struct Failure {
  std::string_view reason;
  std::string_view description;
};
constexpr std::array<Failure, 4> failures{
    {{"unknown", "the control unit gave no answer"},
     {"execution_timeout", "the reading took too long"},
     {"oem_error", "the maker's platform had an error"},
     {"privacy_mode_active", "the driver switched on privacy mode"}}};

// The order of capabilities in one message is that of their readings.
bool begins_capability(const std::vector<Reported>& reported,
                       const std::vector<std::uint16_t>& indices, std::size_t place) {
  return place == 0 ||
         reported[indices[place]].capability != reported[indices[place - 1]].capability;
}

}  // namespace

ReadingWriter::ReadingWriter(const std::vector<Reported>& reported, const StreamNames& names)
    : reported_(reported), names_(names) {
  topic_begin_ = fmt::format("{}/{}/{}", names.environment, auto_api_level, names.app_id);
  v2_head_ = fmt::format(R"({{"version":2,"application_id":"{}","message_id":")", names.app_id);
  for (const Reported& one : reported) {
    const std::string_view capability = one.capability->name;
    const std::string_view property = one.property->name;
    Frame frame;
    frame.topic_end = fmt::format("/{}/get/{}", capability, property);
    frame.payload_head = fmt::format(
        R"(","capability":"{0}","property":"{1}","data":{{"{0}":{{"{1}":)", capability, property);
    if (one.signal != nullptr && one.signal->while_driving != 0) {
      frame.interval = one.signal->while_driving;
    }
    frames_.push_back(std::move(frame));
  }
}

void ReadingWriter::write_v1(const CarState& car, std::string_view vin, std::uint16_t index,
                             Random& random, Message& message) {
  const Frame& frame = frames_[index];
  message.topic.assign(topic_begin_).append("/").append(vin).append(frame.topic_end);
  std::string& out = message.payload;
  out.assign(R"({"message_id":")");
  append_message_id(out, random);
  out.append(R"(","version":1,"vin":")").append(vin).append(frame.payload_head);
  append_property(car, index, random, out);
  out += "}}}";
}

void ReadingWriter::write_v2(const CarState& car, std::string_view vin,
                             const std::vector<std::uint16_t>& indices, Random& random,
                             Message& message) {
  message.topic.assign(topic_begin_);
  std::string& out = message.payload;
  out.assign(v2_head_);
  append_message_id(out, random);
  out.append(R"(","vin":")").append(vin).append(R"(","data":{)");
  for (std::size_t place = 0; place < indices.size(); ++place) {
    const Reported& one = reported_[indices[place]];
    if (begins_capability(reported_, indices, place)) {
      out += place == 0 ? "" : "},";
      append_quoted(out, one.capability->name);
      out += ":{";
    } else {
      out += ',';
    }
    append_quoted(out, one.property->name);
    out += ':';
    append_property(car, indices[place], random, out);
  }
  out += "}}}";
}

void ReadingWriter::append_property(const CarState& car, std::uint16_t index, Random& random,
                                    std::string& out) {
  const Reported& one = reported_[index];
  if (!one.property->is_array(names_.version)) {
    append_property_object(car, index, 0, random, out);
    return;
  }
  unsigned items = 1;
  if (one.property->list) {
    items = one.signal != nullptr ? one.signal->items
                                  : static_cast<unsigned>(random.below(longest_list)) + 1;
  }
  out += '[';
  for (unsigned item = 0; item < items; ++item) {
    out += item == 0 ? "" : ",";
    append_property_object(car, index, item, random, out);
  }
  out += ']';
}

void ReadingWriter::append_property_object(const CarState& car, std::uint16_t index, unsigned item,
                                           Random& random, std::string& out) {
  const Reported& one = reported_[index];
  const double luck = random.uniform();
  if (luck < share_of_failures) {
    const Failure& failure = failures[static_cast<std::size_t>(random.below(failures.size()))];
    out.append(R"({"failure":{"reason":")").append(failure.reason);
    out.append(R"(","description":")").append(failure.description).append("\"}");
  } else {
    out += R"({"data":)";
    if (one.signal != nullptr) {
      one.signal->write({car, item, out});
    } else {
      append_random_value(*one.property->type, {}, car.time, random, out);
    }
  }
  out += R"(,"timestamp":)";
  append_timestamp(car, index, out);
  if (luck > 1 - share_with_availability) {
    append_availability(index, out);
  }
  out += '}';
}

void ReadingWriter::append_availability(std::uint16_t index, std::string& out) const {
  out += R"(,"availability":{"update_rate":"trip","rate_limit":)";
  append_quantity(out, "times_per_minute", 60.0 / frames_[index].interval, 2);
  out += R"(,"applies_per":"vehicle"})";
}

void ReadingWriter::append_timestamp(const CarState& car, std::uint16_t index, std::string& out) {
  // What changes slowly was measured a moment before it is sent.
  const bool slow = car.fraction_digits != 0 && frames_[index].interval >= 20;
  const auto age = slow ? std::chrono::milliseconds(40 + 37 * (index % 20)) : Duration(0);
  const auto time = (car.time - age).time_since_epoch();
  const auto second = std::chrono::floor<std::chrono::seconds>(time);
  if (second.count() != written_second_) {
    written_second_ = second.count();
    second_text_ = format_rfc3339(second);
    second_text_.pop_back();  // the Z
  }
  out.append("\"").append(second_text_);
  const std::int64_t nanoseconds = (time - Duration(second)).count();
  std::int64_t place = 100'000'000;
  out += car.fraction_digits == 0 ? "" : ".";
  for (unsigned digit = 0; digit < car.fraction_digits; ++digit, place /= 10) {
    out += static_cast<char>('0' + nanoseconds / place % 10);
  }
  out += "Z\"";
}

}  // namespace autotape
