#include "scenario/fault_reader.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "core/quantity.hpp"
#include "core/text.hpp"
#include "journal/broker_event.hpp"

namespace autotape {
namespace {

// How a member of a fault is written into the form that the mock broker reads.
enum class Form { text, flag, duration, bytes, direction };

struct FaultMember {
  std::string_view name;  // in the scenario and in the fault
  Form form;
  bool required = false;
};

struct FaultKind {
  std::string_view name;
  std::vector<FaultMember> members;
};

const std::vector<FaultKind>& broker_faults() {
  static const FaultMember client{"client", Form::text};
  static const FaultMember needed_client{"client", Form::text, true};
  static const FaultMember direction{"direction", Form::direction};
  static const std::vector<FaultKind> kinds{
      {"disconnect", {client, {"before_puback", Form::flag}}},
      {"refuse", {needed_client, {"for", Form::duration, true}}},
      {"restart", {{"kill", Form::flag}, {"forget_sessions", Form::flag}}},
      {"pause", {client, direction}},
      {"resume", {client}},
      {"latency",
       {client, direction, {"latency", Form::duration, true}, {"jitter", Form::duration}}},
      {"bandwidth", {client, direction, {"bytes_per_second", Form::bytes, true}}},
      {"cut", {client, direction, {"after_bytes", Form::bytes, true}}},
      {"expire", {needed_client}},
      {"rotate-server-certificate", {}}};
  return kinds;
}

void read_member(Fields& fields, const FaultMember& member, Json& fault) {
  if (member.required) {
    fields.require(member.name);
  }
  const bool present = fields.node().find(member.name) != nullptr;
  const std::string name(member.name);
  std::string text;
  bool flag = false;
  Duration duration{};
  switch (member.form) {
    case Form::flag:
      fields.flag(member.name, flag);
      break;
    case Form::duration:
      fields.duration(member.name, duration);
      break;
    case Form::direction:
      fields.choice<std::string>(
          member.name, text,
          {{"to-client", "to-client"}, {"to-broker", "to-broker"}, {"both", "both"}});
      break;
    case Form::text:
    case Form::bytes:
      fields.text(member.name, text);
      break;
  }
  if (!present) {
    return;
  }
  if (member.form == Form::flag) {
    fault[name] = flag;
  } else if (member.form == Form::duration) {
    fault[name] = format_duration(duration);
  } else if (member.form == Form::bytes) {
    const auto bytes = parse_byte_count(text);
    if (!bytes) {
      fields.refuse(member.name, fmt::format("\"{}\" must be a number of bytes like 64KiB, and is "
                                             "\"{}\"",
                                             name, printable(text, 40)));
    }
    fault[name] = bytes.value_or(0);
  } else {
    fault[name] = text;
  }
}

void read_broker_fault(Fields& fields, TimedFault& fault) {
  std::string name;
  fields.text("fault", name);
  const auto& kinds = broker_faults();
  const auto kind = std::find_if(kinds.begin(), kinds.end(),
                                 [&](const FaultKind& known) { return known.name == name; });
  if (kind == kinds.end()) {
    std::vector<std::string_view> names;
    for (const FaultKind& known : kinds) {
      names.push_back(known.name);
    }
    const auto nearest = nearest_name(name, names);
    fields.refuse("fault", fmt::format("there is no fault \"{}\"", printable(name, 40)),
                  nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                          : fmt::format("there are {}", fmt::join(names, ", ")));
    return;
  }
  fault.what["fault"] = name;
  for (const FaultMember& member : kind->members) {
    read_member(fields, member, fault.what);
  }
}

void read_consumer_fault(Fields& fields, TimedFault& fault) {
  std::string action;
  fields.choice<std::string>(
      "consumer", action,
      {{"restart", "restart"}, {"kill", "kill"}, {"stop", "stop"}, {"takeover", "takeover"}});
  fault.what["consumer"] = action;
  read_member(fields, {"for", Form::duration, action == "stop"}, fault.what);
}

void read_moment(Fields& fields, TimedFault& fault) {
  std::optional<Duration> at;
  fields.optional_duration("at", at);
  if (at) {
    fault.at = DueTime(*at);
  }
  fields.optional_count("after_deliveries", fault.after_deliveries);
  std::string event;
  fields.text("on_event", event);
  if (!event.empty()) {
    fault.on_event = event;
    if (!broker_event_kind(event)) {
      fields.refuse("on_event", fmt::format("the broker has no event \"{}\"", printable(event, 40)),
                    "such as connected, subscribed, delivered, redelivered, disconnected");
    }
  }
  fields.optional_duration("pause", fault.pause);
  const int moments = int{fault.at.has_value()} + int{fault.after_deliveries.has_value()} +
                      int{fault.on_event.has_value()};
  if (moments != 1) {
    fields.refuse("at", "a fault needs one moment: \"at\", \"after_deliveries\" or \"on_event\"");
  }
}

}  // namespace

std::vector<TimedFault> read_faults(const YamlNode& node, Problems& problems) {
  std::vector<TimedFault> faults;
  if (node.kind != YamlNode::Kind::sequence) {
    problems.add(node.place,
                 fmt::format("\"faults\" must be a list, and is {}", describe_kind(node)));
    return faults;
  }
  for (const YamlNode& item : node.items) {
    Fields fields(item, "a fault", problems);
    TimedFault fault;
    const bool of_broker = item.find("fault") != nullptr;
    const bool of_consumer = item.find("consumer") != nullptr;
    if (of_broker == of_consumer) {
      problems.add(item.place, "a fault needs \"fault\" (of the broker) or \"consumer\"");
    } else if (of_broker) {
      read_broker_fault(fields, fault);
    } else {
      read_consumer_fault(fields, fault);
    }
    read_moment(fields, fault);
    fields.refuse_others();
    faults.push_back(std::move(fault));
  }
  return faults;
}

}  // namespace autotape
