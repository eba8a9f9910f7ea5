#include "mockbroker/plugin/message_id.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("An id is found as it is written, whatever its characters") {
  CHECK(find_message_id(R"({"message_id":"AB12","version":1})") == "AB12");
  CHECK(find_message_id(R"({"version":1, "message_id" : "two words"})") == "two words");
  CHECK(find_message_id(R"({"message_id":"é","version":1})") == "é");
  CHECK(find_message_id(R"({"message_id":"a\"b\\"})") == R"(a\"b\\)");
  CHECK(find_message_id(R"({"message_id":")" + std::string(4096, 'x') + R"("})").size() == 4096);
}

TEST_CASE("What is no string, has no end or is too long is no id") {
  for (const std::string payload :
       {R"({"message_id":12})", R"({"message_id":"AB)", R"({"message_id":"AB\)",
        R"({"message_id":)", R"({"id":"AB"})", "{\"message_id\":\"A\nB\"}", ""}) {
    CAPTURE(payload);
    CHECK(find_message_id(payload).empty());
  }
  CHECK(find_message_id(R"({"message_id":")" + std::string(4097, 'x') + R"("})").empty());
}
