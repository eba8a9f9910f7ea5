#include "run/session_loss.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

using Ids = std::unordered_set<std::string>;

BrokerEvent event(BrokerEventKind kind, std::optional<std::string> client = "me") {
  BrokerEvent event;
  event.kind = kind;
  event.client = std::move(client);
  return event;
}

BrokerEvent connected(bool session_present) {
  BrokerEvent connected = event(BrokerEventKind::connected);
  connected.session_present = session_present;
  return connected;
}

BrokerEvent subscribed(const char* filter) {
  BrokerEvent subscribed = event(BrokerEventKind::subscribed);
  subscribed.filter = filter;
  return subscribed;
}

BrokerEvent unsubscribed(const char* filter) {
  BrokerEvent unsubscribed = event(BrokerEventKind::unsubscribed);
  unsubscribed.filter = filter;
  return unsubscribed;
}

BrokerEvent published(std::uint64_t number, const char* topic, const char* id) {
  BrokerEvent published = event(BrokerEventKind::published, "publisher");
  published.message = number;
  published.topic = topic;
  published.message_id = id;
  return published;
}

BrokerEvent delivered(std::uint64_t number) {
  BrokerEvent delivered = event(BrokerEventKind::delivered);
  delivered.message = number;
  return delivered;
}

Ids lost_of(std::initializer_list<BrokerEvent> events) {
  SessionLoss loss("me");
  for (const BrokerEvent& event : events) {
    loss.note(event);
  }
  loss.end();
  return loss.message_ids();
}

}  // namespace

TEST_CASE("What was published while a consumer had no session of its own making is lost") {
  CHECK(lost_of({connected(false), published(1, "a/x", "before"), subscribed("a/#"),
                 published(2, "a/x", "came"), delivered(2), published(3, "a/x", "sent-too-late"),
                 event(BrokerEventKind::disconnected), published(4, "a/x", "away"),
                 published(5, "b/x", "not-asked-for"), connected(false),
                 published(6, "a/x", "before-the-new-subscription"), subscribed("a/#"),
                 published(7, "a/x", "again"), delivered(7)}) ==
        Ids{"sent-too-late", "away", "before-the-new-subscription"});
}

TEST_CASE("Nothing is lost with a session that is kept") {
  CHECK(lost_of({connected(false), subscribed("a/#"), event(BrokerEventKind::disconnected),
                 published(1, "a/x", "away"), connected(true), delivered(1),
                 event(BrokerEventKind::disconnected), published(2, "a/x", "still-waits")})
            .empty());
}

TEST_CASE("What the broker forgot is not the consumer's fault") {
  CHECK(lost_of({connected(false), subscribed("a/#"), published(1, "a/x", "A"),
                 event(BrokerEventKind::possible_loss, std::nullopt), connected(false),
                 published(2, "a/x", "B"), subscribed("a/#")})
            .empty());
  CHECK(lost_of({connected(false), subscribed("a/#"),
                 event(BrokerEventKind::possible_loss, "another"), published(1, "a/x", "A"),
                 connected(false), subscribed("a/#")}) == Ids{"A"});
}

TEST_CASE("What a consumer has unsubscribed from it does not lose while it keeps another filter") {
  CHECK(lost_of({connected(false), subscribed("a/#"), subscribed("b/#"), unsubscribed("a/#"),
                 published(1, "a/x", "A"), connected(false), subscribed("b/#")})
            .empty());
}

TEST_CASE("What is published between the last unsubscription and a new subscription is lost") {
  CHECK(lost_of({connected(false), subscribed("a/#"), published(1, "a/x", "queued"),
                 unsubscribed("a/#"), published(2, "a/x", "away"), connected(true), delivered(1),
                 subscribed("a/#"), published(3, "a/x", "again"), delivered(3)}) == Ids{"away"});
  CHECK(lost_of({connected(false), subscribed("a/#"), unsubscribed("a/#"),
                 published(1, "a/x", "never-again")}) == Ids{"never-again"});
}

TEST_CASE("A consumer that changes its only filter has lost nothing of the old one afterwards") {
  CHECK(lost_of({connected(false), subscribed("a/#"), unsubscribed("a/#"), subscribed("b/#"),
                 published(1, "a/x", "A"), connected(false), subscribed("b/#")})
            .empty());
}

TEST_CASE(
    "What is published to a new session until the end of the log, and never asked for, is lost") {
  CHECK(lost_of({connected(false), subscribed("a/#"), published(1, "a/x", "A"), delivered(1),
                 event(BrokerEventKind::disconnected), connected(false),
                 published(2, "a/x", "B")}) == Ids{"B"});
}
