// What a message of Auto API level 13 may hold: 45 capabilities, 557 properties, and the types of
// their values. Source: fixtures/catalogue/level13.catalogue, which is built into the program.
//
// A property object, in both streams, has at least one of the members
//   data          the value, of the property's type
//   timestamp     a date-time: when the car produced the value
//   failure       catalogue.failure()
//   availability  catalogue.availability()
// and no other. V1: `data` of the envelope holds one capability and that any number of its
// properties; a list property is an array of property objects, any other is one. V2: any number of
// capabilities but at least one, unknown ones among them; each holds at least one property; every
// property is an array, but for `nonce` and `vin`. Arrays may be empty.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "message/topic.hpp"

namespace autotape {

enum class ValueKind {
  string,       // `limits`: its length in Unicode code points
  date_time,    // a string as in RFC 3339 section 5.6
  integer,      // `limits`: its value; 1.0 and 1e2 are integers
  number,       // any JSON number
  enumeration,  // a string that is one of `names`
  quantity,     // an object of `value`, a number, and `unit`, one of `names`; both are required
  object,       // an object of `members`, all of them required, and no other
  array,        // of `item`; `limits`: how many
};

std::string_view name_of(ValueKind kind);

// What a value tells of a person.
enum class PersonalData {
  none,
  vin,
  place,
  address,
  name,
  contact,
  identifier,
  message,
  network,
  secret,
};

std::string_view name_of(PersonalData kind);

// Both ends included.
struct Limits {
  std::int64_t least = 0;
  std::int64_t most = 0;

  bool operator==(const Limits&) const = default;
};

struct ValueType;

struct Member {
  std::string_view name;
  const ValueType* type = nullptr;  // never null
  PersonalData personal = PersonalData::none;
};

// Types that have a name are shared by all that use them: compare pointers.
struct ValueType {
  std::string_view name;  // "tire_pressure"; empty if the type stands where it is used
  ValueKind kind = ValueKind::string;
  std::vector<std::string_view> names;
  std::vector<Member> members;
  const ValueType* item = nullptr;  // of an array, null otherwise
  std::optional<Limits> limits;
};

struct Property {
  std::string_view name;
  const ValueType* type = nullptr;  // of `data`, or of each item's `data` in a list; never null
  bool list = false;                // an array of property objects in V1 too
  bool everywhere = false;  // `nonce` and `vin`: in each capability, a single object in V2 too
  bool deprecated = false;
  PersonalData personal = PersonalData::none;

  bool is_array(StreamVersion version) const {
    return list || (version == StreamVersion::v2 && !everywhere);
  }
};

struct Capability {
  std::string_view name;
  std::vector<Property> properties;

  const Property* find(std::string_view property_name) const;  // null if there is none
};

// Immutable once made, so that threads may share it. Nothing in it moves.
class Catalogue {
 public:
  // The form is described in fixtures/catalogue/README.md. Views in the result point into `text`,
  // which must outlive it. The error's `where` is "line N".
  static Result<Catalogue> parse(std::string_view text);

  // The one built into the program; read at the first call.
  static const Catalogue& level13();

  std::string_view level() const { return level_; }                           // "13.6"
  std::span<const Capability> capabilities() const { return capabilities_; }  // sorted by name
  const Capability* find(std::string_view capability_name) const;  // null if there is none
  const ValueType& failure() const { return *failure_; }
  const ValueType& availability() const { return *availability_; }

  // All types, those without a name too.
  const std::deque<ValueType>& types() const { return types_; }

  Catalogue(Catalogue&&) noexcept = default;
  Catalogue& operator=(Catalogue&&) noexcept = default;

 private:
  friend class CatalogueParser;
  Catalogue() = default;

  std::string_view level_;
  std::deque<ValueType> types_;
  std::vector<Capability> capabilities_;
  const ValueType* failure_ = nullptr;
  const ValueType* availability_ = nullptr;
};

}  // namespace autotape
