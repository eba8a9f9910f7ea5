// How fast a delivery plan is made, and what memory it takes.
//
//     scripts/bench plan [DELIVERIES]        2,000,000 for each rate, and five times as many for
//     the memory
//
// Prints one line for each figure. Rates are medians of three; processor time is that of all
// threads.
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/file.hpp"
#include "core/time.hpp"
#include "scenario/scenario_plan.hpp"
#include "shape/plan.hpp"
#include "shape/plan_file.hpp"
#include "tape/writer.hpp"

using namespace autotape;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t payload_size = 400;

// Messages of 200 cars, ten thousand in a second, made while they are read.
class MadeUpTape final : public TapeReader {
 public:
  explicit MadeUpTape(std::uint64_t count) : count_(count) {
    for (std::size_t car = 0; car < topics_.size(); ++car) {
      topics_[car] = fmt::format(
          "sandbox/level13/0123456789ABCDEF01234567/WATDEMPT0TRA1N{:03}/diagnostics/get/speed",
          car);
    }
  }

  std::string_view format() const override { return "made up"; }
  const TapeHeader& header() const override { return header_; }
  const TapeDamage& damage() const override { return damage_; }

  Result<TapeRecord> next(RecordedMessage& recorded, Marker&) override {
    if (made_ == count_) {
      return TapeRecord::end;
    }
    recorded.received = ReceivedTime(std::chrono::hours(490'000) + 100us * made_);
    recorded.message.topic = topics_[made_ % topics_.size()];
    payload_.replace(15, 20, fmt::format("{:020}", made_));
    recorded.message.payload = payload_;
    ++made_;
    return TapeRecord::message;
  }

 private:
  static std::string make_payload() {
    std::string text =
        R"({"message_id":"0000000000000000000000000000000000000000000000000000000000000000","version":1,)"
        R"("vin":"WATDEMPT0TRA1N001","capability":"diagnostics","property":"speed","data":{"diagnostics":)"
        R"({"speed":{"data":{"unit":"kilometers_per_hour","value":97.5},"timestamp":"2026-03-02T06:45:00.000Z")"
        R"(}}},"padding":")";
    text.append(payload_size - text.size() - 2, 'x');
    return text + "\"}";
  }

  std::uint64_t count_;
  std::uint64_t made_ = 0;
  std::array<std::string, 200> topics_;
  std::string payload_ = make_payload();
  TapeHeader header_;
  TapeDamage damage_;
};

OpenTape made_up_tape(std::uint64_t count) {
  return [count]() -> Result<std::unique_ptr<TapeReader>> {
    return std::unique_ptr<TapeReader>(std::make_unique<MadeUpTape>(count));
  };
}

Shape duplicates_and_disorder() {
  Shape shape;
  add_stage(shape, DuplicateSettings{0.1, 1, ExponentialDuration{50ms}});
  add_stage(shape, ReorderSettings{ReorderMode::late, 8});
  return shape;
}

struct Used {
  double seconds = 0;
  double processor_seconds = 0;
};

double processor_seconds_so_far() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

double peak_megabytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

[[noreturn]] void give_up(const Error& error) {
  fmt::print(stderr, "plan_bench: {}\n", error.line());
  std::exit(1);
}

// Gives each line of a plan to `write`; returns the number of deliveries.
std::uint64_t write_lines(DeliverySource& plan, const std::function<void(std::string&)>& write) {
  const PlanLines lines(plan.stage_names());
  std::string buffer;
  std::uint64_t deliveries = 0;
  while (true) {
    const auto item = plan.next();
    if (!item) {
      give_up(item.error());
    }
    if (!*item) {
      write(buffer);
      return deliveries;
    }
    lines.append(buffer, **item);
    deliveries += std::holds_alternative<Delivery>(**item) ? 1U : 0U;
    if (buffer.size() > (1U << 18U)) {
      write(buffer);
      buffer.clear();
    }
  }
}

std::uint64_t count_deliveries(DeliverySource& plan) {
  std::uint64_t deliveries = 0;
  while (true) {
    const auto item = plan.next();
    if (!item) {
      give_up(item.error());
    }
    if (!*item) {
      return deliveries;
    }
    deliveries += std::holds_alternative<Delivery>(**item) ? 1U : 0U;
  }
}

void measure(const char* what, const std::function<std::uint64_t()>& run) {
  std::array<Used, 3> runs;
  std::uint64_t deliveries = 0;
  for (Used& used : runs) {
    const MonotonicTime begun = monotonic_now();
    const double processor_begun = processor_seconds_so_far();
    deliveries = run();
    used.seconds = static_cast<double>((monotonic_now() - begun).count()) / 1e9;
    used.processor_seconds = processor_seconds_so_far() - processor_begun;
  }
  const auto median = [&](double Used::*member) {
    std::sort(runs.begin(), runs.end(),
              [member](const Used& a, const Used& b) { return a.*member < b.*member; });
    return runs[1].*member / static_cast<double>(deliveries);
  };
  fmt::print("{:42} {:5.2f} M deliveries/s; {:4.0f} ns of processor time each\n", what,
             1e-6 / median(&Used::seconds), median(&Used::processor_seconds) * 1e9);
}

void write_tape(const std::string& path, std::uint64_t count) {
  MadeUpTape tape(count);
  auto writer = create_tape(path, {}, FileAccess::everyone, true);
  if (!writer) {
    give_up(writer.error());
  }
  RecordedMessage message;
  while (*tape.next_message(message)) {
    if (const auto written = (*writer)->append(message); !written) {
      give_up(written.error());
    }
  }
  if (const auto closed = (*writer)->close(); !closed) {
    give_up(closed.error());
  }
}

}  // namespace

int main(int argument_count, char** arguments) {
  const std::uint64_t count =
      argument_count > 1 ? std::strtoull(arguments[1], nullptr, 10) : 2'000'000;

  const double before = peak_megabytes();
  DeliveryPlan long_plan(made_up_tape(count * 5), {}, duplicates_and_disorder(), 1);
  const std::uint64_t planned = count_deliveries(long_plan);
  fmt::print("{:42} {:5.1f} MiB more than before it\n", fmt::format("{} deliveries", planned),
             peak_megabytes() - before);

  measure("no stage", [&] {
    DeliveryPlan plan(made_up_tape(count), {}, {}, 1);
    return count_deliveries(plan);
  });
  measure("duplicates and disorder", [&] {
    DeliveryPlan plan(made_up_tape(count), {}, duplicates_and_disorder(), 1);
    return count_deliveries(plan);
  });
  measure("  and lines", [&] {
    DeliveryPlan plan(made_up_tape(count), {}, duplicates_and_disorder(), 1);
    return write_lines(plan, [](std::string&) {});
  });

  for (const char* const format : {"mcap", "ndjson"}) {
    const std::string path = fmt::format("/tmp/plan_bench.{}.{}", ::getpid(), format);
    write_tape(path, count);
    for (const unsigned threads : {1U, 2U}) {
      measure(fmt::format("  from {} to a file, {} threads", format, threads).c_str(), [&] {
        Scenario scenario;
        scenario.tape = path;
        scenario.shape = duplicates_and_disorder();
        const auto plan = plan_scenario(scenario, threads);
        auto file = open_append_file(path + ".plan", OpenMode::truncate);
        if (!plan || !file) {
          give_up(plan ? file.error() : plan.error());
        }
        return write_lines(**plan, [&](std::string& lines) {
          if (const auto written = (*file)->append(lines); !written) {
            give_up(written.error());
          }
        });
      });
    }
    std::remove(path.c_str());
    std::remove((path + ".plan").c_str());
  }
}
