#include "mqtt/failure.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

ClientSettings client() {
  ClientSettings settings;
  settings.host = "broker";
  settings.client_id = "car-data";
  return settings;
}

bool says(const Error& error, std::string_view text) {
  return error.line().find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("A broker that disconnects is quoted, and a session taken over is explained") {
  CHECK(says(disconnected_by_broker(client(), 0x8E), "\"car-data\" and took the session over"));
  CHECK(says(disconnected_by_broker(client(), 0x8B), "Server shutting down (reason code 139)"));
  CHECK(says(disconnected_by_broker(client(), 0), "broker:8883: the broker closed the connection"));
}
