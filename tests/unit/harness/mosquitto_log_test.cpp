#include "mockbroker/harness/mosquitto_log.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

// Takes lines as Mosquitto 2.0.11 and the plugin write them, and shows what they mean.
class Reader {
 public:
  std::vector<BrokerEvent> take(std::initializer_list<std::string_view> lines) {
    std::vector<BrokerEvent> events;
    for (const auto line : lines) {
      log.take(
          line, [&](BrokerEvent event) { events.push_back(std::move(event)); },
          [&](std::string_view text) { said += text; });
    }
    return events;
  }

  void connect(const std::string& id, bool session_present = false) {
    take({"@authorised\t" + id + "\tconsumer\tAPP\t" + id + "\t4\t0",
          "New client connected from 127.0.0.1:4711 as " + id + " (p2, c0, k60, u'APP').",
          "Sending CONNACK to " + id + (session_present ? " (1, 0)" : " (0, 0)")});
  }

  MosquittoLog log{EventDetail::messages};
  std::string said;
};

std::string sent(const std::string& id, int mid, bool dup = false) {
  return "Sending PUBLISH to " + id + " (d" + (dup ? "1" : "0") + ", q1, r0, m" +
         std::to_string(mid) + ", 'a/b', ... (12 bytes))";
}

}  // namespace

TEST_CASE("a client is connected once its CONNACK was sent") {
  Reader reader;
  CHECK(reader
            .take({"@authorised\tid\tconsumer\tAPP\tid\t5\t1\ta/#",
                   "New client connected from 127.0.0.1:4711 as id (p5, c1, k60, u'APP')."})
            .empty());
  CHECK(reader.log.clients().empty());
  const auto events = reader.take({"Sending CONNACK to id (1, 0)"});
  REQUIRE(events.size() == 1);
  CHECK(events[0].kind == BrokerEventKind::connected);
  CHECK(events[0].address == "127.0.0.1:4711");
  CHECK(events[0].protocol == 5);
  CHECK(events[0].session_present == true);
  REQUIRE(reader.log.clients().size() == 1);
  CHECK(reader.log.clients()[0].topic_filters == std::vector<std::string>{"a/#"});
}

TEST_CASE("a delivery, its acknowledgement and its redelivery are tied to the message") {
  Reader reader;
  reader.connect("id");
  const auto events =
      reader.take({"@published\t1\tpub\ta/b\tFIRST", "@queued\t1\tid\ta/b",
                   "@published\t2\tpub\ta/b\tSECOND", "@queued\t2\tid\ta/b", sent("id", 1),
                   sent("id", 2), "Received PUBACK from id (Mid: 2, RC:0)"});
  REQUIRE(events.size() == 5);
  CHECK(events[2].kind == BrokerEventKind::delivered);
  CHECK(events[2].message == 1U);
  CHECK(events[2].message_id == "FIRST");
  CHECK(events[3].message == 2U);
  CHECK(events[4].kind == BrokerEventKind::acknowledged);
  CHECK(events[4].message == 2U);
  CHECK(reader.log.unacknowledged("id") == 1);

  reader.take({"@gone\tid\tthe connection was lost"});
  reader.connect("id", true);
  const auto again = reader.take({sent("id", 1, true)});
  REQUIRE(again.size() == 1);
  CHECK(again[0].kind == BrokerEventKind::redelivered);
  CHECK(again[0].message_id == "FIRST");
}

TEST_CASE("messages that a limit has dropped are passed over") {
  Reader reader;
  reader.connect("id");
  const auto events = reader.take(
      {"@published\t1\tpub\tdropped\tA", "@queued\t1\tid\tdropped", "@published\t2\tpub\ta/b\tB",
       "@queued\t2\tid\ta/b", "Outgoing messages are being dropped for client id.", sent("id", 1)});
  REQUIRE(events.size() == 4);
  CHECK(events[2].kind == BrokerEventKind::possible_loss);
  CHECK(events[3].message_id == "B");
}

TEST_CASE("a takeover is the older connection's end, not the newer one's") {
  Reader reader;
  reader.connect("id");
  const auto events =
      reader.take({"@authorised\tid\tconsumer\tAPP\tid\t4\t0",
                   "Client id already connected, closing old connection.",
                   "@gone\tid\ttaken over by a newer connection",
                   "New client connected from 127.0.0.1:4712 as id (p2, c0, k60, u'APP').",
                   "Sending CONNACK to id (0, 0)"});
  REQUIRE(events.size() == 2);
  CHECK(events[0].kind == BrokerEventKind::disconnected);
  CHECK(events[1].kind == BrokerEventKind::connected);
  CHECK(reader.log.clients().size() == 1);
}

TEST_CASE("one that went before its CONNACK was never connected") {
  Reader reader;
  CHECK(
      reader
          .take({"@authorised\tid\tconsumer\tAPP\tid\t4\t0", "@gone\tid\tthe connection was lost"})
          .empty());
  CHECK(reader.log.clients().empty());
}

TEST_CASE("what was under way is known to the next run, and message numbers go on") {
  Reader reader;
  reader.connect("id");
  reader.take({"@published\t1\tpub\ta/b\tA", "@queued\t1\tid\ta/b", sent("id", 1),
               "@published\t2\tpub\ta/b\tB", "@queued\t2\tid\ta/b"});
  Reader next;
  next.log.restore_pending(reader.log.pending());
  next.connect("id", true);
  const auto events = next.take({sent("id", 1, true), sent("id", 2), "@published\t1\tpub\ta/b\tC"});
  REQUIRE(events.size() == 3);
  CHECK(events[0].message_id == "A");
  CHECK(events[1].message_id == "B");
  CHECK(events[2].message == 3U);
}

TEST_CASE("hostile ids and broken lines are no events of others") {
  Reader reader;
  reader.connect("id");
  for (const std::string_view line :
       {"Sending PUBLISH to ", "Sending PUBLISH to x (d0",
        "Sending PUBLISH to x (d0, q1, r0, m1, '", "@", "@queued", "@gone", "@authorised\tx",
        "Received PUBACK from", "Received PUBACK from x (Mid: ", "Sending CONNACK to",
        "New client connected from", "New client connected from  as  (p", ""}) {
    CAPTURE(line);
    CHECK(reader.take({line}).empty());
  }
  CHECK(reader.log.clients().size() == 1);
}

TEST_CASE(
    "what is published to a client that has just come back overtakes what was queued for it") {
  Reader reader;
  reader.connect("id");
  reader.take({"@published\t1\tpub\ta/b\tFIRST", "@queued\t1\tid\ta/b", sent("id", 65535)});
  for (const char* const number : {"2", "3", "4"}) {
    reader.take({"@published\t" + std::string(number) + "\tpub\ta/b\tID" + number,
                 "@queued\t" + std::string(number) + "\tid\ta/b"});
  }
  // 0 is no packet identifier: 1 follows 65535.
  const auto events = reader.take({sent("id", 3), sent("id", 1), sent("id", 2)});
  REQUIRE(events.size() == 3);
  CHECK(events[0].message == 4);
  CHECK(events[1].message == 2);
  CHECK(events[2].message == 3);
}

TEST_CASE("what Mosquitto checks again when a client comes back is not queued twice") {
  Reader reader;
  reader.connect("id");
  reader.take({"@published\t1\tpub\ta/b\tONE", "@queued\t1\tid\ta/b", "@queued\t0\tid\ta/b"});
  const auto events = reader.take(
      {sent("id", 1), "@published\t2\tpub\ta/b\tTWO", "@queued\t2\tid\ta/b", sent("id", 2)});
  REQUIRE(events.size() == 3);
  CHECK(events[0].message == 1);
  CHECK(events[2].message == 2);
  CHECK(events[2].message_id == "TWO");
}

TEST_CASE("a delivery that was shown and never left is the same one when it is shown again") {
  Reader reader;
  reader.connect("id");
  reader.take({"@published\t1\tpub\ta/b\tONE", "@queued\t1\tid\ta/b", sent("id", 1),
               "@published\t2\tpub\ta/b\tTWO", "@queued\t2\tid\ta/b",
               "@gone\tid\tthe connection was lost"});
  reader.connect("id", true);
  const auto events = reader.take({sent("id", 1), sent("id", 2)});
  REQUIRE(events.size() == 2);
  CHECK(events[0].message == 1);
  CHECK(events[1].message == 2);
}

TEST_CASE("a packet identifier that is given out again is another message's") {
  Reader reader;
  reader.connect("id");
  // More than 65,535 messages are not acknowledged.
  const auto events =
      reader.take({"@published\t1\tpub\ta/b\tONE", "@queued\t1\tid\ta/b", sent("id", 7),
                   "@published\t2\tpub\ta/b\tTWO", "@queued\t2\tid\ta/b", sent("id", 7),
                   "Received PUBACK from id (Mid: 7, RC:0)"});
  REQUIRE(events.size() == 5);
  CHECK(events[3].message_id == "TWO");
  CHECK(events[4].message_id == "ONE");
  CHECK(reader.log.unacknowledged("id") == 1);
}

TEST_CASE("readiness and answers are told, and forgotten when Mosquitto ends") {
  Reader reader;
  CHECK_FALSE(reader.log.ready());
  reader.take({"@ready"});
  CHECK(reader.log.ready());
  reader.take({"@answered\t7"});
  CHECK(reader.log.last_answered() == 7);
  reader.log.broker_ended([](BrokerEvent) {});
  CHECK_FALSE(reader.log.ready());
  CHECK(reader.log.last_answered() == 0);
}

TEST_CASE("a Mosquitto without our preload is ready when it says that it runs") {
  Reader reader;
  reader.take({"mosquitto version 2.0.11 starting"});
  CHECK_FALSE(reader.log.ready());
  reader.take({"mosquitto version 2.0.11 running"});
  CHECK(reader.log.ready());
}

TEST_CASE("who is connected is known by name") {
  Reader reader;
  reader.connect("one");
  CHECK(reader.log.is_connected("one"));
  CHECK_FALSE(reader.log.is_connected("two"));
  reader.take({"@gone\tone\tthe client said goodbye"});
  CHECK_FALSE(reader.log.is_connected("one"));
}
