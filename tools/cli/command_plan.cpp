// autotape plan: what a replay would do, without doing it.
#include <algorithm>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/command_tape.hpp"
#include "cli/interrupt.hpp"
#include "cli/replay_options.hpp"
#include "cli/terminal.hpp"
#include "core/file.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "scenario/scenario_plan.hpp"
#include "shape/plan.hpp"
#include "shape/plan_comparison.hpp"
#include "shape/plan_file.hpp"

namespace autotape {
namespace {

struct PlanOptions {
  ReplayOptions replay;
  std::string input;
  std::string output;
  std::string compare_with;
  unsigned threads = std::min(3U, std::max(1U, std::thread::hardware_concurrency()));
  bool force = false;
};

// Standard output, or a file that appears when it is whole.
class PlanOutput {
 public:
  static Result<PlanOutput> open(const PlanOptions& options) {
    PlanOutput output;
    if (!options.output.empty()) {
      AUTOTAPE_TRY(refuse_overwrite(options.output, options.force));
      output.path_ = options.output;
      AUTOTAPE_TRY_ASSIGN(output.file_,
                          open_append_file(output.partial_path(), OpenMode::truncate));
    }
    return output;
  }

  PlanOutput(PlanOutput&&) = default;
  PlanOutput& operator=(PlanOutput&&) = default;
  ~PlanOutput() {
    if (file_ != nullptr) {
      std::remove(partial_path().c_str());
    }
  }

  std::string& buffer() { return buffer_; }

  Result<void> flush_if_large() { return buffer_.size() < (1U << 18U) ? Result<void>() : flush(); }

  Result<void> close() {
    AUTOTAPE_TRY(flush());
    if (file_ != nullptr) {
      AUTOTAPE_TRY(file_->sync());
      if (std::rename(partial_path().c_str(), path_.c_str()) != 0) {
        return file_error(path_, "cannot rename into place");
      }
      file_.reset();
    }
    return {};
  }

 private:
  PlanOutput() = default;

  std::string partial_path() const { return path_ + ".partial"; }

  Result<void> flush() {
    auto written = file_ == nullptr ? print(buffer_) : file_->append(buffer_);
    buffer_.clear();
    return written;
  }

  std::string path_;
  std::unique_ptr<AppendFile> file_;
  std::string buffer_;
};

struct PlanCounts {
  std::uint64_t deliveries = 0;
  std::uint64_t drops = 0;
  DueTime end{};
  TapeDamage damage;
  bool whole = false;                    // not interrupted
  std::vector<std::string> idle_stages;  // in words
};

Result<PlanCounts> write_plan(const PlanOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const Scenario scenario, scenario_of(options.input, options.replay));
  AUTOTAPE_TRY_ASSIGN(const auto plan, plan_scenario(scenario, options.threads));
  AUTOTAPE_TRY_ASSIGN(const PlanHeader header, plan_header(scenario, *plan));
  AUTOTAPE_TRY_ASSIGN(PlanOutput output, PlanOutput::open(options));
  output.buffer() = plan_header_line(header) + "\n";
  const PlanLines lines(plan->stage_names());
  PlanCounts counts;
  ProgressLine progress;
  while (!interrupted() && !output_is_closed()) {
    AUTOTAPE_TRY_ASSIGN(const auto item, plan->next());
    if (!item) {
      counts.whole = true;
      break;
    }
    lines.append(output.buffer(), *item);
    AUTOTAPE_TRY(output.flush_if_large());
    if (const auto* const delivery = std::get_if<Delivery>(&*item)) {
      ++counts.deliveries;
      counts.end = delivery->due;
    } else {
      ++counts.drops;
    }
    if (counts.deliveries % 1024 == 0 && progress.due()) {
      progress.show(fmt::format("{} deliveries", describe_count(counts.deliveries)));
    }
  }
  if (counts.whole) {
    AUTOTAPE_TRY(output.close());
    counts.damage = plan->tape_damage();
    counts.idle_stages = describe_idle_stages(*plan);
  }
  return counts;
}

void describe_difference(std::string& out, std::string_view sign, const std::string& line) {
  if (!line.empty()) {
    out += fmt::format("{} {}\n", sign, printable(line, 300));
  }
}

// Like a diff: what differs on standard output, and what that comes to.
ExitCode compare_plans(const PlanOptions& options) {
  const auto compared = compare_plan_files(options.input, options.compare_with);
  if (!compared) {
    return report_error(compared.error());
  }
  std::string text;
  for (const std::string& member : compared->header) {
    text += member + "\n";
  }
  for (const auto& [first, second] : compared->examples) {
    describe_difference(text, "-", first);
    describe_difference(text, "+", second);
  }
  if (const auto printed = print(text); !printed) {
    return report_error(printed.error());
  }
  if (compared->same_plan()) {
    say("the plans are the same");
    return ExitCode::passed;
  }
  say(
      fmt::format("the plans differ: {} lines at another time or place, {} with other actions or "
                  "content, {} only in {}, {} only in {}; {} are the same",
                  describe_count(compared->moved), describe_count(compared->altered),
                  describe_count(compared->only_in_first), options.input,
                  describe_count(compared->only_in_second), options.compare_with,
                  describe_count(compared->same)));
  return ExitCode::check_failed;
}

ExitCode run_plan(const PlanOptions& options) {
  if (!options.compare_with.empty()) {
    return compare_plans(options);
  }
  const auto counts = write_plan(options);
  if (!counts) {
    return report_error(counts.error());
  }
  if (output_is_closed()) {
    return ExitCode::passed;
  }
  for (const std::string& idle : counts->idle_stages) {
    say("warning: " + idle);
  }
  say(fmt::format("{} deliveries over {}, {} dropped", describe_count(counts->deliveries),
                  describe_duration(counts->end.time_since_epoch()),
                  describe_count(counts->drops)));
  if (!counts->whole) {
    say("interrupted before the end of the plan");
    return ExitCode::loss;
  }
  return graver(report_damage(options.input, counts->damage),
                report_empty(options.input, counts->deliveries + counts->drops));
}

}  // namespace

void add_plan_command(CLI::App& program, Action& chosen) {
  auto options = std::make_shared<PlanOptions>();
  CLI::App& command =
      add_command(program, "plan", "Show or save what a replay would send, and when",
                  "autotape plan scenarios/tunnel-flush.yaml -o tunnel.plan");
  command.add_option("INPUT", options->input, "A scenario (.yaml), a tape, or a plan to compare")
      ->required();
  add_replay_options(command, options->replay);
  add_duration_option(command, "--max-lag", options->replay.max_lag,
                      "Saved for `replay`: end and fail when this far behind the schedule");
  command.add_option("-o", options->output, "Save the plan here instead of printing it");
  command.add_option("--compare", options->compare_with,
                     "Compare the plan INPUT with this one; exit 4 if they differ");
  command
      .add_option("--threads", options->threads,
                  "At most; the plan is the same with any number of them")
      ->check(CLI::Range(1U, 64U))
      ->capture_default_str();
  command.add_flag("--force", options->force, "Overwrite the output");
  run_when_chosen(command, chosen, [options] { return run_plan(*options); });
}

}  // namespace autotape
