#include "tape/mcap/channel_scheme.hpp"

#include <algorithm>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "json/write.hpp"
#include "message/topic.hpp"

namespace autotape::mcap {
namespace {

constexpr std::string_view tape_schema =
    R"({"type":"object","properties":{"tape":{"type":"integer"},"environment":{"type":"string"},)"
    R"("level":{"type":"string"},"app_id":{"type":"string"},"broker":{"type":"string"},)"
    R"("topic_filter":{"type":"string"},"client_id":{"type":"string"},"tool":{"type":"string"},)"
    R"("started":{"type":"string"},"description":{"type":"string"}}})";
constexpr std::string_view marker_schema =
    R"({"type":"object","properties":{"marker":{"type":"string"},"at":{"type":"string"},)"
    R"("detail":{"type":"string"}}})";
constexpr std::string_view publish_schema =
    R"({"type":"object","properties":{"first":{"type":"integer"},"headers":{"type":"array","items":)"
    R"({"type":"object","properties":{"topic":{"type":"string"},"qos":{"type":"integer"},)"
    R"("retain":{"type":"boolean"},"dup":{"type":"boolean"}}}},)"
    R"("messages":{"type":"array","items":{"type":"integer"}}}})";

constexpr std::string_view other_channel = "other";
constexpr std::string_view bytes_suffix = "/bytes";

constexpr int deepest_schema = 12;

// Writes the schema of a value; false, and nothing written, for what a schema of viewers cannot
// say: null, an empty array, what is too deep.
bool append_schema_of(std::string& out, JsonElement value, int depth) {
  switch (value.type()) {
    case simdjson::dom::element_type::BOOL:
      out += R"({"type":"boolean"})";
      return true;
    case simdjson::dom::element_type::STRING:
      out += R"({"type":"string"})";
      return true;
    case simdjson::dom::element_type::INT64:
    case simdjson::dom::element_type::UINT64:
    case simdjson::dom::element_type::DOUBLE:  // 12 and 12.5 are of one kind
      out += R"({"type":"number"})";
      return true;
    case simdjson::dom::element_type::NULL_VALUE:
      return false;
    case simdjson::dom::element_type::ARRAY: {
      const JsonArray items = value;
      const std::size_t before = out.size();
      out += R"({"type":"array","items":)";
      if (depth == 0 || items.size() == 0 || !append_schema_of(out, items.at(0), depth - 1)) {
        out.resize(before);
        return false;
      }
      out += '}';
      return true;
    }
    case simdjson::dom::element_type::OBJECT: {
      if (depth == 0) {
        return false;
      }
      out += R"({"type":"object","properties":{)";
      const char* separator = "";
      for (const auto [key, member] : JsonObject(value)) {
        const std::size_t before = out.size();
        out += separator;
        append_json_string(out, key);
        out += ':';
        if (append_schema_of(out, member, depth - 1)) {
          separator = ",";
        } else {
          out.resize(before);
        }
      }
      out += "}}";
      return true;
    }
  }
  return false;
}

// Of the JSON payloads; the others' has "/bytes" behind it.
std::string channel_name(std::string_view topic) {
  constexpr std::size_t longest = 200;
  std::string name;
  if (const auto v1 = parse_v1_topic(topic)) {
    name = std::string(v1->capability).append("/").append(v1->property);
  } else if (topic.size() <= longest) {
    name = is_utf8(topic) ? std::string(topic) : printable(topic, longest);
  }
  return name.empty() || name.starts_with(own_topics) ? std::string(other_channel) : name;
}

}  // namespace

std::string schema_by_example(JsonElement example) {
  std::string schema;
  if (example.type() == simdjson::dom::element_type::OBJECT) {
    append_schema_of(schema, example, deepest_schema);
  }
  return schema;
}

ChannelScheme::ChannelScheme() {
  add_channel(tape_topic, "json", tape_schema);
  add_channel(marker_topic, "json", marker_schema);
  add_channel(publish_topic, "json", publish_schema);
}

ChannelId ChannelScheme::channel_of(std::string_view topic, bool is_json,
                                    std::string_view payload) {
  std::string name = channel_name(topic);
  if (!is_utf8(name)) {
    name = other_channel;
  }
  if (!is_json) {
    name += bytes_suffix;
  }
  if (const ChannelId* const known = by_name_.find(hash_of(name))) {
    return *known;
  }
  if (next_id_ > most_channels) {
    name = other_channel;
    name += is_json ? "" : bytes_suffix;
    if (const ChannelId* const known = by_name_.find(hash_of(name))) {
      return *known;
    }
  }
  return add(name, is_json, payload);
}

ChannelId ChannelScheme::add(const std::string& name, bool is_json, std::string_view payload) {
  std::string schema;
  if (is_json && name != other_channel) {  // which has messages of any kind
    if (const auto example = parser_.parse(payload)) {
      schema = schema_by_example(*example);
    }
  }
  const auto id = static_cast<ChannelId>(next_id_);
  *by_name_.find_or_add(hash_of(name)).first = id;
  add_channel(name, is_json ? "json" : "", schema);
  return id;
}

void ChannelScheme::add_channel(std::string_view topic, std::string_view encoding,
                                std::string_view schema) {
  const auto id = static_cast<ChannelId>(next_id_++);
  SchemaId schema_id = 0;
  if (!schema.empty()) {
    schema_id = id;
    ++schema_count_;
    std::string name(topic);
    std::replace(name.begin(), name.end(), '/', '.');
    append_schema(schemas_, {schema_id, name, "jsonschema", schema});
  }
  append_channel(channels_, {id, schema_id, topic, encoding});
}

void ChannelScheme::adopt_schema(std::string_view content) {
  FieldReader fields(content);
  const auto id = fields.integer<SchemaId>();
  if (id < first_payload_channel) {
    return;  // ours, and there already
  }
  const RecordScope record(schemas_, Opcode::schema);
  schemas_ += content;
  ++schema_count_;
}

void ChannelScheme::adopt_channel(std::string_view content) {
  const auto channel = read_channel(content);
  if (!channel || channel->id < next_id_) {
    return;
  }
  next_id_ = channel->id + 1U;
  *by_name_.find_or_add(hash_of(channel->topic)).first = channel->id;
  const RecordScope record(channels_, Opcode::channel);
  channels_ += content;
}

}  // namespace autotape::mcap
