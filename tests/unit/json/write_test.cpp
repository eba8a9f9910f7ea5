#include "json/write.hpp"

#include <doctest/doctest.h>

#include "json/document.hpp"

using namespace autotape;

TEST_CASE("Every string of UTF-8 reads back as it was") {
  std::string text = "plain \"quoted\" back\\slash é 😀";
  for (char c = 0; c < 0x20; ++c) {
    text += c;
  }
  std::string written;
  append_json_string(written, text);
  const auto document = parse_document(written, "test");
  REQUIRE(document);
  CHECK(document->get<std::string>() == text);
}
