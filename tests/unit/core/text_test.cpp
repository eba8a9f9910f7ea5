#include "core/text.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("UTF-8 is what RFC 3629 says") {
  for (const char* text : {"", "a", "é", "€", "😀", "\xED\x9F\xBF", "\xF4\x8F\xBF\xBF"}) {
    CHECK(is_utf8(text));
  }
  for (const char* text : {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
                           "\xF8\x88\x80\x80\x80", "\xE2\x82", "a\xFF"}) {
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("What goes to a terminal cannot steer it") {
  CHECK(printable("plain é") == "plain é");
  CHECK(printable("\x1B[31m") == "\\x1B[31m");
  CHECK(printable("a\nb\x7F") == "a\\x0Ab\\x7F");
  CHECK(printable("\xC2\x9B") == "\\xC2\\x9B");
  CHECK(printable("\xFF") == "\\xFF");
  CHECK(printable("abcdef", 3) == "abc…");
}

TEST_CASE("The nearest name is offered if it is near enough") {
  constexpr std::array<std::string_view, 3> known{"odometer", "speed", "fuel_level"};
  CHECK(nearest_name("odometr", known) == "odometer");
  CHECK(nearest_name("spead", known) == "speed");
  CHECK_FALSE(nearest_name("windscreen", known));
}
