#include <map>
#include <utility>

#include "schema/fast_compiler.hpp"

namespace autotape {
namespace {

class CatalogueReader {
 public:
  CatalogueReader(const Catalogue& catalogue, StreamVersion version)
      : catalogue_(catalogue), version_(version) {}

  FastProgram compile() {
    failure_ = value(catalogue_.failure(), {});
    availability_ = value(catalogue_.availability(), {});
    ObjectBuilder capabilities;
    capabilities.least = 1;
    capabilities.most = version_ == StreamVersion::v1 ? 1 : FastObject::most_members;
    for (const Capability& one : catalogue_.capabilities()) {
      capabilities.add(one.name, {capability(one), false});
    }
    fast_.root = object(std::move(capabilities));
    return std::move(fast_);
  }

 private:
  struct ObjectBuilder {
    std::vector<std::string_view> names;
    std::vector<FastMember> members;
    bool all_required = false;
    std::size_t least = 0;
    std::size_t most = FastObject::most_members;

    void add(std::string_view name, FastMember member) {
      names.push_back(name);
      members.push_back(member);
    }
  };

  std::uint32_t add(FastNode node) {
    fast_.nodes.push_back(node);
    return static_cast<std::uint32_t>(fast_.nodes.size() - 1);
  }

  std::uint32_t object(ObjectBuilder builder) {
    FastObject made;
    made.names = NameTable(builder.names);
    made.members = std::move(builder.members);
    made.least = builder.least;
    made.most = builder.most;
    for (std::size_t i = 0; builder.all_required && i < made.members.size(); ++i) {
      made.required[i / 64] |= std::uint64_t{1} << (i % 64);
    }
    FastNode node;
    node.kind = FastKind::object;
    node.table = static_cast<std::uint32_t>(fast_.objects.size());
    fast_.objects.push_back(std::move(made));
    return add(node);
  }

  std::uint32_t array_of(std::uint32_t item, std::optional<Limits> limits) {
    FastNode node;
    node.kind = FastKind::array;
    node.item = item;
    node.least = limits ? limits->least : 0;
    node.most = limits ? limits->most : FastNode::unbounded;
    return add(node);
  }

  std::uint32_t enumeration(const std::vector<std::string_view>& names) {
    FastNode node;
    node.kind = FastKind::enumeration;
    node.table = static_cast<std::uint32_t>(fast_.enumerations.size());
    fast_.enumerations.emplace_back(names);
    return add(node);
  }

  std::uint32_t capability(const Capability& capability) {
    ObjectBuilder properties;
    properties.least = version_ == StreamVersion::v2 ? 1 : 0;
    for (const Property& property : capability.properties) {
      std::uint32_t node = property_object(*property.type);
      if (property.is_array(version_)) {
        node = array_of(node, {});
      }
      properties.add(property.name, {node, property.deprecated});
    }
    return object(std::move(properties));
  }

  std::uint32_t property_object(const ValueType& type) {
    const auto known = property_objects_.find(&type);
    if (known != property_objects_.end()) {
      return known->second;
    }
    FastNode timestamp;
    timestamp.kind = FastKind::timestamp;
    ObjectBuilder members;
    members.least = 1;
    members.add("data", {value(type, {}), false});
    members.add("timestamp", {add(timestamp), false});
    members.add("failure", {failure_, false});
    members.add("availability", {availability_, false});
    return property_objects_[&type] = object(std::move(members));
  }

  // `member` is the name of an object's member that leads to the value.
  std::uint32_t value(const ValueType& type, std::string_view member) {
    const auto key = std::pair(&type, member);
    const auto known = values_.find(key);
    return known != values_.end() ? known->second : values_[key] = new_value(type, member);
  }

  std::uint32_t new_value(const ValueType& type, std::string_view member) {
    FastNode node;
    switch (type.kind) {
      case ValueKind::string:
        node.kind = FastKind::text;
        node.least = type.limits ? type.limits->least : 0;
        node.most = type.limits ? type.limits->most : FastNode::unbounded;
        return add(node);
      case ValueKind::date_time:
        node.kind = FastKind::date_time;
        return add(node);
      case ValueKind::integer:
        node.kind = FastKind::integer;
        node.least = type.limits ? type.limits->least : -FastNode::unbounded;
        node.most = type.limits ? type.limits->most : FastNode::unbounded;
        return add(node);
      case ValueKind::number:
        node.kind = FastKind::number;
        node.plausible = type.name == "percentage" ? Plausible::share
                         : member == "latitude"    ? Plausible::latitude
                         : member == "longitude"   ? Plausible::longitude
                                                   : Plausible::anything;
        return add(node);
      case ValueKind::enumeration:
        return enumeration(type.names);
      case ValueKind::quantity: {
        node.kind = FastKind::number;
        ObjectBuilder members;
        members.all_required = true;
        members.add("unit", {enumeration(type.names), false});
        members.add("value", {add(node), false});
        return object(std::move(members));
      }
      case ValueKind::array:
        return array_of(value(*type.item, {}), type.limits);
      case ValueKind::object:
        break;
    }
    ObjectBuilder members;
    members.all_required = true;
    for (const Member& one : type.members) {
      members.add(one.name, {value(*one.type, one.name), false});
    }
    return object(std::move(members));
  }

  const Catalogue& catalogue_;
  StreamVersion version_;
  FastProgram fast_;
  std::uint32_t failure_ = 0;
  std::uint32_t availability_ = 0;
  std::map<const ValueType*, std::uint32_t> property_objects_;
  std::map<std::pair<const ValueType*, std::string_view>, std::uint32_t> values_;
};

}  // namespace

FastProgram compile_fast(const Catalogue& catalogue, StreamVersion version) {
  return CatalogueReader(catalogue, version).compile();
}

}  // namespace autotape
