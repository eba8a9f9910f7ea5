#include "core/base64.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("The examples of RFC 4648 section 10") {
  for (const auto& [bytes, text] : {std::pair{"", ""},
                                    {"f", "Zg=="},
                                    {"fo", "Zm8="},
                                    {"foo", "Zm9v"},
                                    {"foob", "Zm9vYg=="},
                                    {"foobar", "Zm9vYmFy"}}) {
    CHECK(encode_base64(bytes) == text);
    CHECK(decode_base64(text) == bytes);
  }
}

TEST_CASE("What is not base 64 is refused") {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zm9v\n", "====", "Zg==Zg=="}) {
    CAPTURE(text);
    CHECK_FALSE(decode_base64(text));
  }
}
