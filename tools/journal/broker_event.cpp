#include "journal/broker_event.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

#include "core/rfc3339.hpp"
#include "core/text.hpp"
#include "json/parser.hpp"
#include "json/write.hpp"

namespace autotape {
namespace {

constexpr std::array<std::pair<BrokerEventKind, std::string_view>, 16> kinds{{
    {BrokerEventKind::started, "started"},
    {BrokerEventKind::stopped, "stopped"},
    {BrokerEventKind::died, "died"},
    {BrokerEventKind::possible_loss, "possible_loss"},
    {BrokerEventKind::connected, "connected"},
    {BrokerEventKind::refused, "refused"},
    {BrokerEventKind::disconnected, "disconnected"},
    {BrokerEventKind::subscribed, "subscribed"},
    {BrokerEventKind::subscribe_refused, "subscribe_refused"},
    {BrokerEventKind::unsubscribed, "unsubscribed"},
    {BrokerEventKind::published, "published"},
    {BrokerEventKind::publish_refused, "publish_refused"},
    {BrokerEventKind::delivered, "delivered"},
    {BrokerEventKind::redelivered, "redelivered"},
    {BrokerEventKind::acknowledged, "acknowledged"},
    {BrokerEventKind::fault, "fault"},
}};

void add_text(std::string& line, std::string_view name, const std::optional<std::string>& value) {
  if (value) {
    fmt::format_to(std::back_inserter(line), ",\"{}\":", name);
    append_json_string(line, is_utf8(*value) ? *value : printable(*value, value->size()));
  }
}

template <typename T>
void add_number(std::string& line, std::string_view name, const std::optional<T>& value) {
  if (value) {
    fmt::format_to(std::back_inserter(line), ",\"{}\":{}", name, *value);
  }
}

std::optional<std::string> text_member(const JsonObject& object, std::string_view key) {
  const auto text = string_member(object, key);
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

template <typename T>
std::optional<T> number_member(const JsonObject& object, std::string_view key) {
  const auto number = integer_member(object, key);
  return number ? std::optional(static_cast<T>(*number)) : std::nullopt;
}

}  // namespace

std::string_view name_of(BrokerEventKind kind) {
  for (const auto& [value, name] : kinds) {
    if (value == kind) {
      return name;
    }
  }
  return {};
}

std::optional<BrokerEventKind> broker_event_kind(std::string_view name) {
  for (const auto& [value, known] : kinds) {
    if (known == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string write_broker_event(const BrokerEvent& event) {
  std::string line =
      fmt::format(R"({{"time":"{}","event":"{}")", format_rfc3339(event.time.time_since_epoch()),
                  name_of(event.kind));
  add_text(line, "client", event.client);
  add_text(line, "role", event.role);
  add_text(line, "app_id", event.app_id);
  add_text(line, "address", event.address);
  add_text(line, "rule", event.rule);
  add_number(line, "message", event.message);
  add_text(line, "message_id", event.message_id);
  add_number(line, "mid", event.mid);
  add_text(line, "topic", event.topic);
  add_text(line, "filter", event.filter);
  add_number(line, "protocol", event.protocol);
  add_number(line, "clean_session", event.clean_session);
  add_number(line, "session_present", event.session_present);
  add_text(line, "detail", event.detail);
  line += '}';
  return line;
}

Result<BrokerEvent> read_broker_event(std::string_view line, const std::string& where) {
  thread_local JsonParser parser;
  auto parsed = parser.parse(line);
  JsonObject object;
  if (!parsed || parsed->get_object().get(object) != simdjson::SUCCESS) {
    return file_error(where, "is no broker event");
  }
  const auto kind = broker_event_kind(string_member(object, "event").value_or(""));
  const auto time = parse_rfc3339_as<ReceivedClock>(string_member(object, "time").value_or(""));
  if (!kind || !time) {
    return file_error(where, "is no broker event: 'time' or 'event' is missing or unknown");
  }
  BrokerEvent event;
  event.time = *time;
  event.kind = *kind;
  event.client = text_member(object, "client");
  event.role = text_member(object, "role");
  event.app_id = text_member(object, "app_id");
  event.address = text_member(object, "address");
  event.rule = text_member(object, "rule");
  event.message = number_member<std::uint64_t>(object, "message");
  event.message_id = text_member(object, "message_id");
  event.mid = number_member<std::uint16_t>(object, "mid");
  event.topic = text_member(object, "topic");
  event.filter = text_member(object, "filter");
  event.protocol = number_member<int>(object, "protocol");
  event.clean_session = bool_member(object, "clean_session");
  event.session_present = bool_member(object, "session_present");
  event.detail = text_member(object, "detail");
  return event;
}

}  // namespace autotape
