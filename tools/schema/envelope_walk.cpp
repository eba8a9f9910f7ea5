#include "schema/envelope_walk.hpp"

#include <cstring>

namespace autotape {
namespace {

// Places in the tables of names; the texts stand as in EnvelopeText.
enum Member : std::uint32_t {
  message_id,
  vin,
  application_id,
  capability,
  property,
  version,
  data
};

constexpr std::array<std::string_view, 7> names = {
    "message_id", "vin", "application_id", "capability", "property", "version", "data"};

constexpr std::uint32_t bit(std::uint32_t member) {
  return 1U << member;
}
constexpr std::uint32_t common = bit(message_id) | bit(vin) | bit(version) | bit(data);
constexpr std::uint32_t v1_members = common | bit(capability) | bit(property);
constexpr std::uint32_t v2_members = common | bit(application_id);
constexpr std::uint32_t other = 1U << names.size();

bool is_escaped(std::string_view raw) {
  return std::memchr(raw.data(), '\\', raw.size()) != nullptr;
}

std::optional<std::string_view> plain_text(const FastWalk& walk, FastWalk::Token token) {
  if (walk.at(token) != '"') {
    return std::nullopt;
  }
  const std::string_view raw = walk.raw_string(token);
  return is_escaped(raw) ? std::nullopt : std::optional(raw);
}

const FastObject* object_at(const FastProgram& program, std::uint32_t node) {
  const FastNode& found = program.nodes[node];
  if (found.kind != FastKind::object) {
    return nullptr;
  }
  const FastObject& object = program.objects[found.table];
  const bool one_is_enough = object.required == FastObject::MemberSet{} && object.least <= 1;
  return one_is_enough ? &object : nullptr;
}

// Steps over `{"name":` and gives the member.
const FastMember* only_member(const FastWalk& walk, const FastProgram& program, std::uint32_t node,
                              FastWalk::Token& token, std::string_view& name) {
  const FastObject* const object = object_at(program, node);
  if (object == nullptr || walk.at(token) != '{' || walk.at(token + 1) != '"' ||
      walk.at(token + 2) != ':') {
    return nullptr;
  }
  name = walk.raw_string(token + 1);
  token += 3;
  const std::uint32_t member = object->names.find(name.data(), name.size());
  return member == NameTable::none ? nullptr : &object->members[member];
}

}  // namespace

EnvelopeWalk::EnvelopeWalk(StreamVersion stream)
    : stream_(stream), names_(names), all_(stream == StreamVersion::v1 ? v1_members : v2_members) {}

FastWalk::Token EnvelopeWalk::read(FastWalk& walk, const FastProgram& program,
                                   FastWalk::Token token) {
  seen_ = 0;
  if (walk.at(token++) != '{') {
    return nullptr;
  }
  while (true) {
    if (walk.at(token) != '"' || walk.at(token + 1) != ':') {
      return nullptr;
    }
    const std::string_view name = walk.raw_string(token);
    const std::uint32_t which = names_.find(name.data(), name.size());
    const bool may_be_known = which == NameTable::none && is_escaped(name);
    token = may_be_known ? nullptr : member(walk, program, which, token + 2);
    if (token == nullptr) {
      return nullptr;
    }
    const char separator = walk.at(token++);
    if (separator == '}') {
      return (seen_ & all_) == all_ ? token : nullptr;
    }
    if (separator != ',') {
      return nullptr;
    }
  }
}

FastWalk::Token EnvelopeWalk::member(FastWalk& walk, const FastProgram& program,
                                     std::uint32_t which, FastWalk::Token token) {
  if (which == NameTable::none || (all_ & bit(which)) == 0) {
    // One other member is worth a warning in V1. Two may have one name, and what is not a plain
    // text is left alone here.
    if ((seen_ & other) != 0) {
      return nullptr;
    }
    seen_ |= other;
    if (stream_ == StreamVersion::v1) {
      walk.warn();
    }
    return plain_text(walk, token) ? token + 1 : nullptr;
  }
  if ((seen_ & bit(which)) != 0) {
    return nullptr;
  }
  seen_ |= bit(which);
  switch (which) {
    case version:
      return is_version(walk, token) ? token + 1 : nullptr;
    case data:
      return stream_ == StreamVersion::v1 ? v1_data(walk, program, token)
                                          : walk.value(program.root, token);
    default: {
      const auto text = plain_text(walk, token);
      if (!text || text->empty()) {
        return nullptr;
      }
      texts_[which] = *text;
      return token + 1;
    }
  }
}

bool EnvelopeWalk::is_version(const FastWalk& walk, FastWalk::Token token) const {
  const char wanted = stream_ == StreamVersion::v1 ? '1' : '2';
  return walk.at(token) == wanted && walk.ends_at(token, 1);
}

// {"capability": {"property": …}}: one member each, whose names are kept.
FastWalk::Token EnvelopeWalk::v1_data(FastWalk& walk, const FastProgram& program,
                                      FastWalk::Token token) {
  const FastMember* const properties =
      only_member(walk, program, program.root, token, data_capability_);
  const FastMember* const property =
      properties != nullptr ? only_member(walk, program, properties->node, token, data_property_)
                            : nullptr;
  if (property == nullptr) {
    return nullptr;
  }
  if (property->deprecated) {
    walk.warn();
  }
  token = walk.value(property->node, token);
  const bool closed = token != nullptr && walk.at(token) == '}' && walk.at(token + 1) == '}';
  return closed ? token + 2 : nullptr;
}

}  // namespace autotape
