#include "message/topic_filter.hpp"

#include <doctest/doctest.h>

using namespace autotape;

TEST_CASE("A filter's wildcards stand alone, and # comes last") {
  for (const char* filter : {"#", "+", "a/#", "a/+/b", "/", "+/+", "a//b"}) {
    CAPTURE(filter);
    CHECK(is_topic_filter(filter));
  }
  for (const char* filter : {"", "a#", "#/a", "a/b+", "a/#/b", "a+/b", "\xFF"}) {
    CAPTURE(filter);
    CHECK_FALSE(is_topic_filter(filter));
  }
}

TEST_CASE("Matching, by the examples of MQTT section 4.7") {
  CHECK(topic_matches("sport/tennis/player1/#", "sport/tennis/player1"));
  CHECK(topic_matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
  CHECK(topic_matches("#", "a/b"));
  CHECK(topic_matches("+/+", "/finance"));
  CHECK(topic_matches("/+", "/finance"));
  CHECK_FALSE(topic_matches("+", "/finance"));
  CHECK_FALSE(topic_matches("sport/+", "sport"));
  CHECK(topic_matches("sport/+", "sport/"));
  CHECK_FALSE(topic_matches("#", "$SYS/uptime"));
  CHECK_FALSE(topic_matches("+/monitor/Clients", "$SYS/monitor/Clients"));
  CHECK(topic_matches("$SYS/#", "$SYS/uptime"));
  CHECK_FALSE(topic_matches("live/a", "LIVE/a"));
}

TEST_CASE("A filter covers another if it lets everything of it through") {
  CHECK(filter_covers("live/level13/A/#", "live/level13/A/#"));
  CHECK(filter_covers("live/level13/A/#", "live/level13/A/+/diagnostics/#"));
  CHECK(filter_covers("live/level13/A/#", "live/level13/A"));
  CHECK_FALSE(filter_covers("live/level13/A/#", "live/level13/+/#"));
  CHECK_FALSE(filter_covers("live/level13/A/#", "#"));
  CHECK_FALSE(filter_covers("live/level13/A/#", "live/level13/#"));
  CHECK_FALSE(filter_covers("live/+", "live/#"));
  CHECK_FALSE(filter_covers("#", "$SYS/#"));
}
