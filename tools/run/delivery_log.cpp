#include "run/delivery_log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

#include "core/base64.hpp"
#include "core/text.hpp"
#include "json/parser.hpp"
#include "json/write.hpp"
#include "shape/plan.hpp"

namespace autotape {
namespace {

constexpr std::size_t full_buffer = 64 * 1024;

std::uint64_t number_member(const JsonObject& object, std::string_view key) {
  return static_cast<std::uint64_t>(
      std::max<std::int64_t>(integer_member(object, key).value_or(0), 0));
}

}  // namespace

Result<std::unique_ptr<LoggedPlan>> LoggedPlan::create(const std::string& path,
                                                       std::unique_ptr<DeliverySource> plan) {
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::create));
  return std::unique_ptr<LoggedPlan>(new LoggedPlan(std::move(file), std::move(plan)));
}

LoggedPlan::~LoggedPlan() {
  [[maybe_unused]] const auto closed = close();
}

Result<std::optional<PlanItem>> LoggedPlan::next() {
  AUTOTAPE_TRY_ASSIGN(auto item, plan_->next());
  if (item) {
    if (const auto* const delivery = std::get_if<Delivery>(&*item)) {
      append(*delivery);
    }
  }
  if (!item || buffer_.size() > full_buffer) {
    AUTOTAPE_TRY(close());
  }
  return item;
}

Result<void> LoggedPlan::close() {
  AUTOTAPE_TRY(file_->append(buffer_));
  buffer_.clear();
  return {};
}

void LoggedPlan::append(const Delivery& delivery) {
  const auto out = std::back_inserter(buffer_);
  fmt::format_to(out, R"({{"delivery":{},"message":{})", delivery.index, delivery.message);
  if (delivery.pass != 0) {
    fmt::format_to(out, R"(,"pass":{})", delivery.pass);
  }
  if (delivery.copy != 0) {
    fmt::format_to(out, R"(,"copy":{})", delivery.copy);
  }
  if (!delivery.actions.empty()) {
    buffer_ += R"(,"actions":[)";
    const char* separator = "";
    for (const std::string& name : action_names(delivery, stage_names())) {
      buffer_ += std::exchange(separator, ",");
      append_json_string(buffer_, name);
    }
    buffer_ += ']';
  }
  fmt::format_to(out, R"(,"due":{},"topic":)", delivery.due.time_since_epoch().count());
  append_json_string(buffer_, delivery.content->topic);
  if (is_utf8(delivery.content->payload)) {
    buffer_ += R"(,"payload":)";
    append_json_string(buffer_, delivery.content->payload);
  } else {
    fmt::format_to(out, R"(,"payload_base64":"{}")", encode_base64(delivery.content->payload));
  }
  buffer_ += "}\n";
}

struct DeliveryLogReader::Parser {
  JsonParser json;
};

DeliveryLogReader::DeliveryLogReader(InputFile file)
    : lines_(std::move(file)), parser_(std::make_unique<Parser>()) {}
DeliveryLogReader::~DeliveryLogReader() = default;

Result<std::unique_ptr<DeliveryLogReader>> DeliveryLogReader::open(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  return std::unique_ptr<DeliveryLogReader>(new DeliveryLogReader(std::move(file)));
}

Error DeliveryLogReader::at_this_line(std::string what) const {
  return file_error(fmt::format("{}:{}", lines_.path(), lines_.number()), std::move(what));
}

Result<std::optional<PlanItem>> DeliveryLogReader::next() {
  std::string_view line;
  AUTOTAPE_TRY_ASSIGN(const bool more, lines_.next(line));
  if (!more) {
    return std::optional<PlanItem>();
  }
  AUTOTAPE_TRY_ASSIGN(Delivery delivery, parse(line));
  return std::optional<PlanItem>(std::move(delivery));
}

Result<Delivery> DeliveryLogReader::parse(std::string_view line) {
  const auto root = parser_->json.parse(line);
  JsonObject members;
  if (!root || root.value().get(members) != simdjson::SUCCESS) {
    return at_this_line("is no delivery");
  }
  Delivery delivery;
  delivery.index = number_member(members, "delivery");
  delivery.message = number_member(members, "message");
  delivery.pass = static_cast<std::uint32_t>(number_member(members, "pass"));
  delivery.copy = static_cast<std::uint32_t>(number_member(members, "copy"));
  delivery.due = DueTime(Duration(integer_member(members, "due").value_or(0)));
  JsonArray actions;
  if (members["actions"].get(actions) == simdjson::SUCCESS) {
    for (const JsonElement action : actions) {
      std::string_view name;
      [[maybe_unused]] const auto code = action.get(name);
      const std::size_t slash = std::min(name.rfind('/'), name.size());
      const std::string stage(name.substr(0, slash));
      const auto kind = action_kind(name.substr(std::min(slash + 1, name.size())));
      if (!kind) {
        return at_this_line(fmt::format("\"{}\" is no action", printable(name)));
      }
      const auto known = std::find(stage_names_.begin(), stage_names_.end(), stage);
      const auto number = static_cast<std::uint16_t>(known - stage_names_.begin());
      if (known == stage_names_.end()) {
        stage_names_.push_back(stage);
      }
      delivery.actions.push_back({number, *kind});
    }
  }
  auto content = std::make_shared<Message>();
  content->topic = string_member(members, "topic").value_or("");
  if (const auto payload = string_member(members, "payload")) {
    content->payload = *payload;
  } else if (const auto base64 = string_member(members, "payload_base64")) {
    content->payload = decode_base64(*base64).value_or("");
  } else {
    return at_this_line("is a delivery without payload");
  }
  delivery.content = std::move(content);
  return delivery;
}

}  // namespace autotape
