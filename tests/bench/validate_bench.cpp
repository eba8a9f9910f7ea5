// How fast messages are validated, against simdjson's DOM parse of the same bytes alone: both in
// one run.
//
//   validate_bench [MESSAGES]          200,000 messages by default, of all properties in turn
//   validate_bench --write DIR         the same payloads for other validators: DIR/data.ndjson, one
//   `data` a
//                                      line, and DIR/schema.json
#include <algorithm>
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

template <typename Work>
double seconds_of(Work work) {
  const MonotonicTime before = monotonic_now();
  work();
  return std::chrono::duration<double>(monotonic_now() - before).count();
}

// Of this thread alone: what else runs on the machine does not count.
template <typename Work>
double cpu_seconds_of(Work work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const double before = now();
  work();
  return now() - before;
}

class Bench {
 public:
  Bench(std::vector<BenchMessage> messages, const MessageSchemas& schemas)
      : messages_(std::move(messages)), schemas_(schemas) {}

  // The DOM parse and the validator on one thread by CPU time, two threads by the clock.
  void run() {
    double parse = 1e9;
    double one = 1e9;
    double one_by_the_clock = 1e9;
    double two = 1e9;
    for (int round = 0; round < rounds; ++round) {
      parse = std::min(parse, cpu_seconds_of([&] { parse_all(); }));
      one = std::min(one, cpu_seconds_of([&] { validate_all(1); }));
      one_by_the_clock = std::min(one_by_the_clock, seconds_of([&] { validate_all(1); }));
      two = std::min(two, seconds_of([&] { validate_all(2); }));
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
    fmt::print("  autotape, two threads      {:5.2f} M/s   {:.2f} x one thread\n",
               count / two / 1e6, one_by_the_clock / two);
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
    std::vector<MessageValidator> validators;
    for (unsigned thread = 0; thread < threads; ++thread) {
      validators.emplace_back(schemas_);
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
      std::vector<Violation> violations;
      for (std::size_t i = range.first; i < range.last; ++i) {
        const BenchMessage& message = messages_[i];
        // Warnings are as good a verdict as none: the message is valid.
        if (validators[thread].judge(message.topic, message.payload, latest) ==
            FastVerdict::unsure) {
          ++range.unsure;
          validators[thread].check(message.topic, message.payload, latest, violations);
        }
      }
      if (!violations.empty()) {
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
    const auto payload = parse_document(message.payload, "message");
    lines += write_document(payload->at("data")) + "\n";
  }
  const Json schema = json_schema(Catalogue::level13(), StreamVersion::v1, SchemaPart::data);
  const bool written = write_file(folder + "/data.ndjson", lines).ok() &&
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
  if (!schemas) {
    return 1;
  }
  fmt::print("both schemas compiled in {:.1f} ms\n", compile);
  fmt::print("V1: ");
  Bench(make_messages(count, StreamVersion::v1), *schemas).run();
  fmt::print("V2: ");
  Bench(make_messages(count, StreamVersion::v2), *schemas).run();
  return 0;
}

}  // namespace
}  // namespace autotape

int main(int argc, char** argv) {
  return autotape::run(std::vector<std::string>(argv + 1, argv + argc));
}
