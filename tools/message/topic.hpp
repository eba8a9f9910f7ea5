// The provider's topics, and the settings that name a stream.
//
// V1: {environment}/{level}/{app id}/{vin}/{capability}/{action}/{property}
// V2: {environment}/{level}/{application id}
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace autotape {

inline constexpr std::string_view auto_api_level = "level13";

enum class StreamVersion { v1 = 1, v2 = 2 };

// Views into the topic that was parsed.
struct V1Topic {
  std::string_view environment;
  std::string_view level;
  std::string_view app_id;
  std::string_view vin;
  std::string_view capability;
  std::string_view action;
  std::string_view property;
};

struct V2Topic {
  std::string_view environment;
  std::string_view level;
  std::string_view application_id;
};

// By shape alone: the number of levels, none of them empty. Whether the names are good is the
// validator's question.
std::optional<V1Topic> parse_v1_topic(std::string_view topic);
std::optional<V2Topic> parse_v2_topic(std::string_view topic);

// MQTT 3.1.1 section 4.7.1 and 1.5.3: 1 to 65,535 bytes of UTF-8, no NUL, no wildcards.
bool is_publishable_topic(std::string_view topic);

bool is_environment(std::string_view text);        // "live" or "sandbox"
bool is_v1_app_id(std::string_view text);          // 24 upper-case hexadecimal digits
bool is_v2_application_id(std::string_view text);  // a lower-case UUID

// What a consumer of an application subscribes to: "live/level13/{app_id}/#" in V1,
// "live/level13/{application_id}" in V2.
std::string application_filter(StreamVersion version, std::string_view environment,
                               std::string_view app_id);

}  // namespace autotape
