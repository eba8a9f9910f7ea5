#include "generate/random_value.hpp"

#include <array>

#include "core/rfc3339.hpp"
#include "generate/json_text.hpp"
#include "message/vin.hpp"
#include "schema/example.hpp"

namespace autotape {
namespace {

constexpr std::array<std::string_view, 8> words{"alpha", "bravo", "charlie", "delta",
                                                "echo",  "golf",  "hotel",   "kilo"};

void append_text(const ValueType& type, Random& random, std::string& out) {
  out += '"';
  if (type.limits) {
    for (std::int64_t i = 0; i < type.limits->least; ++i) {
      out += vin_characters[static_cast<std::size_t>(random.below(vin_characters.size()))];
    }
  } else {
    out += words[static_cast<std::size_t>(random.below(words.size()))];
    out += ' ';
    append_integer(out, random.below(1000));
  }
  out += '"';
}

void append_number(const ValueType& type, std::string_view member, Random& random,
                   std::string& out) {
  if (type.name == "percentage") {
    append_decimal(out, random.uniform(), 4);
  } else if (member == "latitude") {
    append_decimal(out, 180 * random.uniform() - 90, 6);
  } else if (member == "longitude") {
    append_decimal(out, 360 * random.uniform() - 180, 6);
  } else {
    append_decimal(out, 1000 * random.uniform(), static_cast<unsigned>(random.below(4)));
  }
}

void append_whole_number(const ValueType& type, Random& random, std::string& out) {
  const Limits limits = type.limits.value_or(Limits{0, 60});
  const auto span = static_cast<std::uint64_t>(limits.most - limits.least) + 1;
  const std::int64_t value = limits.least + static_cast<std::int64_t>(random.below(span));
  out += value < 0 ? "-" : "";
  append_integer(out, static_cast<std::uint64_t>(value < 0 ? -value : value));
}

}  // namespace

void append_random_value(const ValueType& type, std::string_view member, DataTime now,
                         Random& random, std::string& out) {
  switch (type.kind) {
    case ValueKind::string:
      append_text(type, random, out);
      return;
    case ValueKind::date_time: {
      const DataTime time = std::chrono::floor<std::chrono::seconds>(
          now - Duration(static_cast<std::int64_t>(random.uniform() * 30 * 86'400e9)));
      append_quoted(out, format_rfc3339(time.time_since_epoch()));
      return;
    }
    case ValueKind::integer:
      append_whole_number(type, random, out);
      return;
    case ValueKind::number:
      append_number(type, member, random, out);
      return;
    case ValueKind::enumeration:
      append_quoted(out, type.names[static_cast<std::size_t>(random.below(type.names.size()))]);
      return;
    case ValueKind::quantity:
      append_quantity(out, usual_unit(type), 1000 * random.uniform(), 2);
      return;
    case ValueKind::object:
      out += '{';
      for (const Member& inner : type.members) {
        out += &inner == type.members.data() ? "" : ",";
        append_quoted(out, inner.name);
        out += ':';
        append_random_value(*inner.type, inner.name, now, random, out);
      }
      out += '}';
      return;
    case ValueKind::array: {
      const std::int64_t items = type.limits ? type.limits->least : 1;
      out += '[';
      for (std::int64_t i = 0; i < items; ++i) {
        out += i == 0 ? "" : ",";
        append_random_value(*type.item, {}, now, random, out);
      }
      out += ']';
      return;
    }
  }
}

}  // namespace autotape
