// Is a fleet made up as fast as a tape is written, and in memory that does not grow with the tape?
//
//   scripts/bench generate [MESSAGES] [CARS]
//
// Processor time of one thread, so that other work on the machine matters less.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "generate/fleet.hpp"
#include "generate/schema_fuzzer.hpp"
#include "tape/writer.hpp"

using namespace autotape;

namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double peak_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

template <typename Work>
double rate(const char* what, std::uint64_t messages, Work work) {
  const double before = processor_seconds();
  work();
  const double seconds = processor_seconds() - before;
  const double per_second = static_cast<double>(messages) / seconds;
  fmt::print("{:<34} {:>9.0f} messages/s   peak {:>5.0f} MB\n", what, per_second, peak_megabytes());
  return per_second;
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t messages = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 1'000'000;
  const std::uint64_t cars = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000;
  const FleetSettings settings{.cars = cars, .count = messages};
  RecordedMessage message;

  const double tenth = rate("a tenth of the fleet's messages", messages / 10, [&] {
    auto fleet = Fleet::create({.cars = cars, .count = messages / 10});
    while (fleet->next(message)) {
    }
  });
  const double made = rate("the fleet's messages", messages, [&] {
    auto fleet = Fleet::create(settings);
    while (fleet->next(message)) {
    }
  });

  // The same few messages again and again: what the writer alone takes.
  std::vector<RecordedMessage> sample(1'000);
  auto fleet = Fleet::create(settings);
  for (RecordedMessage& one : sample) {
    fleet->next(one);
  }
  const std::string path =
      std::filesystem::temp_directory_path() / fmt::format("generate-bench-{}.ndjson", ::getpid());
  const double written = rate("a tape writer alone (NDJSON)", messages, [&] {
    auto writer = create_tape(path, fleet->header(), FileAccess::everyone, true);
    for (std::uint64_t i = 0; i < messages; ++i) {
      static_cast<void>((*writer)->append(sample[i % sample.size()]));
    }
    static_cast<void>((*writer)->close());
  });
  std::filesystem::remove(path);

  rate("random messages (--fuzz-schema)", messages / 10, [&] {
    auto fuzzer = SchemaFuzzer::create({.count = messages / 10});
    while (fuzzer->next(message)) {
    }
  });
  fmt::print("made / written: {:.2f}   ({:.2f} for the tenth)\n", made / written, tenth / written);
  return 0;
}
