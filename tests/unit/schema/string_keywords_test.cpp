#include "judge.hpp"

using namespace autotape::test;

TEST_CASE("Lengths count code points, not bytes and not escapes") {
  check_all(R"({"minLength": 2})", {"\"fo\"", "\"💩💩\"", R"("\u00e9\n")", "1"},
            {"\"f\"", "\"💩\"", R"("\uD83D\uDCA9")", "\"é\"", "\"\""});
  check_all(R"({"maxLength": 2})", {"\"fo\"", "\"💩💩\"", "\"éé\"", "[1,2,3]"}, {"\"foo\""});
  check_all(R"({"maxLength": 2.0})", {"\"fo\""}, {"\"foo\""});
}

TEST_CASE("pattern is searched for, not matched whole") {
  check_all(R"({"pattern": "a+"})", {"\"xxaayy\"", "1"}, {"\"bbb\""});
  check_all(R"({"pattern": "^a*$"})", {"\"aaa\"", "\"\""}, {"\"aaa\\n\"", "\"ab\""});
}

TEST_CASE("Patterns are ECMA-262's: ASCII digits and words, Unicode white space, code points") {
  check_all(R"({"pattern": "^\\d$"})", {"\"0\""}, {"\"߀\"", "\"a\""});
  check_all(R"({"pattern": "^\\w$"})", {"\"_\""}, {"\"é\""});
  check_all(R"({"pattern": "^\\W$"})", {"\"é\""}, {"\"w\""});
  check_all(R"({"pattern": "^\\s$"})",
            {"\" \"", R"("\u00a0")", R"("\ufeff")", R"("\u2029")", R"("\u000b")"},
            {R"("\u0001")", R"("\u2013")"});
  check_all(R"({"pattern": "^\\S$"})", {R"("\u0001")"}, {R"("\u00a0")"});
  check_all(R"({"pattern": "^[^\\S]$"})", {R"("\u00a0")"}, {"\"a\""});
  check_all(R"({"pattern": "^.$"})", {"\"🐲\"", "\"é\""}, {R"("\u2028")", "\"ab\""});
  check_all(R"({"pattern": "^🐲*$"})", {"\"\"", "\"🐲🐲\""}, {"\"🐉\""});
  check_all(R"({"pattern": "^[🐲-🐴]$"})", {"\"🐳\""}, {"\"🐵\""});
  check_all(R"({"pattern": "^\\uD83D\\uDC32$"})", {"\"🐲\""}, {"\"🐉\""});
  check_all(R"({"pattern": "^\\u{1F432}\\x41\\cA\\0$"})", {R"("🐲A\u0001\u0000")"}, {"\"🐲A\""});
  check_all(R"({"pattern": "\\p{Letter}cole"})", {"\"L'école\""}, {"\"L'3cole\""});
  check_all(R"({"pattern": "^\\p{Script=Greek}+$"})", {"\"αβγ\""}, {"\"abc\""});
  check_all(R"({"pattern": "^[\\b\\-/[]$"})", {R"("\b")", "\"-\"", "\"[\""}, {"\"b\""});
  check_all(R"({"pattern": "^(?<year>\\d{4})-\\d\\d$"})", {"\"2021-11\""}, {"\"21-11\""});
  check_all(R"({"pattern": "^a{,2}$"})", {"\"a{,2}\""}, {"\"aa\""});
  check_all(R"({"pattern": "[^]"})", {R"("\n")"}, {"\"\""});
}

TEST_CASE(
    "What linear time cannot do is refused when the schema is compiled, with the pattern's text") {
  for (const char* pattern : {"(?=a)b", "(?!a)b", "(?<=a)b", "(?<!a)b", "(a)\\\\1", "a{2000}"}) {
    CAPTURE(pattern);
    const auto schema = compile(std::string(R"({"pattern": ")") + pattern + "\"}");
    REQUIRE_FALSE(schema.ok());
    CHECK(schema.error().what.find("linear-time matching cannot do") != std::string::npos);
    CHECK(schema.error().where == "file:///schema.json#/pattern");
  }
  for (const char* pattern :
       {"(a", "a)", "[a", "*a", "\\\\", "\\\\a", "\\\\Z", "(?i)a", "(?P<n>a)", "\\\\u12", "a**"}) {
    CAPTURE(pattern);
    CHECK_FALSE(compile(std::string(R"({"pattern": ")") + pattern + "\"}").ok());
  }
}

TEST_CASE("A pattern that ruins backtracking engines takes linear time") {
  const auto schema = compile(R"({"pattern": "^(([a-z])+.)+[A-Z]([a-z])+$"})");
  CHECK_FALSE(accepts(*schema, "\"" + std::string(50'000, 'a') + "\""));
}

TEST_CASE("contentEncoding and contentMediaType are looked into") {
  check_all(R"({"contentMediaType": "application/json"})", {R"("{\"a\": 1}")", "1"}, {R"("{:}")"});
  check_all(R"({"contentEncoding": "base64"})", {"\"YWJj\""}, {"\"YWJj%\""});
  check_all(R"({"contentEncoding": "base64", "contentMediaType": "application/json"})",
            {"\"e30=\""}, {"\"e30\"", "\"YQ==\"", "\"{}\""});
}
