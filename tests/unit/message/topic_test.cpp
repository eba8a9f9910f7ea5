#include "message/topic.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("A V1 topic has seven levels, none empty") {
  const auto topic =
      parse_v1_topic("live/level13/1FBBEDED80595912588FF4FF/VF1/diagnostics/get/odometer");
  REQUIRE(topic);
  CHECK(topic->environment == "live");
  CHECK(topic->app_id == "1FBBEDED80595912588FF4FF");
  CHECK(topic->vin == "VF1");
  CHECK(topic->property == "odometer");
  for (const char* text :
       {"", "a", "a/b/c/d/e/f", "a/b/c/d/e/f/g/h", "a/b//d/e/f/g", "a/b/c/d/e/f/"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_v1_topic(text));
  }
}

TEST_CASE("A V2 topic has three levels") {
  CHECK(parse_v2_topic("live/level13/48aa1779-91c2-468e-97e9-ab112efd53b9"));
  CHECK_FALSE(parse_v2_topic("live/level13"));
  CHECK_FALSE(parse_v2_topic("live/level13/a/b"));
}

TEST_CASE("Application ids have the provider's form") {
  CHECK(is_v1_app_id("1FBBEDED80595912588FF4FF"));
  CHECK_FALSE(is_v1_app_id("1fbbeded80595912588ff4ff"));
  CHECK_FALSE(is_v1_app_id("1FBBEDED80595912588FF4F"));
  CHECK(is_v2_application_id("48aa1779-91c2-468e-97e9-ab112efd53b9"));
  CHECK_FALSE(is_v2_application_id("48AA1779-91c2-468e-97e9-ab112efd53b9"));
  CHECK_FALSE(is_v2_application_id("48aa1779x91c2-468e-97e9-ab112efd53b9"));
}

TEST_CASE("A topic to publish on has no wildcards") {
  CHECK(is_publishable_topic("a/b"));
  for (const char* text : {"", "a/+", "#", "a\xFF"}) {
    CHECK_FALSE(is_publishable_topic(text));
  }
}
