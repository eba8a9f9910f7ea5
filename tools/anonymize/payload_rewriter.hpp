// Replaces what a payload tells of a person, and leaves every other byte as it is.
//
// What is harmless is known from the catalogue, place by place: numbers, units and enumerations of
// known properties, and the names of all that. Everything else is replaced: texts, whatever stands
// where the catalogue knows nothing or wants another type, and names that are no public words.
// true, false and null stay everywhere.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "anonymize/harmless.hpp"
#include "anonymize/substitution.hpp"
#include "json/parser.hpp"
#include "json/structural_index.hpp"
#include "schema/catalogue.hpp"

namespace autotape {

// Not thread-safe.
class PayloadRewriter {
 public:
  PayloadRewriter(Substitution& substitution, const Harmless& harmless)
      : substitution_(substitution), harmless_(harmless) {}

  // False, and nothing done, if `payload` is no JSON as all of this program reads it. `car` is
  // whose it is if the payload does not say so. `out` may be read until the next call.
  bool rewrite(std::string_view payload, std::string_view car);
  const std::string& out() const { return out_; }

  // Names that are not in the catalogue, at their places ("diagnostics.new_property"), and how
  // often they came. The first hundred.
  const std::map<std::string, std::uint64_t, std::less<>>& unknown() const { return unknown_; }

 private:
  // Calls `visit(name)` for each member, with its value as the current token; visit must go past
  // it.
  template <typename Visit>
  void for_each_member(Visit visit);
  template <typename Visit>
  void for_each_item(Visit visit);

  void envelope();
  void envelope_member(std::string_view name);
  void capability(std::string_view name);
  void property_value(const Property* property);
  void property_object(const Property* property);
  void typed(const ValueType& type, PersonalData personal, std::string_view name);
  void object_of(const ValueType& type);
  void quantity(const ValueType& type);
  void anything();

  template <typename EachToken>
  void walk(EachToken each_token);  // which goes past the token
  void keep();
  void keep_all_but_times();
  void replace_text();
  void replace_date_time();
  void replace_number();
  void replace_coordinate(Axis axis);
  void text_unless_one_of(const std::vector<std::string_view>& names);
  void replace_name_unless_public(std::string_view name);

  char token() const { return text_[positions_[next_]]; }
  std::string_view raw_string() const;
  std::string_view literal() const;
  std::string_view characters();
  void put(std::string_view raw, std::string_view original, std::string_view replacement);

  Substitution& substitution_;
  const Harmless& harmless_;
  JsonParser parser_;
  StructuralIndex index_;

  std::string_view text_;
  const std::uint32_t* positions_ = nullptr;
  std::size_t next_ = 0;    // the current token
  std::size_t name_ = 0;    // the token of the name of the current value
  std::size_t copied_ = 0;  // bytes of text_ that are dealt with
  std::string car_;
  std::string path_;  // of the current value, where something is kept
  std::string unescaped_;
  std::string out_;
  std::map<std::string, std::uint64_t, std::less<>> unknown_;
};

}  // namespace autotape
