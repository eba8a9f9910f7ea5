#include "mockbroker/harness/fault.hpp"

#include <array>

#include <fmt/format.h>

#include "core/quantity.hpp"

namespace autotape {
namespace {

constexpr std::array<std::string_view, 3> direction_names = {"to-client", "to-broker", "both"};

Json named(std::string_view fault, const ClientChoice& client = std::nullopt) {
  Json json;
  json["fault"] = std::string(fault);
  if (client) {
    json["client"] = *client;
  }
  return json;
}

struct ToJson {
  Json operator()(const Disconnect& fault) const {
    Json json = named("disconnect", fault.client);
    json["before_puback"] = fault.before_puback;
    return json;
  }
  Json operator()(const Refuse& fault) const {
    Json json = named("refuse", fault.client);
    json["for"] = format_duration(fault.duration);
    return json;
  }
  Json operator()(const Restart& fault) const {
    Json json = named("restart");
    json["kill"] = fault.kill;
    json["forget_sessions"] = fault.forget_sessions;
    return json;
  }
  Json operator()(const Pause& fault) const {
    Json json = named("pause", fault.client);
    json["direction"] = std::string(name_of(fault.direction));
    return json;
  }
  Json operator()(const Resume& fault) const { return named("resume", fault.client); }
  Json operator()(const Latency& fault) const {
    Json json = named("latency", fault.client);
    json["direction"] = std::string(name_of(fault.direction));
    json["latency"] = format_duration(fault.latency);
    json["jitter"] = format_duration(fault.jitter);
    return json;
  }
  Json operator()(const Bandwidth& fault) const {
    Json json = named("bandwidth", fault.client);
    json["direction"] = std::string(name_of(fault.direction));
    json["bytes_per_second"] = fault.bytes_per_second;
    return json;
  }
  Json operator()(const Cut& fault) const {
    Json json = named("cut", fault.client);
    json["direction"] = std::string(name_of(fault.direction));
    json["after_bytes"] = fault.after_bytes;
    return json;
  }
  Json operator()(const Expire& fault) const { return named("expire", fault.client); }
  Json operator()(const RotateServerCertificate&) const {
    return named("rotate-server-certificate");
  }
};

ClientChoice client_of(const Json& json) {
  return json.contains("client") ? ClientChoice(json.at("client").get<std::string>())
                                 : std::nullopt;
}

Direction direction_of(const Json& json, Direction absent = Direction::both) {
  return json.contains("direction")
             ? direction_by_name(json.at("direction").get<std::string>()).value_or(absent)
             : absent;
}

Duration duration_of(const Json& json, const char* name) {
  return parse_duration(json.value(name, "0")).value_or(Duration::zero());
}

std::optional<Fault> read_fault(const Json& json) {
  const std::string name = json.at("fault").get<std::string>();
  if (name == "disconnect") {
    return Disconnect{client_of(json), json.value("before_puback", false)};
  }
  if (name == "refuse") {
    return Refuse{json.at("client").get<std::string>(), duration_of(json, "for")};
  }
  if (name == "restart") {
    return Restart{json.value("kill", false), json.value("forget_sessions", false)};
  }
  if (name == "pause") {
    return Pause{client_of(json), direction_of(json)};
  }
  if (name == "resume") {
    return Resume{client_of(json)};
  }
  if (name == "latency") {
    return Latency{client_of(json), direction_of(json), duration_of(json, "latency"),
                   duration_of(json, "jitter")};
  }
  if (name == "bandwidth") {
    return Bandwidth{client_of(json), direction_of(json),
                     json.at("bytes_per_second").get<std::uint64_t>()};
  }
  if (name == "cut") {
    return Cut{client_of(json), direction_of(json, Direction::to_client),
               json.value("after_bytes", std::uint64_t{0})};
  }
  if (name == "expire") {
    return Expire{json.at("client").get<std::string>()};
  }
  return name == "rotate-server-certificate" ? std::optional<Fault>(RotateServerCertificate{})
                                             : std::nullopt;
}

}  // namespace

std::string_view name_of(Direction direction) {
  return direction_names[static_cast<std::size_t>(direction)];
}

std::optional<Direction> direction_by_name(std::string_view name) {
  for (const Direction direction : {Direction::to_client, Direction::to_broker, Direction::both}) {
    if (name_of(direction) == name) {
      return direction;
    }
  }
  return std::nullopt;
}

Json fault_to_json(const Fault& fault) {
  return std::visit(ToJson{}, fault);
}

Result<Fault> fault_from_json(const Json& json, const std::string& where) {
  try {
    if (auto fault = read_fault(json)) {
      return *std::move(fault);
    }
    Error error = usage_error(fmt::format("there is no fault '{}'", json.value("fault", "")));
    error.where = where;
    return error;
  } catch (const Json::exception& reason) {
    Error error = usage_error(fmt::format("is no fault: {}", reason.what()));
    error.where = where;
    return error;
  }
}

}  // namespace autotape
