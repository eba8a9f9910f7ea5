// What tapes cost: writing and reading MCAP, their size, and `info` on a large one.
//
//   tape_bench [MESSAGES]      in a folder of its own, which is removed
//
// Rates are messages for each second of processor time of this process's one thread.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <time.h>

#include "core/quantity.hpp"
#include "core/random.hpp"
#include "tape/info.hpp"
#include "tape/reader.hpp"
#include "tape/writer.hpp"

using namespace autotape;

namespace {

constexpr std::uint64_t cars = 20;
constexpr std::uint64_t properties = 10;

double cpu_seconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// The most memory that the process has had, in MiB.
double peak_memory() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) {
      return std::strtod(line.c_str() + 6, nullptr) / 1024;
    }
  }
  return 0;
}

// A message as the provider sends it: 64 random hexadecimal digits, 200 topics.
RecordedMessage message_number(std::uint64_t number) {
  Random random(7, "message", number);
  const std::uint64_t car = random.below(cars);
  const std::string vin = fmt::format("WATDEMPT0TRA1N{:03}", car);
  const std::string property = fmt::format("property_{}", random.below(properties));
  RecordedMessage recorded;
  recorded.received = ReceivedTime(std::chrono::seconds(1'772'434'800) +
                                   std::chrono::microseconds(200 * number + random.below(150)));
  recorded.message.topic =
      fmt::format("sandbox/level13/5A0C0FFEE0DDBA11C0DEFEED/{}/diagnostics/get/{}", vin, property);
  recorded.message.payload = fmt::format(
      R"({{"message_id":"{:016X}{:016X}{:016X}{:016X}","version":1,"vin":"{}","capability":)"
      R"("diagnostics","property":"{}","data":{{"diagnostics":{{"{}":{{"data":{{"unit":)"
      R"("kilometers_per_hour","value":{}.{}}},"timestamp":"2026-03-02T06:{:02}:{:02}.{:03}Z"}}}}}}}})",
      random.next(), random.next(), random.next(), random.next(), vin, property, property,
      random.below(200), random.below(10), number / 60'000 % 60, number / 1000 % 60, number % 1000);
  return recorded;
}

struct Written {
  double seconds = 0;
  std::uint64_t bytes = 0;
};

// Measures the writing, not the making of messages.
Written write_tape(const std::string& path, std::uint64_t count) {
  TapeHeader header;
  header.tool = "tape_bench";
  auto writer = create_tape(path, header, FileAccess::everyone, true);
  if (!writer) {
    fmt::print(stderr, "{}\n", writer.error().line());
    std::exit(5);
  }
  Written written;
  std::vector<RecordedMessage> batch;
  constexpr std::uint64_t batch_size = 1000;
  for (std::uint64_t first = 0; first < count; first += batch_size) {
    batch.clear();
    for (std::uint64_t number = first; number < std::min(first + batch_size, count); ++number) {
      batch.push_back(message_number(number));
    }
    const double before = cpu_seconds();
    for (const RecordedMessage& message : batch) {
      if (!(*writer)->append(message)) {
        std::exit(5);
      }
    }
    written.seconds += cpu_seconds() - before;
  }
  const double before = cpu_seconds();
  if (!(*writer)->close()) {
    std::exit(5);
  }
  written.seconds += cpu_seconds() - before;
  written.bytes = (*writer)->size();
  return written;
}

double read_tape(const std::string& path, std::uint64_t expected) {
  const double before = cpu_seconds();
  auto tape = open_tape(path);
  RecordedMessage message;
  std::uint64_t count = 0;
  while (tape) {
    const auto more = (*tape)->next_message(message);
    if (!more || !*more) {
      break;
    }
    ++count;
  }
  if (count != expected || (*tape)->damage().any()) {
    fmt::print(stderr, "{} messages were read of {}\n", count, expected);
    std::exit(3);
  }
  return cpu_seconds() - before;
}

double wall_milliseconds(const std::function<void()>& work) {
  const auto before = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - before)
      .count();
}

double rate(std::uint64_t count, double seconds) {
  return static_cast<double>(count) / seconds / 1e6;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t count = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10'000'000;
  const std::uint64_t sample = std::min<std::uint64_t>(count, 200'000);
  std::string folder = std::filesystem::temp_directory_path() / "autotape-bench-XXXXXX";
  if (::mkdtemp(folder.data()) == nullptr) {
    return 5;
  }
  const Written ndjson = write_tape(folder + "/t.ndjson", sample);
  const Written compressed = write_tape(folder + "/t.ndjson.zst", sample);
  const Written small = write_tape(folder + "/s.mcap", sample);
  const double share = static_cast<double>(small.bytes) / static_cast<double>(ndjson.bytes);
  fmt::print("size of {} messages: ndjson {}, ndjson.zst {}, mcap {} (1/{:.1f})\n",
             describe_count(sample), describe_byte_count(ndjson.bytes),
             describe_byte_count(compressed.bytes), describe_byte_count(small.bytes), 1 / share);

  const std::string path = folder + "/t.mcap";
  const Written mcap = write_tape(path, count);
  fmt::print("mcap written   {:6.2f} M messages/s, {}\n", rate(count, mcap.seconds),
             describe_byte_count(mcap.bytes));
  fmt::print("ndjson written {:6.2f} M messages/s\n", rate(sample, ndjson.seconds));
  const double reading = read_tape(path, count);
  fmt::print("mcap read      {:6.2f} M messages/s\n", rate(count, reading));
  fmt::print("ndjson read    {:6.2f} M messages/s\n",
             rate(sample, read_tape(folder + "/t.ndjson", sample)));

  std::uint64_t counted = 0;
  const double info = wall_milliseconds([&] {
    if (const auto read = read_tape_info(path)) {
      counted = read->contents.messages;
    }
  });
  fmt::print("info of {} messages: {:.1f} ms\n", describe_count(counted), info);
  fmt::print("memory at most: {:.1f} MiB\n", peak_memory());
  std::filesystem::remove_all(folder);
  return counted == count ? 0 : 1;
}
