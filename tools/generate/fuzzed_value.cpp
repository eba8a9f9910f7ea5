#include "generate/fuzzed_value.hpp"

#include <algorithm>

#include "core/rfc3339.hpp"
#include "generate/json_text.hpp"
#include "message/vin.hpp"

namespace autotape {
namespace {

constexpr std::string_view unknown_name = "no_such_member";

}  // namespace

void FuzzedValue::start(std::string& out, std::string_view pointer, Random random,
                        const Target* target) {
  out_ = &out;
  pointer_ = pointer;
  random_ = random;
  target_ = target;
  places_ = {};
  broken_at_.clear();
  spaced_ = random_.chance(0.1);
}

// Is this the place to be broken? `step` is added to where we are.
bool FuzzedValue::breaks(FuzzKeyword keyword, std::string_view step) {
  const std::uint64_t place = places_[static_cast<std::size_t>(keyword)]++;
  if (target_ == nullptr || target_->keyword != keyword || target_->place != place) {
    return false;
  }
  broken_at_ = pointer_;
  if (!step.empty()) {
    broken_at_.append("/").append(step);
  }
  return true;
}

template <typename Write>
void FuzzedValue::at(std::string_view step, Write write) {
  const std::size_t length = pointer_.size();
  pointer_.append("/").append(step);
  write();
  pointer_.resize(length);
}

void FuzzedValue::separate(bool& first) {
  *out_ += first ? "" : spaced_ ? " , " : ",";
  first = false;
}

void FuzzedValue::begin_member(std::string_view name, bool& first) {
  separate(first);
  append_quoted(*out_, name);
  *out_ += spaced_ ? ":\t" : ":";
}

void FuzzedValue::unknown_member(bool& first) {
  if (breaks(FuzzKeyword::additional_properties, unknown_name)) {
    begin_member(unknown_name, first);
    *out_ += "true";
  }
}

template <std::size_t N>
void FuzzedValue::one_of(const std::array<std::string_view, N>& texts) {
  *out_ += texts[static_cast<std::size_t>(random_.below(N))];
}

void FuzzedValue::data(const std::vector<Chosen>& chosen, StreamVersion version) {
  const bool v2 = version == StreamVersion::v2;
  *out_ += '{';
  bool first_capability = true;
  if (v2 && breaks(FuzzKeyword::min_properties)) {
    *out_ += '}';
    return;
  }
  for (std::size_t i = 0; i < chosen.size();) {
    const Capability* const capability = chosen[i].capability;
    begin_member(capability->name, first_capability);
    at(capability->name, [&] {
      *out_ += '{';
      bool first = true;
      // V1 has exactly the property that its envelope names: nothing to be broken here.
      const bool empty = v2 && breaks(FuzzKeyword::min_properties);
      for (; i < chosen.size() && chosen[i].capability == capability; ++i) {
        const Property& one = *chosen[i].property;
        if (!empty) {
          begin_member(one.name, first);
          at(one.name, [&] { property(one, version); });
        }
      }
      if (v2 && !empty) {
        unknown_member(first);
      }
      *out_ += '}';
    });
  }
  *out_ += '}';
}

void FuzzedValue::property(const Property& property, StreamVersion version) {
  if (!property.is_array(version)) {
    property_object(*property.type);
    return;
  }
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"{}", "null", "7", "\"front_left\""}));
    return;
  }
  // An empty list is valid too.
  const std::uint64_t items = random_.chance(0.05) ? 0 : 1 + random_.below(property.list ? 4 : 2);
  *out_ += '[';
  bool first = true;
  for (std::uint64_t item = 0; item < items; ++item) {
    separate(first);
    at(std::to_string(item), [&] { property_object(*property.type); });
  }
  *out_ += ']';
}

void FuzzedValue::property_object(const ValueType& type) {
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"[]", "null", "7", "\"text\"", "true"}));
    return;
  }
  *out_ += '{';
  if (!breaks(FuzzKeyword::min_properties)) {
    // At least one of the four.
    const bool has_data = random_.chance(0.9);
    const bool has_failure = !has_data || random_.chance(0.1);
    bool first = true;
    if (has_failure) {
      begin_member("failure", first);
      at("failure", [&] { value(catalogue_.failure(), "failure"); });
    }
    if (random_.chance(0.9)) {
      begin_member("timestamp", first);
      at("timestamp", [&] { date_time(); });
    }
    if (random_.chance(0.1)) {
      begin_member("availability", first);
      at("availability", [&] { value(catalogue_.availability(), "availability"); });
    }
    if (has_data) {
      begin_member("data", first);
      at("data", [&] { value(type, {}); });
    }
    unknown_member(first);
  }
  *out_ += '}';
}

void FuzzedValue::value(const ValueType& type, std::string_view member) {
  switch (type.kind) {
    case ValueKind::string:
      text(type);
      return;
    case ValueKind::date_time:
      date_time();
      return;
    case ValueKind::integer:
      whole_number(type);
      return;
    case ValueKind::number:
      number(type, member);
      return;
    case ValueKind::enumeration:
      enumeration(type.names);
      return;
    case ValueKind::quantity:
    case ValueKind::object:
      object(type);
      return;
    case ValueKind::array:
      array(type);
      return;
  }
}

void FuzzedValue::object(const ValueType& type) {
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"[]", "null", "7", "\"text\"", "false"}));
    return;
  }
  *out_ += '{';
  if (type.kind == ValueKind::object) {
    members(type.members);
  } else {
    bool first = true;
    const bool value_first = random_.chance(0.5);
    const auto unit = [&] {
      if (!breaks(FuzzKeyword::required)) {
        begin_member("unit", first);
        at("unit", [&] { enumeration(type.names); });
      }
    };
    if (!value_first) {
      unit();
    }
    if (!breaks(FuzzKeyword::required)) {
      begin_member("value", first);
      at("value", [&] { number(type, {}); });
    }
    if (value_first) {
      unit();
    }
    unknown_member(first);
  }
  *out_ += '}';
}

// In any order: it begins somewhere and goes round.
void FuzzedValue::members(const std::vector<Member>& members) {
  const auto begin = static_cast<std::size_t>(random_.below(members.size()));
  bool first = true;
  for (std::size_t i = 0; i < members.size(); ++i) {
    const Member& member = members[(begin + i) % members.size()];
    if (!breaks(FuzzKeyword::required)) {
      begin_member(member.name, first);
      at(member.name, [&] { value(*member.type, member.name); });
    }
  }
  unknown_member(first);
}

void FuzzedValue::array(const ValueType& type) {
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"{}", "null", "7", "\"text\""}));
    return;
  }
  const Limits limits = type.limits.value_or(Limits{0, 3});
  std::int64_t items =
      limits.least + static_cast<std::int64_t>(
                         random_.below(static_cast<std::uint64_t>(limits.most - limits.least) + 1));
  if (type.limits && limits.least > 0 && breaks(FuzzKeyword::min_items)) {
    items = limits.least - 1;
  }
  if (type.limits && breaks(FuzzKeyword::max_items)) {
    items = limits.most + 1;
  }
  *out_ += '[';
  bool first = true;
  for (std::int64_t item = 0; item < items; ++item) {
    separate(first);
    at(std::to_string(item), [&] { value(*type.item, {}); });
  }
  *out_ += ']';
}

void FuzzedValue::text(const ValueType& type) {
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"7", "null", "[]", "{}", "true"}));
    return;
  }
  if (!type.limits) {
    one_of(std::to_array<std::string_view>({"\"\"", "\"text\"", "\"Straße 7\"",
                                            "\"\\u00e4\\ud83d\\ude97\"", "\"a\\\"b\\\\c\\n\"",
                                            "\"7\"", "\"{}\"", "\"東京\""}));
    return;
  }
  std::int64_t length = type.limits->least;
  if (breaks(FuzzKeyword::min_length)) {
    --length;
  }
  if (breaks(FuzzKeyword::max_length)) {
    length = type.limits->most + 1;
  }
  *out_ += '"';
  for (std::int64_t i = 0; i < length; ++i) {
    *out_ += vin_characters[static_cast<std::size_t>(random_.below(vin_characters.size()))];
  }
  *out_ += '"';
}

void FuzzedValue::date_time() {
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"1772433900", "null", "{}", "[]"}));
    return;
  }
  if (breaks(FuzzKeyword::format)) {
    one_of(std::to_array<std::string_view>(
        {"\"2026-02-30T06:45:10Z\"", "\"2026-03-01 06:45:10Z\"", "\"2026-03-01T06:45:10\"",
         "\"2026-03-01T24:00:00Z\"", "\"2026-03-01T06:45:10+01\"", "\"2026-03-01T06:45:10+0100\"",
         "\"26-03-01T06:45:10Z\"", "\"2025-02-29T06:45:10Z\"", "\"2026-03-01T06:45:60Z\"",
         "\"2026-03-01T06:45:10.Z\"", "\"yesterday\"", "\"\""}));
    return;
  }
  if (random_.chance(0.1)) {
    one_of(std::to_array<std::string_view>(
        {"\"2024-02-29T23:59:59.999999Z\"", "\"2016-12-31T23:59:60Z\"",
         "\"2017-01-01T00:59:60+01:00\"", "\"2021-11-01t10:33:10.000z\"",
         "\"2021-11-01T10:33:10-00:00\"", "\"2021-11-01T10:33:10.123456789+05:30\""}));
    return;
  }
  const auto before = static_cast<std::int64_t>(random_.below(86'400'000)) * 1'000'000;
  append_quoted(*out_, format_rfc3339((now_ - Duration(before)).time_since_epoch()));
}

void FuzzedValue::whole_number(const ValueType& type) {
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"7.5", "\"7\"", "null", "[]", "1e-1", "false"}));
    return;
  }
  const Limits limits = type.limits.value_or(Limits{-1000, 1'000'000});
  const auto span = static_cast<std::uint64_t>(limits.most - limits.least) + 1;
  std::int64_t value = limits.least + static_cast<std::int64_t>(random_.below(span));
  if (type.limits && breaks(FuzzKeyword::minimum)) {
    value = limits.least - 1;
  }
  if (type.limits && breaks(FuzzKeyword::maximum)) {
    value = limits.most + 1;
  }
  *out_ += value < 0 ? "-" : "";
  append_integer(*out_, static_cast<std::uint64_t>(value < 0 ? -value : value));
  *out_ += random_.chance(0.9) ? "" : random_.chance(0.5) ? ".0" : "e0";
}

void FuzzedValue::number(const ValueType& type, std::string_view member) {
  if (breaks(FuzzKeyword::type)) {
    one_of(std::to_array<std::string_view>({"\"0.5\"", "null", "true", "[]", "{}"}));
    return;
  }
  if (type.name == "percentage") {
    append_decimal(*out_, random_.uniform(), 1 + static_cast<unsigned>(random_.below(6)));
  } else if (member == "latitude" || member == "longitude") {
    append_decimal(*out_, 180 * random_.uniform() - 90, 6);
  } else if (random_.chance(0.1)) {
    one_of(std::to_array<std::string_view>({"-0.0", "1e2", "1E-7", "9007199254740993", "1.5e+3",
                                            "-273.15", "0", "1.2345678901234567e29"}));
  } else {
    append_decimal(*out_, 2000 * random_.uniform() - 1000, static_cast<unsigned>(random_.below(7)));
  }
}

void FuzzedValue::enumeration(const std::vector<std::string_view>& names) {
  const std::string_view name = names[static_cast<std::size_t>(random_.below(names.size()))];
  if (!breaks(FuzzKeyword::enumeration)) {
    append_quoted(*out_, name);
    return;
  }
  // Nearly right, where that is not right after all.
  std::string wrong(name.substr(0, name.size() - 1));
  if (std::find(names.begin(), names.end(), wrong) != names.end()) {
    wrong = "no_such_name";
  }
  append_quoted(*out_, wrong);
}

}  // namespace autotape
