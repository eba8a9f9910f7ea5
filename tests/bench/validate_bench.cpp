// How fast messages are validated, against simdjson's DOM parse of the same bytes alone: both in
// one run.
//
//   validate_bench [MESSAGES]          200,000 messages by default, of all properties in turn
//   validate_bench --write DIR         V1 payloads and the schema of their data for another
//                                      validator: DIR/payloads.ndjson, DIR/schema.json
#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <simdjson.h>
#include <time.h>

#include "core/file.hpp"
#include "core/ordered_pipeline.hpp"
#include "core/rfc3339.hpp"
#include "core/time.hpp"
#include "generate/fleet.hpp"
#include "schema/example.hpp"
#include "schema/json_schema.hpp"
#include "schema/message_validator.hpp"

namespace autotape {
namespace {

constexpr DataTime start{std::chrono::hours(24 * 365 * 55)};  // 2024
constexpr DataTime latest{std::chrono::hours(24 * 365 * 60)};
constexpr int rounds = 7;  // of which the fastest counts

struct BenchMessage {
  std::string topic;
  std::string payload;
};

// Each with a message_id and a timestamp of its own.
std::vector<BenchMessage> make_messages(std::size_t count, StreamVersion version) {
  std::vector<ExampleMessage> examples;
  for (const Capability& capability : Catalogue::level13().capabilities()) {
    for (const Property& property : capability.properties) {
      examples.push_back(example_message(capability, property, version));
    }
  }
  std::vector<BenchMessage> messages;
  for (std::size_t i = 0; i < count; ++i) {
    auto [topic, payload] = examples[i % examples.size()];
    payload["message_id"] = fmt::format("{:064X}", i * 0x9E3779B97F4A7C15U);
    for (auto& [capability, properties] : payload["data"].items()) {
      for (auto& [property, value] : properties.items()) {
        Json& object = value.is_array() ? value.at(0) : value;
        object["timestamp"] =
            format_rfc3339(start.time_since_epoch() + i * std::chrono::milliseconds(737));
      }
    }
    messages.push_back({std::move(topic), write_document(payload)});
    messages.back().payload.reserve(messages.back().payload.size() + simdjson::SIMDJSON_PADDING);
  }
  return messages;
}

// What cars of a fleet send: some forty properties, in V2 several of them in a message.
std::vector<BenchMessage> make_fleet_messages(std::size_t count, StreamVersion version) {
  auto fleet = Fleet::create({.cars = 500, .count = count, .stream = version});
  std::vector<BenchMessage> messages;
  for (RecordedMessage recorded; fleet->next(recorded);) {
    messages.push_back({recorded.message.topic, recorded.message.payload});
    messages.back().payload.reserve(messages.back().payload.size() + simdjson::SIMDJSON_PADDING);
  }
  return messages;
}

template <typename Work>
double seconds_of(Work work) {
  const MonotonicTime before = monotonic_now();
  work();
  return std::chrono::duration<double>(monotonic_now() - before).count();
}

// Of this program alone: what else runs on the machine does not count.
template <typename Work>
double cpu_seconds_of(Work work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double before = now();
  work();
  return now() - before;
}

// How long a cache line is on its way from one processor to the other. On some machines two of them
// share a cache (40 ns), on some they do not (200 ns), and a guest may be moved between such pairs
// while it runs: threads that work on one stream then gain less.
double nanoseconds_between_processors() {
  constexpr int trips = 100'000;
  alignas(128) std::atomic<int> ball{0};
  const auto play = [&](int first) {
    for (int turn = first; turn < 2 * trips; turn += 2) {
      while (ball.load(std::memory_order_acquire) != turn) {
      }
      ball.store(turn + 1, std::memory_order_release);
    }
  };
  const double seconds = seconds_of([&] {
    std::thread other(play, 1);
    play(0);
    other.join();
  });
  return seconds / (2 * trips) * 1e9;
}

class Bench {
 public:
  Bench(std::vector<BenchMessage> messages, const MessageSchemas& schemas)
      : messages_(std::move(messages)), schemas_(schemas) {}

  // By processor time where one thread works, by the clock too where two do.
  void run() {
    double parse = 1e9;
    double one = 1e9;
    double one_by_the_clock = 1e9;
    double two = 1e9;
    double two_by_the_clock = 1e9;
    for (int round = 0; round < rounds; ++round) {
      parse = std::min(parse, cpu_seconds_of([&] { parse_all(); }));
      one = std::min(one, cpu_seconds_of([&] { validate_all(1); }));
      one_by_the_clock = std::min(one_by_the_clock, seconds_of([&] { validate_all(1); }));
      two = std::min(two, cpu_seconds_of([&] { validate_all(2); }));
      two_by_the_clock = std::min(two_by_the_clock, seconds_of([&] { validate_all(2); }));
    }
    std::size_t bytes = 0;
    for (const BenchMessage& message : messages_) {
      bytes += message.payload.size();
    }
    const auto count = static_cast<double>(messages_.size());
    fmt::print("{} messages of {} bytes on average\n", messages_.size(), bytes / messages_.size());
    fmt::print("  simdjson DOM parse alone   {:5.2f} M/s\n", count / parse / 1e6);
    fmt::print("  autotape, one thread       {:5.2f} M/s   {:.2f} x the time of the parse\n",
               count / one / 1e6, one / parse);
    fmt::print(
        "  autotape, two threads      {:5.2f} M/s   {:.2f} x one thread by the clock, for {:.2f} x "
        "its "
        "processor time\n",
        count / two_by_the_clock / 1e6, one_by_the_clock / two_by_the_clock, two / one);
    fmt::print("  not judged by the first look: {}\n", unsure_);
  }

 private:
  void parse_all() {
    simdjson::dom::parser parser;
    for (const BenchMessage& message : messages_) {
      simdjson::dom::element root;
      // The payloads have simdjson's padding, so nothing is copied.
      if (parser.parse(message.payload.data(), message.payload.size(), false).get(root) !=
          simdjson::SUCCESS) {
        std::abort();
      }
    }
  }

  void validate_all(unsigned threads) {
    struct Range {
      std::size_t first = 0;
      std::size_t last = 0;
      std::size_t unsure = 0;
    };
    constexpr std::size_t batch = 1024;
    struct alignas(two_cache_lines) Worker {
      MessageValidator validator;
    };
    std::vector<Worker> workers;
    for (unsigned thread = 0; thread < threads; ++thread) {
      workers.push_back({MessageValidator(schemas_)});
    }
    std::size_t next = 0;
    unsure_ = 0;
    PipelineSteps<Range> steps;
    steps.read = [&](Range& range) -> Result<bool> {
      range = {next, std::min(next + batch, messages_.size()), 0};
      next = range.last;
      return range.first < range.last;
    };
    steps.work = [&](unsigned thread, Range& range) {
      std::vector<MessageView> views;
      std::vector<MessageView> unsure;
      for (std::size_t i = range.first; i < range.last; ++i) {
        views.push_back({messages_[i].topic, messages_[i].payload, latest});
      }
      // Warnings are as good a verdict as none: the message is valid.
      const auto verdicts = workers[thread].validator.judge(views);
      for (std::size_t i = 0; i < views.size(); ++i) {
        if (verdicts[i] == FastVerdict::unsure) {
          ++range.unsure;
          unsure.push_back(views[i]);
        }
      }
      std::vector<MessageViolation> found;
      workers[thread].validator.check(unsure, found);
      if (std::any_of(found.begin(), found.end(), [](const MessageViolation& one) {
            return one.violation.severity == Severity::error;
          })) {
        std::abort();
      }
    };
    steps.finish = [&](Range& range) -> Result<void> {
      unsure_ += range.unsure;
      return {};
    };
    (void)run_pipeline(threads, steps);
  }

  std::vector<BenchMessage> messages_;
  const MessageSchemas& schemas_;
  std::size_t unsure_ = 0;
};

int write_files(const std::string& folder) {
  std::string lines;
  for (const BenchMessage& message : make_messages(20'000, StreamVersion::v1)) {
    lines += message.payload + "\n";
  }
  const Json schema = json_schema(Catalogue::level13(), StreamVersion::v1, SchemaPart::data);
  const bool written = write_file(folder + "/payloads.ndjson", lines).ok() &&
                       write_file(folder + "/schema.json", write_document(schema)).ok();
  return written ? 0 : 1;
}

int run(const std::vector<std::string>& arguments) {
  if (arguments.size() == 2 && arguments[0] == "--write") {
    return write_files(arguments[1]);
  }
  std::size_t count = 200'000;
  if (!arguments.empty()) {
    std::from_chars(arguments[0].data(), arguments[0].data() + arguments[0].size(), count);
  }
  const MonotonicTime before = monotonic_now();
  const auto schemas = MessageSchemas::built_in();
  const double compile =
      std::chrono::duration<double, std::milli>(monotonic_now() - before).count();
  fmt::print("both schemas compiled in {:.1f} ms\n", compile);
  fmt::print("a cache line goes from processor to processor in {:.0f} ns\n",
             nanoseconds_between_processors());
  fmt::print("V1, all properties: ");
  Bench(make_messages(count, StreamVersion::v1), schemas).run();
  fmt::print("V2, all properties: ");
  Bench(make_messages(count, StreamVersion::v2), schemas).run();
  fmt::print("V1, a fleet: ");
  Bench(make_fleet_messages(count, StreamVersion::v1), schemas).run();
  fmt::print("V2, a fleet: ");
  Bench(make_fleet_messages(count, StreamVersion::v2), schemas).run();
  return 0;
}

}  // namespace
}  // namespace autotape

int main(int argc, char** argv) {
  return autotape::run(std::vector<std::string>(argv + 1, argv + argc));
}
