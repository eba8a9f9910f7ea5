#include "mockbroker/harness/mosquitto_log.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include <fmt/format.h>

#include "core/text.hpp"
#include "json/string_escape.hpp"
#include "mockbroker/plugin/protocol.hpp"

namespace autotape {
namespace {

template <typename T>
std::optional<T> parse_number(std::string_view text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

std::optional<std::string> unless_empty(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional<std::string>(text);
}

// Empty if it is no text that a JSON parser would read.
std::string unescaped(std::string_view json_string) {
  std::string text;
  const bool read =
      is_utf8(json_string) && unescape_json_string(json_string, text) == EscapeFault::none;
  return read ? text : std::string();
}

bool take_prefix(std::string_view& text, std::string_view prefix) {
  const bool found = text.starts_with(prefix);
  text.remove_prefix(found ? prefix.size() : 0);
  return found;
}

// "ID (d0, q1, r0, m1, 'topic', ... (12 bytes))", from its end, since an id may hold anything.
struct SentPublish {
  std::string_view client;
  bool dup = false;
  std::uint16_t mid = 0;
  std::string_view topic;
};

std::optional<SentPublish> parse_sent(std::string_view text) {
  const std::size_t open = text.find(" (d");
  const std::size_t topic_start = text.find(", '", open);
  const std::size_t topic_end = text.rfind("', ... (");
  const std::size_t mid_start = text.rfind(", m", topic_start);
  if (open == std::string_view::npos || topic_start == std::string_view::npos ||
      topic_end == std::string_view::npos || mid_start == std::string_view::npos ||
      topic_end < topic_start + 3 || mid_start < open) {
    return std::nullopt;
  }
  const auto mid = parse_number<std::uint16_t>(text.substr(mid_start + 3));
  return SentPublish{text.substr(0, open), text[open + 3] == '1', mid.value_or(0),
                     text.substr(topic_start + 3, topic_end - topic_start - 3)};
}

BrokerEvent event_of(BrokerEventKind kind, std::string_view client) {
  BrokerEvent event;
  event.kind = kind;
  event.client = unless_empty(client);
  return event;
}

}  // namespace

void MosquittoLog::take(std::string_view line, const Happened& happened,
                        const std::function<void(std::string_view)>& say) {
  if (line.starts_with(plugin_line_mark)) {
    take_plugin_line(line.substr(1), happened);
    return;
  }
  std::string_view rest = line;
  if (take_prefix(rest, "Sending PUBLISH to ")) {
    sent(rest, happened);
  } else if (take_prefix(rest, "Received PUBACK from ")) {
    acknowledged(rest, happened);
  } else if (take_prefix(rest, "Sending CONNACK to ")) {
    connack(rest, happened);
  } else if (take_prefix(rest, "New client connected from ")) {
    new_client(rest, happened);
  } else if (line.find("peer did not return a certificate") != std::string_view::npos) {
    BrokerEvent event = event_of(BrokerEventKind::refused, "");
    event.rule = "no-certificate";
    happened(std::move(event));
  } else if (take_prefix(rest, "Outgoing messages are being dropped for client ")) {
    BrokerEvent event = event_of(BrokerEventKind::possible_loss, rest.substr(0, rest.rfind('.')));
    event.detail = "the client's queue is full, and messages for it are dropped";
    happened(std::move(event));
  } else if (line.starts_with("mosquitto version ") && line.ends_with(" running")) {
    ready_ = true;  // where @ready is not told; it comes later than that
    say(line);
  } else if (!line.starts_with("Received ") && !line.starts_with("Sending ") &&
             !line.starts_with('\t') && !line.empty()) {
    say(line);
  }
}

void MosquittoLog::take_plugin_line(std::string_view line, const Happened& happened) {
  const auto fields = split_fields(line);
  const auto field = [&](std::size_t i) {
    return i < fields.size() ? fields[i] : std::string_view();
  };
  const std::string_view kind = fields[0];
  if (kind == ready_line) {
    ready_ = true;
  } else if (kind == "answered") {
    last_answered_ = parse_number<std::uint64_t>(field(1)).value_or(0);
  } else if (kind == "queued") {
    // Without a number it was not published just now. Mosquitto asks again for all that waits for
    // a client who comes back: those are in the queue already.
    const std::uint64_t number = parse_number<std::uint64_t>(field(1)).value_or(0);
    if (number != 0) {
      QueuedMessage message{.number = number_base_ + number, .topic = std::string(field(3))};
      message.message_id = message.number == last_number_ ? last_message_id_ : "";
      flows_[std::string(field(2))].push(std::move(message));
    }
  } else if (kind == "published") {
    last_number_ = number_base_ + parse_number<std::uint64_t>(field(1)).value_or(0);
    last_message_id_ = unescaped(field(4));
    BrokerEvent event = event_of(BrokerEventKind::published, field(2));
    event.message = last_number_;
    event.topic = field(3);
    event.message_id = unless_empty(last_message_id_);
    happened(std::move(event));
  } else if (kind == "authorised") {
    authorised(fields);
  } else if (kind == "gone") {
    gone(fields, happened);
  } else if (kind == "refused") {
    BrokerEvent event = event_of(BrokerEventKind::refused, field(2));
    event.rule = field(1);
    event.app_id = unless_empty(field(3));
    event.address = unless_empty(field(4));
    happened(std::move(event));
  } else if (kind == "subscribed" || kind == "unsubscribed") {
    const bool added = kind == "subscribed";
    const std::string filter(field(added ? 3 : 2));
    BrokerEvent event =
        event_of(added ? BrokerEventKind::subscribed : BrokerEventKind::unsubscribed, field(1));
    event.filter = filter;
    const auto client = clients_.find(field(1));
    if (client != clients_.end()) {
      auto& filters = client->second.shown.topic_filters;
      std::erase(filters, filter);
      if (added) {
        filters.push_back(filter);
      }
    }
    happened(std::move(event));
  } else if (kind == "filter-refused") {
    BrokerEvent event = event_of(BrokerEventKind::subscribe_refused, field(1));
    event.rule = field(2);
    event.filter = field(3);
    happened(std::move(event));
  } else if (kind == "publish-refused") {
    BrokerEvent event = event_of(BrokerEventKind::publish_refused, field(1));
    event.rule = field(2);
    event.topic = field(3);
    happened(std::move(event));
  }
}

void MosquittoLog::authorised(const std::vector<std::string_view>& fields) {
  if (fields.size() < 7) {
    return;
  }
  Client& client = clients_[std::string(fields[1])];
  // An older connection with this id is told to be gone later, after the new one's CONNACK.
  client.shown = {std::string(fields[1]), std::string(fields[2]), std::string(fields[3]), {}, {}};
  for (std::size_t i = 7; i < fields.size(); ++i) {
    client.shown.topic_filters.emplace_back(fields[i]);
  }
  client.connect = event_of(BrokerEventKind::connected, fields[1]);
  client.connect.role = fields[2];
  client.connect.app_id = fields[3];
  client.connect.protocol = parse_number<int>(fields[5]);
  client.connect.clean_session = fields[6] == "1";
  ++client.connections;
  client.connected = false;
  ++flows_[client.shown.id].connection;
}

void MosquittoLog::gone(const std::vector<std::string_view>& fields, const Happened& happened) {
  const auto found = fields.size() < 3 ? clients_.end() : clients_.find(fields[1]);
  if (found == clients_.end()) {
    return;
  }
  Client& client = found->second;
  const bool last = --client.connections == 0;
  const bool was_connected = !last || client.connected;  // if not, it went before its CONNACK
  BrokerEvent event = event_of(BrokerEventKind::disconnected, fields[1]);
  event.detail = fields[2];
  event.app_id = client.shown.app_id;
  event.role = client.shown.role;
  if (last) {
    clients_.erase(found);
  }
  if (was_connected) {
    happened(std::move(event));
  }
}

// "HOST:PORT as ID (p2, c0, k60, u'…')."
void MosquittoLog::new_client(std::string_view rest, const Happened& happened) {
  const std::size_t as = rest.find(" as ");
  const std::size_t end = rest.rfind(" (p");
  if (as == std::string_view::npos || end == std::string_view::npos || end < as + 4) {
    return;
  }
  const auto found = clients_.find(rest.substr(as + 4, end - as - 4));
  if (found == clients_.end()) {
    return;
  }
  Client& client = found->second;
  client.shown.address = rest.substr(0, as);
  client.connect.address = client.shown.address;
  if (detail_ != EventDetail::messages) {  // CONNACK is not told
    client.connected = true;
    happened(client.connect);
  }
}

// "ID (session present, return code)"
void MosquittoLog::connack(std::string_view rest, const Happened& happened) {
  const std::size_t open = rest.rfind(" (");
  const auto found = clients_.find(rest.substr(0, open));
  if (open == std::string_view::npos || found == clients_.end() || found->second.connected ||
      !rest.ends_with(", 0)")) {
    return;
  }
  Client& client = found->second;
  client.connected = true;
  client.connect.session_present = rest[open + 2] == '1';
  if (!*client.connect.session_present) {
    flows_.erase(client.shown.id);
    client.shown.topic_filters.clear();
  }
  happened(client.connect);
}

void MosquittoLog::sent(std::string_view rest, const Happened& happened) {
  const auto publish = parse_sent(rest);
  if (!publish) {
    return;
  }
  Flow& flow = flows_[std::string(publish->client)];
  auto known = take_sent_before(flow, publish->topic, publish->mid);
  QueuedMessage message =
      known ? *std::move(known) : take_queued(flow, publish->topic, publish->mid);
  BrokerEvent event = event_of(
      publish->dup ? BrokerEventKind::redelivered : BrokerEventKind::delivered, publish->client);
  event.topic = publish->topic;
  event.message = message.number == 0 ? std::nullopt : std::optional(message.number);
  event.message_id = unless_empty(message.message_id);
  if (publish->mid != 0) {  // QoS 0 has none
    event.mid = publish->mid;
    message.sent_in = flow.connection;
    flow.in_flight[publish->mid].push_back(std::move(message));
  }
  happened(std::move(event));
}

// What was sent in an earlier connection and was not acknowledged. It need not have DUP: where the
// connection broke before it was written, Mosquitto shows it twice.
std::optional<MosquittoLog::QueuedMessage> MosquittoLog::take_sent_before(Flow& flow,
                                                                          std::string_view topic,
                                                                          std::uint16_t mid) {
  const auto same = flow.in_flight.find(mid);
  if (same == flow.in_flight.end()) {
    return std::nullopt;
  }
  const auto found =
      std::find_if(same->second.begin(), same->second.end(), [&](const QueuedMessage& one) {
        return one.sent_in != flow.connection && one.topic == topic;
      });
  if (found == same->second.end()) {
    return std::nullopt;
  }
  QueuedMessage message = std::move(*found);
  same->second.erase(found);
  return message;
}

// By its packet identifier: when a client comes back, what is published now can overtake what was
// queued for it. Where that is no help, the first one of the topic.
MosquittoLog::QueuedMessage MosquittoLog::take_queued(Flow& flow, std::string_view topic,
                                                      std::uint16_t mid) {
  auto found = flow.queued.end();
  if (mid != 0 && flow.last_mid != 0) {
    constexpr std::int64_t most = 65'535;  // packet identifiers, none of them 0
    std::int64_t ahead = std::int64_t{mid} - flow.last_mid;
    ahead += ahead > most / 2 ? -most : ahead < -most / 2 ? most : 0;
    const std::uint64_t place = flow.last_place + static_cast<std::uint64_t>(ahead);
    found = std::lower_bound(
        flow.queued.begin(), flow.queued.end(), place,
        [](const QueuedMessage& message, std::uint64_t wanted) { return message.place < wanted; });
    if (found != flow.queued.end() && (found->place != place || found->topic != topic)) {
      found = flow.queued.end();
    }
  }
  const bool by_identifier = found != flow.queued.end();
  if (!by_identifier) {
    found = std::find_if(flow.queued.begin(), flow.queued.end(),
                         [&](const QueuedMessage& message) { return message.topic == topic; });
  }
  if (found == flow.queued.end()) {
    return {.topic = std::string(topic)};
  }
  QueuedMessage message = std::move(*found);
  if (mid != 0) {
    flow.last_mid = mid;
    flow.last_place = message.place;
  }
  // Otherwise what was skipped was dropped by a limit.
  flow.queued.erase(by_identifier ? found : flow.queued.begin(), std::next(found));
  return message;
}

// "ID (Mid: 1, RC:0)"
void MosquittoLog::acknowledged(std::string_view rest, const Happened& happened) {
  const std::size_t open = rest.rfind(" (Mid: ");
  if (open == std::string_view::npos) {
    return;
  }
  const auto flow = flows_.find(rest.substr(0, open));
  const auto mid = parse_number<std::uint16_t>(rest.substr(open + 7));
  if (flow == flows_.end() || !mid) {
    return;  // a publisher of QoS 2, or a packet that Mosquitto does not know either
  }
  BrokerEvent event = event_of(BrokerEventKind::acknowledged, rest.substr(0, open));
  event.mid = mid;
  const auto same = flow->second.in_flight.find(*mid);
  if (same != flow->second.in_flight.end()) {
    const QueuedMessage& message = same->second.front();
    event.message = message.number == 0 ? std::nullopt : std::optional(message.number);
    event.message_id = unless_empty(message.message_id);
    event.topic = message.topic;
    same->second.erase(same->second.begin());
    if (same->second.empty()) {
      flow->second.in_flight.erase(same);
    }
  }
  happened(std::move(event));
}

void MosquittoLog::broker_ended(const Happened& happened) {
  for (const auto& [id, client] : clients_) {
    if (client.connected) {
      BrokerEvent event = event_of(BrokerEventKind::disconnected, id);
      event.app_id = client.shown.app_id;
      event.role = client.shown.role;
      event.detail = "the broker ended";
      happened(std::move(event));
    }
  }
  clients_.clear();
  ready_ = false;
  last_answered_ = 0;
  number_base_ = last_number_;
}

void MosquittoLog::forget_sessions() {
  flows_.clear();
}

std::vector<ConnectedClient> MosquittoLog::clients() const {
  std::vector<ConnectedClient> clients;
  for (const auto& [id, client] : clients_) {
    if (client.connected) {
      clients.push_back(client.shown);
    }
  }
  return clients;
}

bool MosquittoLog::is_connected(const std::string& client) const {
  const auto found = clients_.find(client);
  return found != clients_.end() && found->second.connected;
}

std::size_t MosquittoLog::unacknowledged(const std::string& client) const {
  const auto flow = flows_.find(client);
  if (flow == flows_.end()) {
    return 0;
  }
  std::size_t count = 0;
  for (const auto& [mid, messages] : flow->second.in_flight) {
    count += messages.size();
  }
  return count;
}

Json MosquittoLog::pending() const {
  const auto message_json = [](const QueuedMessage& message) {
    return Json::array({message.number, message.topic, message.message_id});
  };
  Json json;
  json["last"] = last_number_;
  json["sessions"] = Json::object();
  for (const auto& [id, flow] : flows_) {
    Json session = {{"queued", Json::array()}, {"in_flight", Json::object()}};
    for (const QueuedMessage& message : flow.queued) {
      session["queued"].push_back(message_json(message));
    }
    for (const auto& [mid, messages] : flow.in_flight) {
      for (const QueuedMessage& message : messages) {
        session["in_flight"][std::to_string(mid)].push_back(message_json(message));
      }
    }
    json["sessions"][id] = std::move(session);
  }
  return json;
}

void MosquittoLog::restore_pending(const Json& json) {
  const auto message_of = [](const Json& entry) {
    return QueuedMessage{.number = entry.at(0).get<std::uint64_t>(),
                         .topic = entry.at(1).get<std::string>(),
                         .message_id = entry.at(2).get<std::string>()};
  };
  try {
    number_base_ = last_number_ = json.at("last").get<std::uint64_t>();
    for (const auto& [id, session] : json.at("sessions").items()) {
      Flow& flow = flows_[id];
      for (const Json& entry : session.at("queued")) {
        flow.push(message_of(entry));
      }
      for (const auto& [mid, entries] : session.at("in_flight").items()) {
        auto& messages = flow.in_flight[parse_number<std::uint16_t>(mid).value_or(0)];
        std::transform(entries.begin(), entries.end(), std::back_inserter(messages), message_of);
      }
    }
  } catch (const Json::exception&) {
    flows_.clear();  // deliveries of the former run's messages are then told without their numbers
  }
}

}  // namespace autotape
