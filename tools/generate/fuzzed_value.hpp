// JSON of the catalogue's types that uses what the schema allows, and breaks it in one place if it
// is told to.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/random.hpp"
#include "core/time.hpp"
#include "schema/catalogue.hpp"

namespace autotape {

// By their places in fuzzed_keywords().
enum class FuzzKeyword : std::uint8_t {
  type,
  required,
  additional_properties,
  enumeration,
  format,
  minimum,
  maximum,
  min_length,
  max_length,
  min_items,
  max_items,
  min_properties,
};
inline constexpr std::size_t fuzz_keyword_count = 12;

// Appends to a text. Written twice with the same luck it counts first, for each keyword, the places
// where it could be broken, and breaks one of them the second time.
class FuzzedValue {
 public:
  struct Target {
    FuzzKeyword keyword;
    std::uint64_t place;  // the first is 0
  };

  FuzzedValue(const Catalogue& catalogue, DataTime now) : catalogue_(catalogue), now_(now) {}

  // Appends to `out` from now on; breaks nothing without a target. `pointer` is where it begins.
  void start(std::string& out, std::string_view pointer, Random random, const Target* target);

  // {"capability":{"property":…}}. `data` is sorted by capability; each capability's own
  // properties.
  struct Chosen {
    const Capability* capability;
    const Property* property;
  };
  void data(const std::vector<Chosen>& chosen, StreamVersion version);

  const std::array<std::uint64_t, fuzz_keyword_count>& places() const { return places_; }
  const std::string& broken_at() const { return broken_at_; }

 private:
  template <typename Write>
  void at(std::string_view step, Write write);

  bool breaks(FuzzKeyword keyword, std::string_view step = {});
  void property(const Property& property, StreamVersion version);
  void property_object(const ValueType& type);
  void value(const ValueType& type, std::string_view member);
  void object(const ValueType& type);
  void members(const std::vector<Member>& members);
  void array(const ValueType& type);
  void text(const ValueType& type);
  void date_time();
  void whole_number(const ValueType& type);
  void number(const ValueType& type, std::string_view member);
  void enumeration(const std::vector<std::string_view>& names);
  void begin_member(std::string_view name, bool& first);
  void unknown_member(bool& first);
  void separate(bool& first);
  template <std::size_t N>
  void one_of(const std::array<std::string_view, N>& texts);

  const Catalogue& catalogue_;
  DataTime now_;
  Random random_{0, ""};
  std::string* out_ = nullptr;
  std::string pointer_;
  const Target* target_ = nullptr;
  bool spaced_ = false;
  std::array<std::uint64_t, fuzz_keyword_count> places_{};
  std::string broken_at_;
};

}  // namespace autotape
