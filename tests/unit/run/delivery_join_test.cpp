#include "run/delivery_join.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

BrokerEvent published(std::uint64_t message, const char* topic, const char* id) {
  BrokerEvent event;
  event.kind = BrokerEventKind::published;
  event.message = message;
  event.topic = topic;
  event.message_id = id;
  return event;
}

BrokerEvent delivered(const char* client, const char* topic, std::optional<std::uint64_t> message) {
  BrokerEvent event;
  event.kind = BrokerEventKind::delivered;
  event.client = client;
  event.topic = topic;
  event.message = message;
  return event;
}

}  // namespace

TEST_CASE("A delivery without a number is the first of its topic that was not delivered") {
  DeliveryJoin join("me");
  for (BrokerEvent event :
       {published(1, "a", "A1"), published(2, "b", "B1"), published(3, "a", "A2"),
        published(4, "a", "A3"), delivered("other", "a", std::nullopt), delivered("me", "a", 1)}) {
    join.complete(event);
  }
  BrokerEvent unknown = delivered("me", "a", std::nullopt);
  join.complete(unknown);
  CHECK(unknown.message == 3);
  CHECK(unknown.message_id == "A2");
  BrokerEvent none = delivered("me", "c", std::nullopt);
  join.complete(none);
  CHECK_FALSE(none.message);
}

TEST_CASE(
    "A redelivery or acknowledgement without a number is of the delivery with its packet "
    "identifier") {
  DeliveryJoin join("me");
  BrokerEvent first = published(1, "a", "A1");
  join.complete(first);
  BrokerEvent sent = delivered("me", "a", std::nullopt);
  sent.mid = 7;
  join.complete(sent);
  BrokerEvent again = delivered("me", "a", std::nullopt);
  again.kind = BrokerEventKind::redelivered;
  again.mid = 7;
  join.complete(again);
  CHECK(again.message_id == "A1");
  BrokerEvent acknowledged = delivered("me", "a", std::nullopt);
  acknowledged.kind = BrokerEventKind::acknowledged;
  acknowledged.mid = 7;
  join.complete(acknowledged);
  CHECK(acknowledged.message_id == "A1");
}
