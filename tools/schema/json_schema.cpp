#include "schema/json_schema.hpp"

#include <fmt/format.h>

namespace autotape {
namespace {

Json reference(std::string_view definition) {
  return {{"$ref", fmt::format("#/definitions/{}", definition)}};
}

// An object of `properties`, all required, and no other.
Json closed_object(Json properties) {
  Json required = Json::array();
  for (const auto& [name, schema] : properties.items()) {
    required.push_back(name);
  }
  return {{"type", "object"},
          {"properties", std::move(properties)},
          {"required", std::move(required)},
          {"additionalProperties", false}};
}

Json enumeration(const std::vector<std::string_view>& names) {
  return {{"type", "string"}, {"enum", names}};
}

Json limited(std::string_view type, std::string_view least, std::string_view most,
             const std::optional<Limits>& limits) {
  Json schema{{"type", type}};
  if (limits) {
    schema[std::string(least)] = limits->least;
    schema[std::string(most)] = limits->most;
  }
  return schema;
}

class Exporter {
 public:
  Exporter(const Catalogue& catalogue, StreamVersion version)
      : catalogue_(catalogue), version_(version) {}

  Json definitions() const {
    Json definitions = Json::object();
    for (const ValueType& type : catalogue_.types()) {
      if (!type.name.empty()) {
        definitions[std::string(type.name)] = defined(type);
        definitions[property_object_name(type)] = property_object(use(type));
      }
    }
    definitions["data"] = data();
    return definitions;
  }

 private:
  static std::string property_object_name(const ValueType& type) {
    return fmt::format("property_object_of_{}", type.name);
  }

  Json data() const {
    Json capabilities = Json::object();
    for (const Capability& capability : catalogue_.capabilities()) {
      Json properties = Json::object();
      for (const Property& property : capability.properties) {
        properties[std::string(property.name)] = property_schema(property);
      }
      Json schema{{"type", "object"},
                  {"properties", std::move(properties)},
                  {"additionalProperties", false}};
      if (version_ == StreamVersion::v2) {
        schema["minProperties"] = 1;
      }
      capabilities[std::string(capability.name)] = std::move(schema);
    }
    Json schema{{"type", "object"}, {"properties", std::move(capabilities)}, {"minProperties", 1}};
    if (version_ == StreamVersion::v1) {
      schema["maxProperties"] = 1;
      schema["additionalProperties"] = false;
    }
    return schema;
  }

  Json property_schema(const Property& property) const {
    Json schema = property.type->name.empty() ? property_object(defined(*property.type))
                                              : reference(property_object_name(*property.type));
    if (property.is_array(version_)) {
      schema = {{"type", "array"}, {"items", std::move(schema)}};
    }
    if (property.deprecated) {
      schema["deprecated"] = true;
    }
    return schema;
  }

  Json property_object(Json data) const {
    Json properties{{"data", std::move(data)},
                    {"timestamp", {{"type", "string"}, {"format", "date-time"}}},
                    {"failure", use(catalogue_.failure())},
                    {"availability", use(catalogue_.availability())}};
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"minProperties", 1},
            {"additionalProperties", false}};
  }

  static Json use(const ValueType& type) {
    return type.name.empty() ? defined(type) : reference(type.name);
  }

  static Json defined(const ValueType& type) {
    switch (type.kind) {
      case ValueKind::string:
        return limited("string", "minLength", "maxLength", type.limits);
      case ValueKind::date_time:
        return {{"type", "string"}, {"format", "date-time"}};
      case ValueKind::integer:
        return limited("integer", "minimum", "maximum", type.limits);
      case ValueKind::number:
        return {{"type", "number"}};
      case ValueKind::enumeration:
        return enumeration(type.names);
      case ValueKind::quantity:
        return closed_object({{"unit", enumeration(type.names)}, {"value", {{"type", "number"}}}});
      case ValueKind::object:
        break;
      case ValueKind::array: {
        Json schema = limited("array", "minItems", "maxItems", type.limits);
        schema["items"] = use(*type.item);
        return schema;
      }
    }
    Json members = Json::object();
    for (const Member& member : type.members) {
      members[std::string(member.name)] = use(*member.type);
    }
    return closed_object(std::move(members));
  }

  const Catalogue& catalogue_;
  StreamVersion version_;
};

Json envelope(StreamVersion version) {
  const Json text{{"type", "string"}};
  Json properties{{"version", {{"type", "number"}}}, {"message_id", text}, {"vin", text}};
  if (version == StreamVersion::v1) {
    properties["version"] = {{"const", 1}};
    properties["capability"] = text;
    properties["property"] = text;
  } else {
    properties["application_id"] = {{"type", "string"}, {"format", "uuid"}};
  }
  properties["data"] = reference("data");
  Json schema = closed_object(std::move(properties));
  schema["additionalProperties"] = true;
  return schema;
}

}  // namespace

Json json_schema(const Catalogue& catalogue, StreamVersion version, SchemaPart part) {
  const bool v1 = version == StreamVersion::v1;
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"},
              {"$comment",
               fmt::format("Auto API level {}, {} of a message of stream {}", catalogue.level(),
                           part == SchemaPart::data ? "the data" : "the whole", v1 ? "V1" : "V2")}};
  schema.update(part == SchemaPart::data ? reference("data") : envelope(version));
  schema["definitions"] = Exporter(catalogue, version).definitions();
  return schema;
}

}  // namespace autotape
