#include "json/tree.hpp"

#include <doctest/doctest.h>

#include "json/decimal.hpp"

using namespace autotape;

namespace {

std::string reason(std::string_view text) {
  const auto tree = JsonTree::parse(text, "");
  return tree ? "" : tree.error().what;
}

}  // namespace

TEST_CASE("A tree keeps numbers as they are written and members in their order") {
  const auto tree = JsonTree::parse(
      R"( {"b": [1.50, -0, 1e400000000000, true], "a": "\u00e9\n", "b": null} )", "");
  CHECK_FALSE(tree.ok());
  const auto good = JsonTree::parse(
      R"( {"b": [1.50, -0, 18446744073709551616, true], "a": "\u00e9\n", "b": null} )", "");
  REQUIRE(good.ok());
  const JsonValue root = good->root();
  CHECK(root.size() == 3);
  CHECK(root.first().text() == "b");
  CHECK(root.first().next().first().text() == "1.50");
  CHECK(root.first().next().item(2)->text() == "18446744073709551616");
  CHECK(root.member("a")->text() == "é\n");
  CHECK(root.member("b")->is(JsonKind::null));  // the last one, as most parsers take it
  CHECK_FALSE(root.member("c"));
}

TEST_CASE("Each kind of refused text has its own reason") {
  CHECK(reason("") == "is empty, not JSON");
  CHECK(reason(" \n") == "is empty, not JSON");
  CHECK(reason("\xEF\xBB\xBF{}").find("byte order mark") != std::string::npos);
  CHECK(reason("[\"\xFF\"]") == "is not valid UTF-8");
  CHECK(reason("[\"\xED\xA0\x80\"]") == "is not valid UTF-8");
  CHECK(reason("\"abc").find("not closed") != std::string::npos);
  CHECK(reason("[1e400]").find("range of a double") != std::string::npos);
  CHECK(reason("[\"\\uD800\"]").find("surrogate") != std::string::npos);
  CHECK(reason("{\"\\uDC00\": 1}").find("surrogate") != std::string::npos);
  CHECK(reason("[1] 2").find("more follows") != std::string::npos);
  CHECK(reason(std::string("[1]\0", 4)).find("more follows") != std::string::npos);
  CHECK(reason(std::string(100'000, '[')).find("deeper than") != std::string::npos);
  CHECK(reason(std::string(500'000, '[') + std::string(500'000, ']')).find("deeper than") !=
        std::string::npos);
  CHECK(reason("NaN") == "is not JSON");
  CHECK(reason("[Infinity]") == "is not JSON");
  CHECK(reason("[-Infinity]").find("number is malformed") != std::string::npos);
  CHECK(reason("[\"\t\"]").find("control character") != std::string::npos);
}

TEST_CASE("What is not JSON is refused") {
  for (const char* text : {"[1,]",        "[,1]",      "[1 2]",
                           "{\"a\":1,}",  "{a:1}",     "{\"a\" 1}",
                           "{\"a\":}",    "{1:1}",     "[",
                           "]",           "{",         "}",
                           "[}",          "{\"a\":1]", "[\"a\"b]",
                           "[1]]",        "01",        "-",
                           "+1",          ".5",        "1.",
                           "1e",          "0x1",       "1_000",
                           "tru",         "truee",     "nul",
                           "True",        "'a'",       "[\"\\x\"]",
                           "[\"\\u12\"]", "[\"\\",     "{\"a\":1 \"b\":2}",
                           "[1,,2]",      "\f1",       ",",
                           ":",           "//",        "[1]x",
                           "{\"a\":1}}",  "[-]",       "[1e+]",
                           "[2.e3]",      "1 1"}) {
    CAPTURE(text);
    CHECK_FALSE(JsonTree::parse(text, "").ok());
  }
}

TEST_CASE("Any value may stand alone") {
  for (const char* text :
       {"1", "-0.5e-3", "\"\"", "true", "null", "[]", "{}", " [ ] ", "\r\n{\t}"}) {
    CAPTURE(text);
    CHECK(JsonTree::parse(text, "").ok());
  }
}

TEST_CASE("Pointers are followed and made as RFC 6901 says") {
  const auto tree = JsonTree::parse(R"({"a/b": {"c~d": [7, {"": 8}]}, "01": 9})", "");
  CHECK(follow_pointer(tree->root(), "/a~1b/c~0d/0")->text() == "7");
  CHECK(follow_pointer(tree->root(), "/a~1b/c~0d/1/")->text() == "8");
  CHECK(follow_pointer(tree->root(), "")->is(JsonKind::object));
  for (const char* pointer :
       {"/a", "/a~1b/c~0d/2", "/a~1b/c~0d/01", "/a~1b/c~0d/-", "a~1b", "/01~", "/a~1b/c~0d/00"}) {
    CHECK_FALSE(follow_pointer(tree->root(), pointer));
  }
  std::string pointer;
  append_pointer(pointer, "a/b");
  append_pointer(pointer, "c~d");
  CHECK(pointer == "/a~1b/c~0d");
}

TEST_CASE("Decimals compare without rounding") {
  CHECK(Decimal("1.0") == Decimal("10e-1"));
  CHECK(Decimal("-0") == Decimal("0e5"));
  CHECK(Decimal("9007199254740993") > Decimal("9007199254740992"));
  CHECK(Decimal("-2") < Decimal("-1.9"));
  CHECK(Decimal("0.1") < Decimal("0.11"));
  CHECK(Decimal("-1") < Decimal("1e-400"));
  CHECK(Decimal("1e2").is_integer());
  CHECK_FALSE(Decimal("9007199254740993.5").is_integer());
  CHECK(Decimal("345").magnitude() == 2);
  CHECK(Decimal("0.1").magnitude() == -1);
}
