#include "schema/catalogue.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <utility>

#include "schema/catalogue_parser.hpp"
#include "schema/level13_text.hpp"

namespace autotape {
namespace {

template <typename Named>
const Named* find_named(const std::vector<Named>& all, std::string_view name) {
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == name; });
  return found == all.end() ? nullptr : &*found;
}

}  // namespace

std::string_view name_of(ValueKind kind) {
  static constexpr std::array<std::string_view, 8> names{
      "string", "date_time", "integer", "number", "enumeration", "quantity", "object", "array"};
  return names[static_cast<std::size_t>(kind)];
}

std::string_view name_of(PersonalData kind) {
  static constexpr std::array<std::string_view, 10> names{
      "none",    "vin",        "place",   "address", "name",
      "contact", "identifier", "message", "network", "secret"};
  return names[static_cast<std::size_t>(kind)];
}

const Property* Capability::find(std::string_view property_name) const {
  return find_named(properties, property_name);
}

const Capability* Catalogue::find(std::string_view capability_name) const {
  return find_named(capabilities_, capability_name);
}

Result<Catalogue> Catalogue::parse(std::string_view text) {
  return CatalogueParser(text).parse();
}

const Catalogue& Catalogue::level13() {
  static const Catalogue catalogue = [] {
    auto parsed = parse(level13_text());
    if (!parsed) {
      throw std::logic_error("level13.catalogue: " + parsed.error().line());
    }
    return std::move(parsed).value();
  }();
  return catalogue;
}

}  // namespace autotape
