#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "schema/fast_compiler.hpp"

namespace autotape {
namespace {

// The instructions of one schema by keyword; nothing if one comes twice.
using Keywords = std::map<Keyword, std::uint64_t>;

// What of the catalogue a schema stands for, so far as a path of names from the root tells.
struct Meaning {
  enum class Level : std::uint8_t { none, root, capability, property, list, value };
  Level level = Level::none;
  const Capability* capability = nullptr;
  const Property* property = nullptr;
  const ValueType* type = nullptr;
  std::string_view member;  // the name that led here, in a property object or a value

  auto operator<=>(const Meaning&) const = default;
};

class SchemaReader {
 public:
  SchemaReader(const Program& program, const Catalogue& catalogue)
      : program_(program), catalogue_(catalogue) {}

  FastProgram compile() {
    Meaning root;
    root.level = Meaning::Level::root;
    fast_.root = node(program_.root, root);
    return std::move(fast_);
  }

 private:
  std::uint32_t node(SchemaIndex index, const Meaning& meaning);
  void fill(std::uint32_t at, const SchemaNode& schema, const Meaning& meaning);
  std::optional<Keywords> keywords(const SchemaNode& schema) const;
  FastNode text(const Keywords& keywords, const Meaning& meaning);
  FastNode number(const Keywords& keywords, const Meaning& meaning) const;
  FastNode integer(const Keywords& keywords) const;
  FastNode array(const Keywords& keywords, const Meaning& meaning);
  FastNode object(const Keywords& keywords, const Meaning& meaning);
  FastNode choice(const Keywords& keywords, const Meaning& meaning);
  FastNode closed_object(const std::vector<std::string_view>& names,
                         const std::vector<SchemaIndex>& schemas, FastObject fast,
                         const Meaning& meaning);
  Meaning inside(const Meaning& meaning, std::string_view name) const;

  const Program& program_;
  const Catalogue& catalogue_;
  FastProgram fast_;
  std::map<std::pair<SchemaIndex, Meaning>, std::uint32_t> known_;
};

// Are there no other keywords than these?
bool only(const Keywords& keywords, std::initializer_list<Keyword> allowed) {
  return std::all_of(keywords.begin(), keywords.end(), [&](const auto& entry) {
    return std::find(allowed.begin(), allowed.end(), entry.first) != allowed.end();
  });
}

std::int64_t count_or(const Keywords& keywords, Keyword keyword, std::int64_t otherwise) {
  const auto found = keywords.find(keyword);
  return found == keywords.end() ? otherwise : static_cast<std::int64_t>(found->second);
}

std::optional<std::int64_t> exact_integer(const Limit& limit) {
  constexpr double exact_in_double = 9007199254740992.0;
  const bool small = limit.rounded >= -exact_in_double && limit.rounded <= exact_in_double;
  return small && limit.exact.is_integer() ? std::optional(static_cast<std::int64_t>(limit.rounded))
                                           : std::nullopt;
}

std::optional<Keywords> SchemaReader::keywords(const SchemaNode& schema) const {
  Keywords found;
  for (std::uint32_t i = schema.first; i < schema.first + schema.count; ++i) {
    const Instruction& instruction = program_.instructions[i];
    if (!found.emplace(instruction.keyword, instruction.operand).second) {
      return std::nullopt;
    }
  }
  return found;
}

std::uint32_t SchemaReader::node(SchemaIndex index, const Meaning& meaning) {
  index = program_.schemas[index].same_as.value_or(index);
  const auto next = static_cast<std::uint32_t>(fast_.nodes.size());
  const auto [known, is_new] = known_.emplace(std::pair(index, meaning), next);
  if (is_new) {
    fast_.nodes.emplace_back();
    fill(next, program_.schemas[index], meaning);
  }
  return known->second;
}

void SchemaReader::fill(std::uint32_t at, const SchemaNode& schema, const Meaning& meaning) {
  const auto found = schema.never ? std::nullopt : keywords(schema);
  const std::uint64_t type =
      found ? static_cast<std::uint64_t>(count_or(*found, Keyword::type, 0)) : 0;
  FastNode made;
  if (type == type_string) {
    made = text(*found, meaning);
  } else if (type == (type_number | type_integer)) {
    made = number(*found, meaning);
  } else if (type == type_integer) {
    made = integer(*found);
  } else if (type == type_array) {
    made = array(*found, meaning);
  } else if (type == type_object) {
    made = found->count(Keyword::one_of) != 0 ? choice(*found, meaning) : object(*found, meaning);
  }
  fast_.nodes[at] = made;
}

FastNode SchemaReader::text(const Keywords& keywords, const Meaning& meaning) {
  FastNode made;
  if (only(keywords, {Keyword::type, Keyword::enumeration}) &&
      keywords.count(Keyword::enumeration) != 0) {
    const JsonValue choices = program_.constants[keywords.at(Keyword::enumeration)];
    std::vector<std::string_view> names;
    for (JsonValue choice = choices.first(); choice != choices.end(); choice = choice.next()) {
      // A text as it is written is compared, so a name that must be escaped is not for us.
      const std::string_view name = choice.text();
      if (choice.is(JsonKind::string) && name.find_first_of("\"\\") == std::string_view::npos &&
          std::find(names.begin(), names.end(), name) == names.end()) {
        names.push_back(name);
      }
    }
    made.kind = FastKind::enumeration;
    made.table = static_cast<std::uint32_t>(fast_.enumerations.size());
    fast_.enumerations.emplace_back(names);
  } else if (only(keywords, {Keyword::type, Keyword::format}) &&
             keywords.count(Keyword::format) != 0) {
    if (program_.formats[keywords.at(Keyword::format)].name == "date-time") {
      const bool timestamp =
          meaning.level == Meaning::Level::property && meaning.member == "timestamp";
      made.kind = timestamp ? FastKind::timestamp : FastKind::date_time;
    }
  } else if (only(keywords, {Keyword::type, Keyword::min_length, Keyword::max_length})) {
    made.kind = FastKind::text;
    made.least = count_or(keywords, Keyword::min_length, 0);
    made.most = count_or(keywords, Keyword::max_length, FastNode::unbounded);
  }
  return made;
}

FastNode SchemaReader::number(const Keywords& keywords, const Meaning& meaning) const {
  FastNode made;
  if (!only(keywords, {Keyword::type})) {
    return made;
  }
  made.kind = FastKind::number;
  if (meaning.type != nullptr && meaning.type->name == "percentage") {
    made.plausible = Plausible::share;
  } else if (meaning.member == "latitude") {
    made.plausible = Plausible::latitude;
  } else if (meaning.member == "longitude") {
    made.plausible = Plausible::longitude;
  }
  return made;
}

FastNode SchemaReader::integer(const Keywords& keywords) const {
  FastNode made;
  made.least = -FastNode::unbounded;
  made.most = FastNode::unbounded;
  if (!only(keywords, {Keyword::type, Keyword::minimum, Keyword::maximum})) {
    return made;
  }
  for (const auto& [keyword, operand] : keywords) {
    if (keyword == Keyword::type) {
      continue;
    }
    const auto limit = exact_integer(program_.limits[operand]);
    if (!limit) {
      return made;
    }
    (keyword == Keyword::minimum ? made.least : made.most) = *limit;
  }
  made.kind = FastKind::integer;
  return made;
}

FastNode SchemaReader::array(const Keywords& keywords, const Meaning& meaning) {
  FastNode made;
  if (!only(keywords, {Keyword::type, Keyword::items, Keyword::min_items, Keyword::max_items}) ||
      keywords.count(Keyword::items) == 0) {
    return made;
  }
  const ItemsRule& rule = program_.items[keywords.at(Keyword::items)];
  if (!rule.places.empty() || !rule.others) {
    return made;
  }
  Meaning item = meaning;
  if (meaning.level == Meaning::Level::value) {
    item.type = meaning.type != nullptr ? meaning.type->item : nullptr;
    item.member = {};
  }
  made.item = node(*rule.others, item);
  made.kind = FastKind::array;
  made.least = count_or(keywords, Keyword::min_items, 0);
  made.most = count_or(keywords, Keyword::max_items, FastNode::unbounded);
  return made;
}

Meaning SchemaReader::inside(const Meaning& meaning, std::string_view name) const {
  Meaning inner;
  switch (meaning.level) {
    case Meaning::Level::root:
      inner.capability = catalogue_.find(name);
      inner.level = inner.capability != nullptr ? Meaning::Level::capability : Meaning::Level::none;
      break;
    case Meaning::Level::capability:
      inner.property = meaning.capability->find(name);
      inner.level = inner.property != nullptr ? Meaning::Level::list : Meaning::Level::none;
      break;
    case Meaning::Level::list:  // a property object, alone or as an item
      inner.level = name == "data" ? Meaning::Level::value : Meaning::Level::property;
      inner.type = name == "data" ? meaning.property->type : nullptr;
      inner.member = name == "timestamp" ? "timestamp" : "";
      break;
    case Meaning::Level::value:
      if (meaning.type != nullptr) {
        for (const Member& member : meaning.type->members) {
          if (member.name == name) {
            inner.type = member.type;
            inner.member = member.name;
            inner.level = Meaning::Level::value;
          }
        }
      }
      break;
    case Meaning::Level::property:
    case Meaning::Level::none:
      break;
  }
  return inner;
}

FastNode SchemaReader::closed_object(const std::vector<std::string_view>& names,
                                     const std::vector<SchemaIndex>& schemas, FastObject fast,
                                     const Meaning& meaning) {
  FastNode made;
  // A name that must be escaped is not compared as it is written, and one with a slash would be
  // several levels of a topic.
  const bool unusual = std::any_of(names.begin(), names.end(), [](std::string_view name) {
    return name.find_first_of("\"\\/") != std::string_view::npos;
  });
  if (names.size() > FastObject::most_members || unusual) {
    return made;
  }
  fast.names = NameTable(names);
  for (std::size_t i = 0; i < names.size(); ++i) {
    FastMember& member = fast.members.emplace_back();
    const Meaning inner = inside(meaning, names[i]);
    member.deprecated = meaning.level == Meaning::Level::capability && inner.property != nullptr &&
                        inner.property->deprecated;
    member.node = node(schemas[i], inner);
  }
  made.kind = FastKind::object;
  made.table = static_cast<std::uint32_t>(fast_.objects.size());
  fast_.objects.push_back(std::move(fast));
  return made;
}

FastNode SchemaReader::object(const Keywords& keywords, const Meaning& meaning) {
  if (!only(keywords, {Keyword::type, Keyword::members, Keyword::required, Keyword::min_properties,
                       Keyword::max_properties}) ||
      keywords.count(Keyword::members) == 0) {
    return {};
  }
  // An object that is open to other members is judged here as long as it has none.
  const MembersRule& rule = program_.members[keywords.at(Keyword::members)];
  if (!rule.by_pattern.empty()) {
    return {};
  }
  std::vector<SchemaIndex> schemas;
  for (const std::string_view name : rule.names) {
    schemas.push_back(rule.named.at(name));
  }
  FastObject fast;
  fast.least = static_cast<std::size_t>(count_or(keywords, Keyword::min_properties, 0));
  fast.most =
      static_cast<std::size_t>(count_or(keywords, Keyword::max_properties, FastNode::unbounded));
  if (const auto required = keywords.find(Keyword::required); required != keywords.end()) {
    for (const std::string_view name : program_.names[required->second]) {
      const auto place = static_cast<std::size_t>(
          std::find(rule.names.begin(), rule.names.end(), name) - rule.names.begin());
      if (place >= std::min(rule.names.size(), FastObject::most_members)) {
        return {};
      }
      fast.required[place / 64] |= std::uint64_t{1} << (place % 64);
    }
  }
  return closed_object(rule.names, schemas, std::move(fast), meaning);
}

// "Exactly one of 45 schemas, each of which wants one member and no other" is a choice of one
// member.
FastNode SchemaReader::choice(const Keywords& keywords, const Meaning& meaning) {
  if (!only(keywords, {Keyword::type, Keyword::one_of})) {
    return {};
  }
  std::vector<std::string_view> names;
  std::vector<SchemaIndex> schemas;
  for (const SchemaIndex branch : program_.branches[keywords.at(Keyword::one_of)]) {
    const auto inner = this->keywords(program_.schema(branch));
    if (!inner ||
        !only(*inner,
              {Keyword::type, Keyword::members, Keyword::required, Keyword::min_properties}) ||
        count_or(*inner, Keyword::type, type_object) != type_object ||
        count_or(*inner, Keyword::min_properties, 1) > 1 || inner->count(Keyword::members) == 0 ||
        inner->count(Keyword::required) == 0) {
      return {};
    }
    const MembersRule& rule = program_.members[inner->at(Keyword::members)];
    const bool closed = rule.others && program_.schema(*rule.others).never;
    if (!closed || !rule.by_pattern.empty() || rule.names.size() != 1 ||
        program_.names[inner->at(Keyword::required)] != rule.names ||
        std::find(names.begin(), names.end(), rule.names[0]) != names.end()) {
      return {};
    }
    names.push_back(rule.names[0]);
    schemas.push_back(rule.named.at(rule.names[0]));
  }
  FastObject fast;
  fast.least = 1;
  fast.most = 1;
  return closed_object(names, schemas, std::move(fast), meaning);
}

}  // namespace

FastProgram compile_fast(const Program& program, const Catalogue& catalogue) {
  return SchemaReader(program, catalogue).compile();
}

}  // namespace autotape
