#include "anonymize/pseudonyms.hpp"

#include <set>

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "core/random.hpp"
#include "message/topic.hpp"
#include "message/vin.hpp"

using namespace autotape;

namespace {

const AnonymizeKey key = anonymize_key_of(std::string(32, 'k'));

Pseudonyms pseudonyms(CoordinateMode mode = CoordinateMode::drop) {
  return Pseudonyms(key, {mode, 0.1}, -7);
}

std::string random_vin(Random& random) {
  std::string vin;
  for (std::size_t i = 0; i < vin_length; ++i) {
    vin += vin_characters[random.below(vin_characters.size())];
  }
  return vin;
}

std::string pseudonym(std::string_view text) {
  Pseudonyms all = pseudonyms();
  return std::string(all.text(text));
}

}  // namespace

TEST_CASE("A VIN stays a VIN, its check digit as right and as plausible as it was, and unique") {
  Pseudonyms all = pseudonyms();
  Random random(7, "vins");
  std::set<std::string> seen;
  constexpr int many = 3000;
  for (int i = 0; i < many; ++i) {
    std::string vin = random_vin(random);
    if (i % 2 == 0) {
      vin[vin_check_digit_place] = vin_check_digit(vin);
    }
    const std::string other(all.text(vin));
    CHECK(is_vin(other));
    CHECK(other != vin);
    CHECK(has_valid_check_digit(other) == has_valid_check_digit(vin));
    CHECK(has_plausible_check_digit(other) == has_plausible_check_digit(vin));
    seen.insert(other);
  }
  CHECK(seen.size() == many);
}

TEST_CASE("VINs that differ in their check digit alone stay different") {
  Pseudonyms all = pseudonyms();
  std::set<std::string> seen;
  for (const char c : vin_characters) {
    std::string vin = "1HGCM82633A004352";
    vin[vin_check_digit_place] = c;
    seen.emplace(all.text(vin));
  }
  CHECK(seen.size() == vin_characters.size());
}

TEST_CASE("A pseudonym has the form of what it stands for") {
  CHECK(is_v1_app_id(pseudonym("1FBBEDED80595912588FF4FF")));
  CHECK(is_v2_application_id(pseudonym("75374841-d7a5-4db7-b9b5-8a5f60eed79d")));
  CHECK(pseudonym(std::string(64, 'A')).size() == 64);
  CHECK(pseudonym("Alexanderplatz 1, Berlin").starts_with(pseudonym_prefix));
  CHECK(pseudonym("").empty());
}

TEST_CASE("What is as long as a VIN and is none keeps its length and stays none") {
  for (const std::string text : {"VFXXXXXXXXXXXXXXI", "wba12345678901234", "Grüße aus Dresden"}) {
    CHECK(pseudonym(text).size() == vin_length);
    CHECK_FALSE(is_vin(pseudonym(text)));
  }
  CHECK(pseudonym("TESTVIN00000001").size() != vin_length);
}

TEST_CASE("Every pseudonym is known for one, and no plain text is") {
  for (const std::string text :
       {"Alice", "WATDEMPT0TRA1N001", "1FBBEDED80595912588FF4FF", "wba12345678901234", ""}) {
    CHECK(has_pseudonym_form(pseudonym(text)));
  }
  for (const std::string text : {"Alice", "anon_alice", "anon_", "P0301", "TESTVIN00000001"}) {
    CHECK_FALSE(has_pseudonym_form(text));
  }
}

TEST_CASE("The same key gives the same pseudonyms, another one others") {
  CHECK(pseudonym("Alice") == pseudonym("Alice"));
  Pseudonyms others(anonymize_key_of(std::string(32, 'x')), {}, {});
  CHECK(pseudonym("Alice") != others.text("Alice"));
  CHECK(pseudonym("WATDEMPT0TRA1N001") != others.text("WATDEMPT0TRA1N001"));
}

TEST_CASE("Equal numbers stay equal however they are written, integers stay integers") {
  Pseudonyms all = pseudonyms();
  const auto number = [&](std::string_view literal) { return std::string(all.number(literal)); };
  CHECK(number("10") == number("10.0"));
  CHECK(number("10") == number("1e1"));
  CHECK(number("10") != number("11"));
  CHECK(number("9007199254740993") != number("9007199254740992"));
  CHECK(number("10").find('.') == std::string::npos);
  CHECK(number("10.5").find('.') != std::string::npos);
}

TEST_CASE("Coordinates stay in range, apart, and away from where they were") {
  for (const CoordinateMode mode :
       {CoordinateMode::drop, CoordinateMode::grid, CoordinateMode::shift}) {
    Pseudonyms all = pseudonyms(mode);
    for (const Axis axis : {Axis::latitude, Axis::longitude}) {
      const double most = axis == Axis::latitude ? 90 : 180;
      std::set<double> seen;
      int count = 0;
      for (double degrees = -most; degrees <= most; degrees += 0.37, ++count) {
        const std::string literal = fmt::format("{:.6f}", degrees);
        const double other = std::stod(std::string(all.coordinate(axis, literal, "CAR")));
        CHECK(std::abs(other) <= most);
        seen.insert(other);
      }
      CHECK(seen.size() == static_cast<std::size_t>(count));
      CHECK(std::abs(std::stod(std::string(all.coordinate(axis, "200", "CAR")))) > 180);
    }
  }
}

TEST_CASE("A grid tells the cell and no more") {
  Pseudonyms all = pseudonyms(CoordinateMode::grid);
  const double a = std::stod(std::string(all.coordinate(Axis::latitude, "52.520008", "")));
  const double b = std::stod(std::string(all.coordinate(Axis::latitude, "52.599999", "")));
  CHECK(a == doctest::Approx(52.5).epsilon(1e-5));
  CHECK(b == doctest::Approx(52.5).epsilon(1e-5));
  CHECK(a != b);
}

TEST_CASE("A shift moves a car's way as it is, and each car by its own") {
  Pseudonyms all = pseudonyms(CoordinateMode::shift);
  const auto at = [&](std::string_view literal, std::string_view vin) {
    return std::stod(std::string(all.coordinate(Axis::latitude, literal, vin)));
  };
  CHECK(at("48.5", "A") - at("48", "A") == doctest::Approx(0.5));
  CHECK(at("48", "A") != at("48", "B"));
}

TEST_CASE("Of a time only the date changes, by the same days for all") {
  Pseudonyms all = pseudonyms();
  CHECK(all.date_time("2026-03-02T06:45:00.214Z") == "2026-02-23T06:45:00.214Z");
  CHECK(all.date_time("2024-03-01t23:59:60+01:00") == "2024-02-23t23:59:60+01:00");
  CHECK(all.date_time("2026-03-02 06:45") == "2026-02-23 06:45");
  CHECK(all.date_time("0001-01-01T00:00:00Z") == "0001-01-01T00:00:00Z");
  CHECK(all.date_time("9999-12-31T23:59:59Z") == "9999-12-31T23:59:59Z");
  CHECK(all.date_time("2026-02-30T06:45:00Z").starts_with(pseudonym_prefix));
  CHECK(all.date_time("2026-03-02 at Alice's").starts_with(pseudonym_prefix));
}

TEST_CASE("A stub tells the length and nothing else, and which payloads were equal") {
  Pseudonyms all = pseudonyms();
  const std::string stub = all.stub("Alice was here");
  CHECK(is_stub(stub));
  CHECK(stub.find("14 bytes") != std::string::npos);
  CHECK(stub.find("Alice") == std::string::npos);
  CHECK(stub == all.stub("Alice was here"));
  CHECK(stub != all.stub("Alice was then"));
  CHECK_FALSE(is_stub("autotape stub: Alice"));
}
