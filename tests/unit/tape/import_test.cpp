// What other programs wrote, as messages.
#include "tape/import/import.hpp"

#include <doctest/doctest.h>

#include "tape/import/message_parsers.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;

namespace {

struct Imported {
  std::vector<RecordedMessage> messages;
  ImportCounts counts;
  std::string format;
};

Imported imported_from(const std::string& path, const ImportSettings& settings = {}) {
  const auto reader = open_import(path, settings);
  REQUIRE_MESSAGE(reader.ok(), reader.error().line());
  const auto content = read_all(**reader);
  REQUIRE_MESSAGE(content.ok(), content.error().line());
  Imported imported{{}, (*reader)->counts(), std::string((*reader)->format())};
  for (const TapeEntry& entry : content->entries) {
    imported.messages.push_back(std::get<RecordedMessage>(entry));
  }
  return imported;
}

Imported imported(std::string_view text, const ImportSettings& settings = {}) {
  const TestFolder folder;
  put(folder.file("log"), text);
  return imported_from(folder.file("log"), settings);
}

ReceivedTime moment(std::int64_t nanoseconds) {
  return ReceivedTime(Duration(nanoseconds));
}

}  // namespace

TEST_CASE("Times of mosquitto_sub are read to the nanosecond") {
  CHECK(parse_import_time("2026-11-26T11:29:10+0000") == moment(1'795'692'550'000'000'000));
  CHECK(parse_import_time("2026-11-26T13:29:10+0200") == moment(1'795'692'550'000'000'000));
  CHECK(parse_import_time("2026-11-26T11:29:08.832060Z+0000") == moment(1'795'692'548'832'060'000));
  CHECK(parse_import_time("1795692551.336122326") == moment(1'795'692'551'336'122'326));
  CHECK(parse_import_time("2026-11-26T11:29:10Z") == moment(1'795'692'550'000'000'000));
  CHECK_FALSE(parse_import_time("sandbox/level13"));
  CHECK_FALSE(parse_import_time("12:30"));
}

TEST_CASE("mosquitto_sub -F '%I %t %p'") {
  const auto log = imported(
      "2026-11-26T11:29:10+0000 a/b {\"x\":\"y z\"}\n"
      "2026-11-26T11:29:11+0000 a/c no json\n");
  CHECK(log.format == "mosquitto-time");
  REQUIRE(log.messages.size() == 2);
  CHECK(log.messages[0].message == Message{"a/b", R"({"x":"y z"})", 0, false, false, {}});
  CHECK(log.messages[1].received == moment(1'795'692'551'000'000'000));
  CHECK(log.counts.skipped == 0);
  CHECK(log.counts.without_time == 0);
}

TEST_CASE("mosquitto_sub -F %j, with MQTT 5 properties") {
  const auto log = imported(
      R"({"tst":"2026-11-26T11:29:12.168150Z+0000","topic":"a/b","qos":1,"retain":0,"payloadlen":1,)"
      R"("mid":1,"properties":{"user-properties":{"k":"v"},"content-type":"text/x",)"
      R"("correlation-data":"abc","message-expiry-interval":77},"payload":"x"})"
      "\n");
  CHECK(log.format == "mosquitto-json");
  REQUIRE(log.messages.size() == 1);
  const Message& message = log.messages[0].message;
  CHECK(message.topic == "a/b");
  CHECK(message.payload == "x");
  REQUIRE(message.properties);
  CHECK(message.properties->content_type == "text/x");
  CHECK(message.properties->correlation_data == "abc");
  CHECK(message.properties->message_expiry_interval == 77U);
  CHECK(message.properties->user_properties ==
        std::vector<std::pair<std::string, std::string>>{{"k", "v"}});
}

TEST_CASE("mosquitto_sub -v says no time: messages follow their readings, or each other") {
  const std::string payload = odometer_payload("WATDEMPT0TRA1N001", 1);
  const auto log = imported("a/b " + payload + "\na/b " + payload + "\nnonsense\n");
  CHECK(log.format == "mosquitto-v");
  REQUIRE(log.messages.size() == 2);
  CHECK(log.messages[0].received == moment(1'772'433'900'214'000'000));
  CHECK(log.messages[1].received == log.messages[0].received + std::chrono::milliseconds(1));
  CHECK(log.counts.without_time == 2);
  REQUIRE(log.counts.skipped == 1);
  CHECK(log.counts.places[0].where.ends_with("log:3"));
}

TEST_CASE("CSV of mqtt-recorder, with quotes, line breaks and base 64") {
  const auto log = imported(
      "a/b,\"{\"\"x\"\":1}\",1,False,1470818943.786368,0.0\r\n"
      "a/c,\"two\nlines\",0,True,1470818944.5,0.7\r\n"
      "a/d,x,9,True,1470818944.5,0.7\r\n");
  CHECK(log.format == "csv");
  REQUIRE(log.messages.size() == 2);
  CHECK(log.messages[0].message == Message{"a/b", R"({"x":1})", 1, false, false, {}});
  CHECK(log.messages[0].received == moment(1'470'818'943'786'368'000));
  CHECK(log.messages[1].message == Message{"a/c", "two\nlines", 0, true, false, {}});
  CHECK(log.counts.skipped == 1);
  const auto bytes =
      imported("a/b,/wA=,1,False,1470818943.786368,0.0\n", {.payload_is_base64 = true});
  CHECK(bytes.messages.at(0).message.payload == std::string("\xFF\0", 2));
}

TEST_CASE("A folder of JSON files, with a message or an array of them in each") {
  const TestFolder folder;
  const std::string first = odometer_payload("WATDEMPT0TRA1N001", 1);
  const std::string second = odometer_payload("WATDEMEV7TRA1N002", 2);
  put(folder.file("1.json"), first + "\n");
  put(folder.file("2.json"), "[" + second + ",\n" + R"({"topic":"a/b","payload":"x","qos":2}, 7])");
  const auto log = imported_from(folder.file(""), {.environment = "live", .app_id = "APP"});
  CHECK(log.format == "json");
  REQUIRE(log.messages.size() == 3);
  CHECK(log.messages[0].message.topic ==
        "live/level13/APP/WATDEMPT0TRA1N001/diagnostics/get/odometer");
  CHECK(log.messages[0].message.payload == first);
  CHECK(log.messages[1].message.payload == second);
  CHECK(log.messages[2].message.qos == 2);
  REQUIRE(log.counts.skipped == 1);
  CHECK(log.counts.places[0].where.ends_with("2.json: /2"));
}

TEST_CASE("A payload without a topic needs an App ID") {
  const auto log = imported(odometer_payload("WATDEMPT0TRA1N001", 1) + "\n");
  CHECK(log.messages.empty());
  REQUIRE(log.counts.skipped == 1);
  CHECK(log.counts.places[0].why.find("--app-id") != std::string::npos);
}

TEST_CASE(
    "A CSV record ends with CR LF behind its last line, and has CR LF in its payload as it is") {
  const auto log = imported(
      "a/b,\"two\r\nlines\",1,1,1470818943.786368\r\n"
      "a/c,\"two\nlines\",0,1\r\n");
  REQUIRE(log.messages.size() == 2);
  CHECK(log.counts.skipped == 0);
  CHECK(log.messages[0].message == Message{"a/b", "two\r\nlines", 1, true, false, {}});
  CHECK(log.messages[0].received == moment(1'470'818'943'786'368'000));
  CHECK(log.messages[1].message == Message{"a/c", "two\nlines", 0, true, false, {}});
}

TEST_CASE("MQTT 5 numbers that cannot be are no message") {
  for (const char* wrong :
       {R"("payload-format-indicator":5)", R"("payload-format-indicator":-1)",
        R"("message-expiry-interval":4294967296)", R"("message-expiry-interval":-1)"}) {
    const auto log =
        imported(std::string(R"({"topic":"a/b","payload":"x","properties":{)") + wrong + "}}\n");
    CHECK(log.messages.empty());
    CHECK(log.counts.skipped == 1);
  }
}
