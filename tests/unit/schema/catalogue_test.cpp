#include "schema/catalogue.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("level 13 has 45 capabilities and 557 properties") {
  const Catalogue& catalogue = Catalogue::level13();
  std::size_t properties = 0;
  std::size_t deprecated = 0;
  for (const Capability& capability : catalogue.capabilities()) {
    properties += capability.properties.size();
    for (const Property& property : capability.properties) {
      deprecated += property.deprecated ? 1 : 0;
    }
  }
  CHECK(catalogue.level() == "13.6");
  CHECK(catalogue.capabilities().size() == 45);
  CHECK(properties == 557);
  CHECK(deprecated == 17);
}

TEST_CASE("a property says what its value is") {
  const Catalogue& catalogue = Catalogue::level13();
  const Capability* diagnostics = catalogue.find("diagnostics");
  REQUIRE(diagnostics != nullptr);
  CHECK(catalogue.find("gnostics") == nullptr);
  CHECK(diagnostics->find("odo") == nullptr);

  const Property* odometer = diagnostics->find("odometer");
  REQUIRE(odometer != nullptr);
  CHECK(odometer->type->name == "length");
  CHECK(odometer->type->kind == ValueKind::quantity);
  CHECK(odometer->type->names.front() == "meters");
  CHECK_FALSE(odometer->is_array(StreamVersion::v1));
  CHECK(odometer->is_array(StreamVersion::v2));

  const Property* tire_pressures = diagnostics->find("tire_pressures");
  REQUIRE(tire_pressures != nullptr);
  CHECK(tire_pressures->is_array(StreamVersion::v1));
  REQUIRE(tire_pressures->type->members.size() == 2);
  CHECK(tire_pressures->type->members[0].type->kind == ValueKind::enumeration);
  CHECK(tire_pressures->type->members[1].type->name == "pressure");
}

TEST_CASE("nonce and vin are in every capability, and single objects in both streams") {
  for (const Capability& capability : Catalogue::level13().capabilities()) {
    const Property* nonce = capability.find("nonce");
    REQUIRE(nonce != nullptr);
    CHECK(nonce->type->kind == ValueKind::array);
    CHECK(nonce->type->limits == Limits{9, 9});
    CHECK(nonce->type->item->limits == Limits{0, 255});
    const Property* vin = capability.find("vin");
    REQUIRE(vin != nullptr);
    CHECK(vin->type->limits == Limits{17, 17});
    CHECK(vin->personal == PersonalData::vin);
    CHECK_FALSE(vin->is_array(StreamVersion::v2));
  }
}

TEST_CASE("both coordinates are personal data, as a place") {
  const Property* coordinates = Catalogue::level13().find("vehicle_location")->find("coordinates");
  REQUIRE(coordinates != nullptr);
  for (const Member& member : coordinates->type->members) {
    CHECK(member.personal == PersonalData::place);
  }
}

TEST_CASE("each property's type is defined to its leaves") {
  for (const ValueType& type : Catalogue::level13().types()) {
    const bool has_names = type.kind == ValueKind::enumeration || type.kind == ValueKind::quantity;
    CHECK(type.names.empty() != has_names);
    CHECK(type.members.empty() == (type.kind != ValueKind::object));
    CHECK((type.item == nullptr) == (type.kind != ValueKind::array));
    for (const Member& member : type.members) {
      CHECK(member.type != nullptr);
    }
  }
}

TEST_CASE("a broken catalogue is refused with its line") {
  const auto line_of = [](std::string_view text) {
    const auto parsed = Catalogue::parse(text);
    REQUIRE_FALSE(parsed.ok());
    return parsed.error().line();
  };
  CHECK(line_of("levels") == "line 1: expected \"level\", found \"levels\"");
  CHECK(line_of("level 1\ntype a { b }") == "line 2: expected \":\", found \"}\"");
  CHECK(line_of("level 1\n\ntype a 0..x") == "line 3: expected a type, found \"0..x\"");
  CHECK(line_of("level 1\ntype a integer 0..x") ==
        "line 2: expected limits such as 0..255, found \"0..x\"");
  CHECK(line_of("level 1\ncapability a\n  b: [c") ==
        "line 3: expected \"]\", found the end of the text");
  CHECK(line_of("level 1\ntype failure number type availability number\ncapability a\n  b: c\n") ==
        "line 4: the type \"c\" is not defined");
  CHECK(line_of("level 1\ntype a number\ntype a string") ==
        "line 3: expected a name that is not defined yet, found \"a\"");
  CHECK(line_of("level 1\ncapability a\n  b: string @odd") ==
        "line 3: expected deprecated or a kind of personal data, found \"odd\"");
}
