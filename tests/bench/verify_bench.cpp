// How fast, and in how much memory, ten million deliveries are judged.
//
//   verify_bench [DELIVERIES]      on one core, from observation lines in memory to the verdict
#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <time.h>

#include "core/quantity.hpp"
#include "core/random.hpp"
#include "journal/observation.hpp"
#include "verify/verifier.hpp"

using namespace autotape;

namespace {

constexpr double duplicate_share = 0.1;

// As the provider's: 64 upper-case hexadecimal digits.
std::string message_id(std::uint64_t number) {
  Random random(7, "id", number);
  return fmt::format("{:016X}{:016X}{:016X}{:016X}", random.next(), random.next(), random.next(),
                     random.next());
}

// Of this thread: other programs on the machine do not count.
double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// Makes inputs by the thousand and measures what is done with them, not the making.
template <typename Make, typename Use>
double measure(const char* what, std::uint64_t count, const Make& make, const Use& use) {
  constexpr std::uint64_t batch_size = 1000;
  std::vector<decltype(make(0))> batch;
  double seconds = 0;
  for (std::uint64_t first = 0; first < count; first += batch_size) {
    batch.clear();
    for (std::uint64_t i = first; i < std::min(first + batch_size, count); ++i) {
      batch.push_back(make(i));
    }
    const double before = cpu_seconds();
    std::uint64_t number = first;
    for (const auto& input : batch) {
      use(input, number++);
    }
    seconds += cpu_seconds() - before;
  }
  fmt::print("{:<12} {:6.2f} s\n", what, seconds);
  return seconds;
}

ReceivedTime moment(std::uint64_t number) {
  return ReceivedTime(std::chrono::microseconds(number));
}

struct Stream {
  explicit Stream(std::uint64_t deliveries) {
    numbers.reserve(deliveries);
    for (std::uint64_t i = 0; i < deliveries; ++i) {
      Random random(7, "duplicate", i);
      const bool duplicate = messages > 0 && random.chance(duplicate_share);
      numbers.push_back(
          static_cast<std::uint32_t>(duplicate ? random.below(messages) : messages++));
    }
  }
  std::vector<std::uint32_t> numbers;  // of the message of each delivery
  std::uint64_t messages = 0;
};

// One reading of a small message, with the id filled in.
std::shared_ptr<Message> message_with(const std::string& id) {
  auto message = std::make_shared<Message>();
  message->topic =
      "sandbox/level13/5A0C0FFEE0DDBA11C0DEFEED/WATDEMPT0TRA1N001/diagnostics/get/speed";
  message->payload = fmt::format(
      R"({{"message_id":"{}","version":1,"vin":"WATDEMPT0TRA1N001","capability":"diagnostics",)"
      R"("property":"speed","data":{{"diagnostics":{{"speed":{{"data":{{"unit":"kilometers_per_hour",)"
      R"("value":42}},"timestamp":"2026-03-02T06:45:00Z"}}}}}}}})",
      id);
  return message;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t deliveries = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
  const Stream stream(deliveries);
  Verifier verifier({.expectation = {},
                     .party = "consumer",
                     .expected_messages = stream.messages,
                     .start = {},
                     .rate = 1});
  double total = 0;
  total += measure(
      "deliveries", deliveries, [&](std::uint64_t i) { return message_id(stream.numbers[i]); },
      [&](const std::string& id, std::uint64_t i) { verifier.delivered(id, moment(i), false); });
  total += measure(
      "plan", deliveries,
      [&](std::uint64_t i) {
        Delivery delivery;
        delivery.index = i + 1;
        delivery.content = message_with(message_id(stream.numbers[i]));
        return delivery;
      },
      [&](const Delivery& delivery, std::uint64_t) { verifier.planned(delivery); });
  ObservationReader reader;
  total += measure(
      "observations", stream.messages,
      [&](std::uint64_t i) { return fmt::format(R"({{"message_id":"{}"}})", message_id(i)); },
      [&](const std::string& line, std::uint64_t i) {
        const auto observation = reader.read(line);
        verifier.observed(**observation, {moment(i), i + 1});
      });
  const double before = cpu_seconds();
  const Verdict verdict = verifier.verdict();
  total += cpu_seconds() - before;
  const double bytes =
      static_cast<double>(verifier.memory()) / static_cast<double>(stream.messages);
  fmt::print("{} deliveries of {} messages: {:.2f} s of one core, {:.1f} bytes a message, {}\n",
             describe_count(deliveries), describe_count(stream.messages), total, bytes,
             name_of(verdict.outcome()));
  return verdict.outcome() == Outcome::passed && bytes <= 64 ? 0 : 1;
}
