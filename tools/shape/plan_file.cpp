#include "shape/plan_file.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/text.hpp"
#include "json/write.hpp"
#include "tape/ndjson/ndjson_line.hpp"

namespace autotape {
namespace {

constexpr std::uint16_t many = std::numeric_limits<std::uint16_t>::max();

constexpr std::uint64_t any_count = std::numeric_limits<std::int64_t>::max();
constexpr std::uint64_t any_seed = std::numeric_limits<std::uint64_t>::max();
constexpr std::uint64_t any_32_bits = std::numeric_limits<std::uint32_t>::max();

// A plan names the messages of its tape one after the other. A number so far beyond those before is
// damage, for which no memory is set aside.
constexpr std::uint64_t most_messages_ahead = 100'000'000;

void append_text_member(std::string& out, std::string_view name, std::string_view text) {
  if (!text.empty()) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
    append_json_string(out, text);
  }
}

void append_number(std::string& out, std::string_view before, std::uint64_t number) {
  const fmt::format_int digits(number);
  out.append(before).append(digits.data(), digits.size());
}

void append_number_unless_zero(std::string& out, std::string_view before, std::uint64_t number) {
  if (number != 0) {
    append_number(out, before, number);
  }
}

void append_due(std::string& out, DueTime due) {
  append_number(out, ",\"due\":", static_cast<std::uint64_t>(due.time_since_epoch().count()));
}

void append_content(std::string& out, const Message& message) {
  if (message.properties) {
    append_publish_members(out, message);
  } else {
    out += ",\"topic\":";
    append_json_string(out, message.topic);
  }
  if (is_utf8(message.payload)) {
    out += ",\"payload\":";
    append_json_string(out, message.payload);
  } else {
    fmt::format_to(std::back_inserter(out), R"(,"payload_base64":"{}")",
                   encode_base64(message.payload));
  }
}

// Empty if the line does not have it.
std::string object_text(const JsonObject& line, std::string_view name) {
  JsonObject object;
  return line[name].get(object) == simdjson::SUCCESS ? simdjson::to_string(object) : std::string();
}

std::string as_json_string(std::string_view text) {
  std::string json;
  append_json_string(json, text);
  return json;
}

}  // namespace

std::string plan_header_line(const PlanHeader& header) {
  std::string line = "{\"plan\":1";
  append_text_member(line, "tape", header.tape);
  append_text_member(line, "tape_sha256", header.tape_sha256);
  if (!header.generate.empty()) {
    line += ",\"generate\":" + header.generate;
    append_text_member(line, "stream", header.stream);
  }
  append_text_member(line, "scenario", header.scenario);
  if (!header.replay.empty()) {
    line += ",\"replay\":" + header.replay;
  }
  fmt::format_to(std::back_inserter(line), ",\"seed\":{},\"stages\":[", header.seed);
  for (const std::string& stage : header.stages) {
    line += line.back() == '[' ? "" : ",";
    append_json_string(line, stage);
  }
  return line + "]}";
}

PlanLines::PlanLines(const std::vector<std::string>& stage_names) {
  for (const std::string& stage : stage_names) {
    stages_.push_back(as_json_string(stage));
    std::vector<std::string>& actions = actions_.emplace_back();
    for (std::size_t kind = 0; kind < action_kind_count; ++kind) {
      actions.push_back(
          as_json_string(fmt::format("{}/{}", stage, name_of(static_cast<ActionKind>(kind)))));
    }
  }
}

void PlanLines::append(std::string& out, const PlanItem& item) const {
  if (const auto* const delivery = std::get_if<Delivery>(&item)) {
    append_delivery(out, *delivery);
  } else {
    append_drop(out, std::get<Drop>(item));
  }
  out += '\n';
}

void PlanLines::append_delivery(std::string& out, const Delivery& delivery) const {
  append_number(out, "{\"delivery\":", delivery.index);
  append_number_unless_zero(out, ",\"message\":", delivery.message);
  append_number_unless_zero(out, ",\"pass\":", delivery.pass);
  append_number_unless_zero(out, ",\"copy\":", delivery.copy);
  append_due(out, delivery.due);
  std::string_view before = ",\"actions\":[";
  for (const StageAction& action : delivery.actions) {
    out.append(before).append(actions_.at(action.stage).at(static_cast<std::size_t>(action.kind)));
    before = ",";
  }
  out += delivery.actions.empty() ? "" : "]";
  if (delivery.altered) {
    append_content(out, *delivery.content);
  }
  out += '}';
}

void PlanLines::append_drop(std::string& out, const Drop& drop) const {
  append_number(out, "{\"dropped\":", drop.message);
  append_number_unless_zero(out, ",\"pass\":", drop.pass);
  append_number_unless_zero(out, ",\"copy\":", drop.copy);
  out.append(",\"by\":").append(stages_.at(drop.stage));
  append_due(out, drop.due);
  out += '}';
}

Result<std::unique_ptr<SavedPlan>> SavedPlan::open(const std::string& path) {
  std::unique_ptr<SavedPlan> plan(new SavedPlan(path));
  AUTOTAPE_TRY(plan->start_lines());
  AUTOTAPE_TRY(plan->count_uses());
  AUTOTAPE_TRY(plan->start_lines());
  plan->tape_ = [tape = plan->header_.tape] { return open_tape(tape); };
  return plan;
}

Result<PlanHeader> SavedPlan::read_header(const std::string& path) {
  SavedPlan plan(path);
  AUTOTAPE_TRY(plan.start_lines());
  return std::move(plan.header_);
}

Result<void> SavedPlan::start_lines() {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path_));
  lines_ = std::make_unique<LineReader>(std::move(file));
  JsonObject line;
  AUTOTAPE_TRY_ASSIGN(const bool found, next_line(line));
  if (!found || integer_member(line, "plan") != 1) {
    return file_error(path_, "is not a delivery plan: its first line has no \"plan\":1");
  }
  const auto text = [&](std::string_view name) {
    return std::string(string_member(line, name).value_or(""));
  };
  header_.tape = text("tape");
  header_.tape_sha256 = text("tape_sha256");
  header_.stream = text("stream");
  header_.scenario = text("scenario");
  AUTOTAPE_TRY_ASSIGN(header_.seed, count_member(line, "seed", any_seed));
  header_.stages.clear();
  header_.generate = object_text(line, "generate");
  header_.replay = object_text(line, "replay");
  JsonArray stages;
  if (line["stages"].get(stages) == simdjson::SUCCESS) {
    for (const JsonElement stage : stages) {
      std::string_view name;
      if (stage.get(name) == simdjson::SUCCESS) {
        header_.stages.emplace_back(name);
      }
    }
  }
  return {};
}

Result<void> SavedPlan::count_uses() {
  JsonObject line;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, next_line(line));
    if (!found) {
      return {};
    }
    AUTOTAPE_TRY_ASSIGN(const std::uint64_t number, count_member(line, "message", any_count));
    if (number == 0 || string_member(line, "topic")) {
      continue;
    }
    if (number > uses_.size()) {
      if (number - uses_.size() > most_messages_ahead) {
        return at_this_line(fmt::format("needs message {}, which no tape has", number));
      }
      uses_.resize(std::max<std::uint64_t>(number, uses_.size() * 2));
    }
    std::uint16_t& uses = uses_[number - 1];
    uses = uses == many ? many : static_cast<std::uint16_t>(uses + 1);
  }
}

Result<std::optional<PlanItem>> SavedPlan::next() {
  JsonObject line;
  AUTOTAPE_TRY_ASSIGN(const bool found, next_line(line));
  if (!found) {
    return std::optional<PlanItem>();
  }
  if (integer_member(line, "dropped")) {
    AUTOTAPE_TRY_ASSIGN(Drop drop, read_drop(line));
    return std::optional<PlanItem>(drop);
  }
  AUTOTAPE_TRY_ASSIGN(Delivery delivery, read_delivery(line));
  return std::optional<PlanItem>(std::move(delivery));
}

Result<bool> SavedPlan::next_line(JsonObject& line) {
  std::string_view text;
  AUTOTAPE_TRY_ASSIGN(const bool found, lines_->next(text));
  if (!found) {
    return false;
  }
  const auto parsed = parser_.parse(text);
  if (!parsed) {
    return at_this_line(parsed.error().what);
  }
  if (parsed->get(line) != simdjson::SUCCESS) {
    return at_this_line("is not a JSON object");
  }
  return true;
}

Result<Delivery> SavedPlan::read_delivery(const JsonObject& line) {
  Delivery delivery;
  AUTOTAPE_TRY_ASSIGN(delivery.index, count_member(line, "delivery", any_count));
  AUTOTAPE_TRY_ASSIGN(delivery.message, count_member(line, "message", any_count));
  if (delivery.index == 0 || delivery.message == 0) {
    return at_this_line("has neither a delivery with its message nor a drop");
  }
  AUTOTAPE_TRY_ASSIGN(const std::uint64_t pass, count_member(line, "pass", any_32_bits));
  AUTOTAPE_TRY_ASSIGN(const std::uint64_t copy, count_member(line, "copy", any_32_bits));
  delivery.pass = static_cast<std::uint32_t>(pass);
  delivery.copy = static_cast<std::uint32_t>(copy);
  AUTOTAPE_TRY_ASSIGN(delivery.due, read_due(line));
  AUTOTAPE_TRY_ASSIGN(delivery.actions, read_actions(line));
  if (string_member(line, "topic")) {
    AUTOTAPE_TRY_ASSIGN(delivery.content, read_content(line));
    delivery.altered = true;
  } else {
    AUTOTAPE_TRY_ASSIGN(delivery.content, message(delivery.message));
  }
  return delivery;
}

Result<ActionList> SavedPlan::read_actions(const JsonObject& line) const {
  ActionList read;
  JsonArray actions;
  if (line["actions"].get(actions) != simdjson::SUCCESS) {
    return read;
  }
  for (const JsonElement action : actions) {
    std::string_view text;
    const bool is_text = action.get(text) == simdjson::SUCCESS;
    const std::size_t slash = text.rfind('/');
    const auto kind = action_kind(text.substr(slash + 1));
    if (!is_text || slash == std::string_view::npos || !kind) {
      return at_this_line(fmt::format("has an unknown action \"{}\"", printable(text)));
    }
    AUTOTAPE_TRY_ASSIGN(const std::uint16_t stage, stage_called(text.substr(0, slash)));
    read.push_back({stage, *kind});
  }
  return read;
}

// Of an altered message.
Result<std::shared_ptr<const Message>> SavedPlan::read_content(const JsonObject& line) const {
  auto content = std::make_shared<Message>();
  if (const auto read = read_publish_members(line, *content); !read) {
    return at_this_line(fmt::format("{} {}", read.error().where, read.error().what));
  }
  if (const auto payload = string_member(line, "payload")) {
    content->payload = *payload;
    return std::shared_ptr<const Message>(std::move(content));
  }
  const auto base64 = string_member(line, "payload_base64");
  auto payload = base64 ? decode_base64(*base64) : std::nullopt;
  if (!payload) {
    return at_this_line(base64 ? "/payload_base64 must be base 64 (RFC 4648 section 4)"
                               : "has a topic and no payload");
  }
  content->payload = std::move(*payload);
  return std::shared_ptr<const Message>(std::move(content));
}

Result<Drop> SavedPlan::read_drop(const JsonObject& line) const {
  Drop drop;
  AUTOTAPE_TRY_ASSIGN(drop.message, count_member(line, "dropped", any_count));
  AUTOTAPE_TRY_ASSIGN(const std::uint64_t pass, count_member(line, "pass", any_32_bits));
  AUTOTAPE_TRY_ASSIGN(const std::uint64_t copy, count_member(line, "copy", any_32_bits));
  drop.pass = static_cast<std::uint32_t>(pass);
  drop.copy = static_cast<std::uint32_t>(copy);
  AUTOTAPE_TRY_ASSIGN(drop.due, read_due(line));
  AUTOTAPE_TRY_ASSIGN(drop.stage, stage_called(string_member(line, "by").value_or("")));
  return drop;
}

// 0 if the line does not have it.
Result<std::uint64_t> SavedPlan::count_member(const JsonObject& line, std::string_view name,
                                              std::uint64_t most) const {
  std::uint64_t number = 0;
  const auto code = line[name].get(number);
  if ((code != simdjson::SUCCESS && code != simdjson::NO_SUCH_FIELD) || number > most) {
    return at_this_line(fmt::format("/{} must be a whole number from 0 to {}", name, most));
  }
  return number;
}

Result<DueTime> SavedPlan::read_due(const JsonObject& line) const {
  AUTOTAPE_TRY_ASSIGN(const std::uint64_t due, count_member(line, "due", any_count));
  return DueTime(Duration(due));
}

Result<std::shared_ptr<const Message>> SavedPlan::message(std::uint64_t number) {
  if (reader_ == nullptr) {
    AUTOTAPE_TRY_ASSIGN(reader_, tape_());
  }
  while (messages_read_ < number) {
    AUTOTAPE_TRY_ASSIGN(const bool found, reader_->next_message(read_));
    if (!found) {
      return file_error(header_.tape, fmt::format("has {} messages, and {} needs number {}",
                                                  messages_read_, path_, number));
    }
    if (++messages_read_ <= uses_.size() && uses_[messages_read_ - 1] > 0) {
      auto content = std::make_shared<Message>(std::move(read_.message));
      content->qos = 1;
      content->retain = false;
      content->dup = false;
      kept_.emplace(messages_read_, std::move(content));
    }
  }
  const auto found = kept_.find(number);
  if (found == kept_.end()) {
    return at_this_line(fmt::format("needs message {} once more than the plan said", number));
  }
  std::shared_ptr<const Message> content = found->second;
  std::uint16_t& uses = uses_[number - 1];
  if (uses != many && --uses == 0) {
    kept_.erase(found);
  }
  return content;
}

Result<std::uint16_t> SavedPlan::stage_called(std::string_view name) const {
  const auto found = std::find(header_.stages.begin(), header_.stages.end(), name);
  if (found == header_.stages.end()) {
    return at_this_line(
        fmt::format("names a stage \"{}\" that the header does not know", printable(name)));
  }
  return static_cast<std::uint16_t>(found - header_.stages.begin());
}

Error SavedPlan::at_this_line(std::string what) const {
  return file_error(fmt::format("{}:{}", path_, lines_->number()), std::move(what));
}

}  // namespace autotape
