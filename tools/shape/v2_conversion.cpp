#include "shape/v2_conversion.hpp"

#include <fmt/format.h>

#include "json/document.hpp"
#include "message/topic.hpp"
#include "shape/stage.hpp"

namespace autotape {
namespace {

Json with_arrays(const Json& data) {
  Json changed = Json::object();
  for (const auto& [capability, properties] : data.items()) {
    changed[capability] = Json::object();
    for (const auto& [property, value] : properties.items()) {
      changed[capability][property] = value.is_array() ? value : Json::array({value});
    }
  }
  return changed;
}

}  // namespace

std::string v2_application_id(std::string_view v1_app_id) {
  std::string digits;
  for (const char c : v1_app_id) {
    digits += c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  digits.resize(32, '0');
  const std::string_view all = digits;
  return fmt::format("{}-{}-{}-{}-{}", all.substr(0, 8), all.substr(8, 4), all.substr(12, 4),
                     all.substr(16, 4), all.substr(20, 12));
}

bool convert_to_v2(Delivery& delivery) {
  const auto topic = parse_v1_topic(delivery.content->topic);
  auto document = parse_document(delivery.content->payload, {});
  if (!topic || !document || !document->is_object() || !document->contains("message_id") ||
      !document->contains("vin") || !document->contains("data") ||
      !(*document)["data"].is_object()) {
    return false;
  }
  const std::string application_id = v2_application_id(topic->app_id);
  Json envelope;
  envelope["version"] = 2;
  envelope["application_id"] = application_id;
  envelope["message_id"] = (*document)["message_id"];
  envelope["vin"] = (*document)["vin"];
  envelope["data"] = with_arrays((*document)["data"]);
  replace_content(delivery,
                  fmt::format("{}/{}/{}", topic->environment, topic->level, application_id),
                  write_document(envelope));
  return true;
}

}  // namespace autotape
