#include "shape/payload_edit.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "json/document.hpp"
#include "shape/payload_text.hpp"
#include "shape/stage.hpp"

namespace autotape {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::pair<std::string_view, std::string_view>, 7> opposites{
    {{"open", "closed"},
     {"locked", "unlocked"},
     {"active", "inactive"},
     {"on", "off"},
     {"connected", "disconnected"},
     {"engaged", "disengaged"},
     {"enabled", "disabled"}}};

bool change_text(Json& value) {
  const auto text = value.get<std::string>();
  for (const auto& [one, other] : opposites) {
    if (text == one || text == other) {
      value = text == one ? other : one;
      return true;
    }
  }
  return false;
}

void change_number(Json& value, Random& random) {
  const bool up = random.chance(0.5);
  if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    value = up || number < 1 ? number + 1 : number - 1;
    return;
  }
  const auto number = value.get<double>();
  // Shares stay within 0 and 1.
  const bool share = number >= 0 && number <= 1;
  const double step = share ? (number < 0.5 ? 0.01 : -0.01) : (up ? 0.1 : -0.1);
  value = std::round((number + step) * 1e6) / 1e6;
}

bool change_first_value(Json& value, Random& random) {
  if (value.is_number()) {
    change_number(value, random);
    return true;
  }
  if (value.is_boolean()) {
    value = !value.get<bool>();
    return true;
  }
  if (value.is_string()) {
    return change_text(value);
  }
  for (auto& inner : value) {
    if (change_first_value(inner, random)) {
      return true;
    }
  }
  return false;
}

// The property objects are in /data/{capability}/{property}, in a list or not.
bool change_first_reading(Json& document, Random& random) {
  const auto change = [&](Json& property_object) {
    return property_object.is_object() && property_object.contains("data") &&
           change_first_value(property_object["data"], random);
  };
  if (!document.is_object() || !document.contains("data")) {
    return false;
  }
  for (auto& capability : document["data"]) {
    for (auto& property : capability) {
      if (!property.is_array()) {
        if (change(property)) {
          return true;
        }
        continue;
      }
      for (auto& item : property) {
        if (change(item)) {
          return true;
        }
      }
    }
  }
  return false;
}

}  // namespace

std::string make_message_id(Random& random) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string id;
  for (int word = 0; word < 4; ++word) {
    const std::uint64_t bits = random.next();
    for (unsigned shift = 0; shift < 64; shift += 4) {
      id += digits[(bits >> shift) & 0xFU];
    }
  }
  return id;
}

void give_new_id(Delivery& delivery, Random& random) {
  replace_content(
      delivery, delivery.content->topic,
      with_top_level_string(delivery.content->payload, "message_id", make_message_id(random)));
}

bool give_other_value(Delivery& delivery, Random& random) {
  auto document = parse_document(delivery.content->payload, {});
  if (!document || !change_first_reading(*document, random)) {
    return false;
  }
  replace_content(delivery, delivery.content->topic, write_document(*document));
  return true;
}

bool give_changed_content(Delivery& delivery, Random& random) {
  if (give_other_value(delivery, random)) {
    return true;
  }
  std::string payload =
      with_shifted_timestamps(delivery.content->payload, [](DataTime) { return Duration(1ms); });
  if (payload == delivery.content->payload) {
    return false;
  }
  replace_content(delivery, delivery.content->topic, std::move(payload));
  return true;
}

}  // namespace autotape
