#include "shape/plan_comparison.hpp"

#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "core/line_reader.hpp"
#include "json/parser.hpp"
#include "shape/plan_file.hpp"

namespace autotape {
namespace {

constexpr std::size_t most_examples = 5;

using Key = std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>;  // message, pass, copy

struct Line {
  Key key;
  std::uint64_t index = 0;  // of the delivery; 0 for a drop
  std::int64_t due = 0;
  std::string text;

  // What is said behind the due time, or by whom it is dropped: actions and content.
  std::string_view deed() const {
    const std::string_view all = text;
    const std::size_t place = all.find(index == 0 ? "\"by\":" : "\"due\":");
    const std::size_t comma = all.find_first_of(",}", place);
    if (place == std::string_view::npos || comma == std::string_view::npos) {
      return all;
    }
    return index == 0 ? all.substr(place, comma - place) : all.substr(comma);
  }
};

std::uint64_t number_in(const JsonObject& line, std::string_view name) {
  return static_cast<std::uint64_t>(integer_member(line, name).value_or(0));
}

// One of the two plans.
class PlanFile {
 public:
  static Result<PlanFile> open(const std::string& path) {
    AUTOTAPE_TRY_ASSIGN(PlanHeader header, SavedPlan::read_header(path));
    AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
    PlanFile plan(std::move(header), LineReader(std::move(file)));
    std::string_view header_line;
    AUTOTAPE_TRY(plan.lines_.next(header_line));
    return plan;
  }

  const PlanHeader& header() const { return header_; }

  Result<std::optional<Line>> next() {
    std::string_view text;
    AUTOTAPE_TRY_ASSIGN(const bool found, lines_.next(text));
    if (!found) {
      return std::optional<Line>();
    }
    const auto parsed = parser_->parse(text);
    JsonObject object;
    if (!parsed || parsed->get(object) != simdjson::SUCCESS) {
      return file_error(fmt::format("{}:{}", lines_.path(), lines_.number()),
                        parsed ? "is not a JSON object" : parsed.error().what);
    }
    const std::uint64_t dropped = number_in(object, "dropped");
    Line line;
    line.key = {dropped == 0 ? number_in(object, "message") : dropped, number_in(object, "pass"),
                number_in(object, "copy")};
    line.index = number_in(object, "delivery");
    line.due = integer_member(object, "due").value_or(0);
    line.text = text;
    return std::optional(std::move(line));
  }

  std::map<Key, Line> alone;  // without a partner so far

 private:
  PlanFile(PlanHeader header, LineReader lines)
      : header_(std::move(header)),
        lines_(std::move(lines)),
        parser_(std::make_unique<JsonParser>()) {}

  PlanHeader header_;
  LineReader lines_;
  std::unique_ptr<JsonParser> parser_;
};

class Comparison {
 public:
  Comparison(PlanFile first, PlanFile second)
      : first_(std::move(first)), second_(std::move(second)) {}

  Result<PlanComparison> run() {
    compare_headers();
    bool more = true;
    while (more) {
      AUTOTAPE_TRY_ASSIGN(const bool more_of_first, take_from(first_, second_));
      AUTOTAPE_TRY_ASSIGN(const bool more_of_second, take_from(second_, first_));
      more = more_of_first || more_of_second;
    }
    found_.only_in_first = first_.alone.size();
    found_.only_in_second = second_.alone.size();
    for (const auto& [key, line] : first_.alone) {
      add_example(line.text, "");
    }
    for (const auto& [key, line] : second_.alone) {
      add_example("", line.text);
    }
    // Where one has more deliveries than the other, indexes say nothing.
    if (found_.only_in_first + found_.only_in_second == 0) {
      found_.moved += other_index_;
      found_.same -= other_index_;
    }
    return std::move(found_);
  }

 private:
  void compare_headers() {
    const PlanHeader& a = first_.header();
    const PlanHeader& b = second_.header();
    const auto compare = [this](std::string_view name, const auto& one, const auto& other) {
      if (one != other) {
        found_.header.push_back(fmt::format("{}: {} / {}", name, one, other));
      }
    };
    compare("tape", a.tape, b.tape);
    compare("tape_sha256", a.tape_sha256, b.tape_sha256);
    compare("generate", a.generate, b.generate);
    compare("replay", a.replay, b.replay);
    compare("stream", a.stream, b.stream);
    compare("scenario", a.scenario, b.scenario);
    compare("seed", a.seed, b.seed);
    compare("stages", fmt::format("{}", fmt::join(a.stages, ", ")),
            fmt::format("{}", fmt::join(b.stages, ", ")));
  }

  // False at the end of the plan.
  Result<bool> take_from(PlanFile& plan, PlanFile& other) {
    AUTOTAPE_TRY_ASSIGN(auto line, plan.next());
    if (!line) {
      return false;
    }
    const auto partner = other.alone.find(line->key);
    if (partner == other.alone.end()) {
      const Key key = line->key;
      plan.alone.emplace(key, std::move(*line));
      return true;
    }
    if (&plan == &first_) {
      compare(*line, partner->second);
    } else {
      compare(partner->second, *line);
    }
    other.alone.erase(partner);
    return true;
  }

  void compare(const Line& first, const Line& second) {
    if ((first.index == 0) != (second.index == 0) || first.deed() != second.deed()) {
      ++found_.altered;
    } else if (first.due != second.due) {
      ++found_.moved;
    } else {
      ++found_.same;
      other_index_ += first.index != second.index ? 1U : 0U;
      return;
    }
    add_example(first.text, second.text);
  }

  void add_example(const std::string& first, const std::string& second) {
    if (found_.examples.size() < most_examples) {
      found_.examples.push_back({first, second});
    }
  }

  PlanFile first_;
  PlanFile second_;
  std::uint64_t other_index_ = 0;  // with the same due time
  PlanComparison found_;
};

}  // namespace

Result<PlanComparison> compare_plan_files(const std::string& first, const std::string& second) {
  AUTOTAPE_TRY_ASSIGN(PlanFile one, PlanFile::open(first));
  AUTOTAPE_TRY_ASSIGN(PlanFile other, PlanFile::open(second));
  return Comparison(std::move(one), std::move(other)).run();
}

}  // namespace autotape
