#include "mockbroker/harness/settings.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/file.hpp"
#include "mockbroker/harness/socket_address.hpp"
#include "x509/authority.hpp"

namespace autotape {
namespace {

template <typename T>
void put(Json& json, const char* name, const std::optional<T>& value) {
  if (value) {
    json[name] = *value;
  }
}

template <typename T>
void take(const Json& json, const char* name, T& target) {
  if (json.contains(name)) {
    target = json.at(name).get<T>();
  }
}

template <typename T>
void take(const Json& json, const char* name, std::optional<T>& target) {
  if (json.contains(name)) {
    target = json.at(name).get<T>();
  }
}

constexpr const char* detail_names[] = {"off", "clients", "messages"};

}  // namespace

std::string_view name_of(EventDetail detail) {
  return detail_names[static_cast<int>(detail)];
}

std::optional<EventDetail> event_detail(std::string_view name) {
  for (const EventDetail detail : {EventDetail::off, EventDetail::clients, EventDetail::messages}) {
    if (name_of(detail) == name) {
      return detail;
    }
  }
  return std::nullopt;
}

std::string_view name_of(StreamVersion stream) {
  return stream == StreamVersion::v1 ? "v1" : "v2";
}

std::optional<StreamVersion> stream_version(std::string_view name) {
  if (name == "v1") {
    return StreamVersion::v1;
  }
  return name == "v2" ? std::optional(StreamVersion::v2) : std::nullopt;
}

Json settings_to_json(const BrokerSettings& settings) {
  Json json;
  json["directory"] = settings.directory;
  json["bind"] = settings.bind;
  json["port"] = settings.port;
  json["server_names"] = settings.server_names;
  put(json, "advertise", settings.advertise);
  put(json, "app_id", settings.app_id);
  put(json, "environment", settings.environment);
  if (settings.stream) {
    json["stream"] = std::string(name_of(*settings.stream));
  }
  json["refuse_second_connection"] = settings.second_connection == SecondConnection::refused;
  json["topic_filters"] = settings.topic_filters;
  json["client_id_is_certificate_id"] = settings.client_id_is_certificate_id;
  put(json, "max_queued_messages", settings.max_queued_messages);
  put(json, "session_expiry_days", settings.session_expiry_days);
  json["max_inflight_messages"] = settings.max_inflight_messages;
  json["message_size_limit"] = settings.message_size_limit;
  json["proxy"] = settings.proxy;
  json["events"] = std::string(name_of(settings.events));
  put(json, "owner", settings.owner);
  json["temporary"] = settings.temporary;
  json["mosquitto"] = settings.mosquitto;
  return json;
}

Result<BrokerSettings> settings_from_json(const Json& json, const std::string& where) {
  BrokerSettings settings;
  try {
    take(json, "directory", settings.directory);
    take(json, "bind", settings.bind);
    take(json, "port", settings.port);
    take(json, "server_names", settings.server_names);
    take(json, "advertise", settings.advertise);
    take(json, "app_id", settings.app_id);
    take(json, "environment", settings.environment);
    settings.stream = stream_version(json.value("stream", ""));
    settings.second_connection = json.value("refuse_second_connection", false)
                                     ? SecondConnection::refused
                                     : SecondConnection::takes_over;
    take(json, "topic_filters", settings.topic_filters);
    take(json, "client_id_is_certificate_id", settings.client_id_is_certificate_id);
    take(json, "max_queued_messages", settings.max_queued_messages);
    take(json, "session_expiry_days", settings.session_expiry_days);
    take(json, "max_inflight_messages", settings.max_inflight_messages);
    take(json, "message_size_limit", settings.message_size_limit);
    take(json, "proxy", settings.proxy);
    settings.events =
        event_detail(json.value("events", "messages")).value_or(EventDetail::messages);
    take(json, "owner", settings.owner);
    take(json, "temporary", settings.temporary);
    take(json, "mosquitto", settings.mosquitto);
  } catch (const Json::exception& reason) {
    return file_error(where, fmt::format("holds no broker settings: {}", reason.what()),
                      "start with a new state directory");
  }
  return settings;
}

std::vector<std::string> server_certificate_names(const BrokerSettings& settings) {
  std::vector<std::string> names = {"localhost", "127.0.0.1", "::1"};
  const auto add = [&](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  };
  add(local_host_of(settings.bind));
  if (settings.advertise) {
    add(settings.advertise->substr(0, settings.advertise->rfind(':')));
  }
  std::for_each(settings.server_names.begin(), settings.server_names.end(), add);
  return names;
}

Result<void> complete_settings(BrokerSettings& settings) {
  const std::string file = StateDirectory(settings.directory).settings_file();
  if (std::filesystem::exists(file)) {
    AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(file));
    AUTOTAPE_TRY_ASSIGN(const Json json, parse_document(text, file));
    AUTOTAPE_TRY_ASSIGN(const BrokerSettings before, settings_from_json(json, file));
    settings.environment = settings.environment ? settings.environment : before.environment;
    settings.stream = settings.stream ? settings.stream : before.stream;
    // Another stream has App IDs of another form.
    if (!settings.app_id && settings.stream == before.stream) {
      settings.app_id = before.app_id;
    }
  }
  settings.environment = settings.environment.value_or("sandbox");
  settings.stream = settings.stream.value_or(StreamVersion::v1);
  if (!settings.app_id) {
    settings.app_id = *settings.stream == StreamVersion::v1 ? make_v1_app_id() : make_uuid();
  }
  return check_settings(settings);
}

Result<void> check_settings(const BrokerSettings& settings) {
  if (settings.environment && !is_environment(*settings.environment)) {
    return usage_error(fmt::format("'{}' is no environment", *settings.environment),
                       "live or sandbox");
  }
  if (settings.app_id) {
    AUTOTAPE_TRY(check_app_id(*settings.app_id, settings.stream.value_or(StreamVersion::v1)));
  }
  if (settings.topic_filters == 0) {
    return usage_error("a client needs at least one topic filter");
  }
  if (settings.max_inflight_messages == 0 || settings.max_inflight_messages > 65'535) {
    return usage_error("max_inflight_messages is 1 to 65535",
                       "without a limit, packet identifiers would be used twice");
  }
  return {};
}

Result<void> check_app_id(const std::string& app_id, StreamVersion stream) {
  if (stream == StreamVersion::v1 && !is_v1_app_id(app_id)) {
    return usage_error(fmt::format("'{}' is no App ID", app_id),
                       "24 upper-case hexadecimal digits");
  }
  if (stream == StreamVersion::v2 && !is_v2_application_id(app_id)) {
    return usage_error(fmt::format("'{}' is no application id", app_id), "a lower-case UUID");
  }
  return {};
}

}  // namespace autotape
