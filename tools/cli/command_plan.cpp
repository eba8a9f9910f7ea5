// autotape plan: what a replay would do, without doing it.
#include <algorithm>
#include <optional>
#include <thread>

#include <fmt/format.h>

#include "cli/command.hpp"
#include "cli/replay_options.hpp"
#include "cli/terminal.hpp"
#include "core/file.hpp"
#include "core/line_reader.hpp"
#include "core/quantity.hpp"
#include "core/text.hpp"
#include "scenario/scenario_plan.hpp"
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

  std::string& buffer() { return buffer_; }

  Result<void> flush_if_large() { return buffer_.size() < (1U << 18U) ? Result<void>() : flush(); }

  Result<void> close() {
    AUTOTAPE_TRY(flush());
    if (file_ != nullptr) {
      AUTOTAPE_TRY(file_->sync());
      if (std::rename(partial_path().c_str(), path_.c_str()) != 0) {
        return file_error(path_, "cannot rename into place");
      }
    }
    return {};
  }

 private:
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
};

Result<PlanCounts> write_plan(const PlanOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const Scenario scenario, scenario_of(options.input, options.replay));
  AUTOTAPE_TRY_ASSIGN(const auto plan, plan_scenario(scenario, options.threads));
  AUTOTAPE_TRY_ASSIGN(const PlanHeader header, plan_header(scenario, *plan));
  AUTOTAPE_TRY_ASSIGN(PlanOutput output, PlanOutput::open(options));
  output.buffer() = plan_header_line(header) + "\n";
  const PlanLines lines(plan->stage_names());
  PlanCounts counts;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const auto item, plan->next());
    if (!item) {
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
  }
  AUTOTAPE_TRY(output.close());
  return counts;
}

// The first lines in which two plans differ; nothing if they are the same.
Result<std::optional<std::string>> first_difference(const std::string& a, const std::string& b) {
  AUTOTAPE_TRY_ASSIGN(auto file_a, InputFile::open(a));
  AUTOTAPE_TRY_ASSIGN(auto file_b, InputFile::open(b));
  LineReader lines_a(std::move(file_a));
  LineReader lines_b(std::move(file_b));
  while (true) {
    std::string_view line_a;
    std::string_view line_b;
    AUTOTAPE_TRY_ASSIGN(const bool found_a, lines_a.next(line_a));
    AUTOTAPE_TRY_ASSIGN(const bool found_b, lines_b.next(line_b));
    if (!found_a && !found_b) {
      return std::optional<std::string>();
    }
    if (found_a != found_b || line_a != line_b) {
      return std::optional(fmt::format(
          "line {}\n- {}\n+ {}\n", found_a ? lines_a.number() : lines_b.number(),
          found_a ? printable(line_a, 300) : "(end)", found_b ? printable(line_b, 300) : "(end)"));
    }
  }
}

ExitCode compare_plans(const PlanOptions& options) {
  const auto difference = first_difference(options.input, options.compare_with);
  if (!difference) {
    return report_error(difference.error());
  }
  if (!*difference) {
    say("the plans are the same");
    return ExitCode::passed;
  }
  if (const auto printed = print(**difference); !printed) {
    return report_error(printed.error());
  }
  say("the plans differ");
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
  say(fmt::format("{} deliveries over {}, {} dropped", describe_count(counts->deliveries),
                  describe_duration(counts->end.time_since_epoch()),
                  describe_count(counts->drops)));
  return ExitCode::passed;
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
