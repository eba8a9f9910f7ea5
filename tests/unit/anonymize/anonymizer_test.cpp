#include "anonymize/anonymizer.hpp"

#include <doctest/doctest.h>

#include "anonymize/anonymizing_writer.hpp"
#include "anonymize/raw_check.hpp"
#include "message/topic.hpp"
#include "tests/unit/tape/tape_files.hpp"

using namespace autotape;

namespace {

const AnonymizeKey key = anonymize_key_of(std::string(32, 'k'));

struct Anonymizing {
  Anonymizer anonymizer{key, AnonymizeSettings{{}, -7}, *Harmless::with({})};
  TapeHeader header = anonymizer.header(full_header());

  RecordedMessage of(RecordedMessage message) {
    anonymizer.rewrite(message);
    return message;
  }
  Marker of(Marker marker) {
    anonymizer.rewrite(marker);
    return marker;
  }
};

// What is raw on a tape of these records.
std::optional<std::string> raw_on(const TapeHeader& header, const std::vector<TapeEntry>& entries) {
  const TestFolder folder;
  write_all(folder.file("tape.ndjson"), header, entries);
  auto tape = open_tape(folder.file("tape.ndjson"));
  REQUIRE(tape);
  auto raw = find_raw(**tape);
  REQUIRE(raw);
  return *raw;
}

std::vector<TapeEntry> anonymized_entries(Anonymizer& anonymizer) {
  std::vector<TapeEntry> entries = varied_entries();
  for (TapeEntry& entry : entries) {
    std::visit([&](auto& record) { anonymizer.rewrite(record); }, entry);
  }
  return entries;
}

}  // namespace

TEST_CASE("A car has one pseudonym in topic, payload, header and file name") {
  Anonymizing anonymizing;
  const std::string vin = "WATDEMPT0TRA1N001";
  const RecordedMessage other = anonymizing.of(odometer_message(vin, 1));
  const auto topic = parse_v1_topic(other.message.topic);
  REQUIRE(topic);
  CHECK(topic->vin != vin);
  CHECK(other.message.payload.find("\"vin\":\"" + std::string(topic->vin) + "\"") !=
        std::string::npos);
  CHECK(topic->app_id == anonymizing.header.app_id);
  CHECK(anonymizing.header.topic_filter == "sandbox/level13/" + anonymizing.header.app_id + "/#");
  CHECK(anonymizing.anonymizer.file_name("trip_" + vin + ".0001.ndjson") ==
        "trip_" + std::string(topic->vin) + ".0001.ndjson");
  CHECK(anonymizing.anonymizer.file_name("of-" + vin + "-and-" + full_header().client_id) ==
        "of-" + std::string(topic->vin) + "-and-" + anonymizing.header.client_id);
}

TEST_CASE("The header keeps what is public, says with which key, and forgets the rest") {
  TapeHeader original = full_header();
  original.broker = "broker.of-alice.example:8883";
  original.client_id = "alice-laptop";
  Anonymizing anonymizing;
  const TapeHeader header = anonymizing.anonymizer.header(original);
  CHECK(header.environment == "sandbox");
  CHECK(header.level == "level13");
  CHECK(header.privacy == "anonymized");
  CHECK(header.key_id == key.id);
  CHECK(header.broker.ends_with(":8883"));
  for (const std::string& text : {header.broker, header.client_id, header.description}) {
    CHECK(text.find("alice") == std::string::npos);
  }
  CHECK(header.description.empty());
  CHECK(*original.started - *header.started == std::chrono::hours(7 * 24));
}

TEST_CASE("All times move by the same") {
  Anonymizing anonymizing;
  const RecordedMessage before = odometer_message("WATDEMPT0TRA1N001", 1);
  CHECK(before.received - anonymizing.of(before).received == std::chrono::hours(7 * 24));
  const Marker marker{MarkerKind::connected, before.received, "session kept"};
  CHECK(anonymizing.of(marker).at == anonymizing.of(before).received);
  CHECK(anonymizing.of(before).message.payload.find("2026-02-23T06:45:00.214Z") !=
        std::string::npos);
}

TEST_CASE("A payload that cannot be parsed becomes a stub, an empty one stays") {
  Anonymizing anonymizing;
  RecordedMessage broken = odometer_message("WATDEMPT0TRA1N001", 1);
  broken.message.payload.pop_back();
  CHECK(is_stub(anonymizing.of(broken).message.payload));
  broken.message.payload.clear();
  CHECK(anonymizing.of(broken).message.payload.empty());
  CHECK(anonymizing.anonymizer.counts().stubs == 1);
  CHECK(anonymizing.anonymizer.counts().messages == 2);
}

TEST_CASE("Markers keep the texts of this program and lose all others") {
  Anonymizing anonymizing;
  const auto detail = [&](std::string_view text) {
    return anonymizing.of(Marker{MarkerKind::disconnected, {}, std::string(text)}).detail;
  };
  CHECK(detail("12 bytes") == "12 bytes");
  CHECK(detail("the wall clock was set by -1h30m") == "the wall clock was set by -1h30m");
  CHECK(detail("localhost:8883: the broker closed the connection") ==
        "localhost:8883: the broker closed the connection");
  CHECK(anonymizing.anonymizer.counts().details_dropped == 0);
  CHECK(detail("localhost:8883: Alice pulled the plug").empty());
  CHECK(detail("the wall clock was set by Alice").empty());
  CHECK(anonymizing.anonymizer.counts().details_dropped == 2);
}

TEST_CASE("A check finds a raw tape by its header, and raw parts under a header that lies") {
  Anonymizing anonymizing;
  const std::vector<TapeEntry> clean = anonymized_entries(anonymizing.anonymizer);
  CHECK_FALSE(raw_on(anonymizing.header, clean));
  CHECK(raw_on(full_header(), clean));
  CHECK(raw_on({}, clean));
  for (const TapeEntry& raw : varied_entries()) {
    const auto* const message = std::get_if<RecordedMessage>(&raw);
    if (message == nullptr || message->message.topic.starts_with("sandbox/") ||
        message->message.payload.empty()) {
      continue;  // pseudonyms of VINs and ids look like VINs and ids
    }
    std::vector<TapeEntry> mixed = clean;
    mixed.push_back(raw);
    CHECK(raw_on(anonymizing.header, mixed));
  }
}

TEST_CASE("Whatever the anonymiser replaces, the check looks at") {
  Anonymizing anonymizing;
  const std::vector<TapeEntry> clean = anonymized_entries(anonymizing.anonymizer);
  for (std::string TapeHeader::*const member :
       {&TapeHeader::environment, &TapeHeader::level, &TapeHeader::app_id, &TapeHeader::broker,
        &TapeHeader::topic_filter, &TapeHeader::client_id, &TapeHeader::tool}) {
    TapeHeader header = anonymizing.header;
    header.*member = "johns-home.example.org:8883";
    CHECK(raw_on(header, clean));
  }
  RecordedMessage message = anonymizing.of(odometer_message("WATDEMPT0TRA1N001", 1));
  message.message.properties = PublishProperties{};
  message.message.properties->content_type = "application/json";
  CHECK_FALSE(raw_on(anonymizing.header, {message}));
  message.message.properties->content_type = "of John Doe";
  CHECK(raw_on(anonymizing.header, {message}));
}

TEST_CASE("A synthetic tape is nobody's") {
  TapeHeader header = full_header();
  header.privacy = "synthetic";
  CHECK_FALSE(raw_on(header, varied_entries()));
}

TEST_CASE("What the check lets through is what was kept, and only that") {
  Anonymizer keeping(key, AnonymizeSettings{}, *Harmless::with({"trips.driver_name"}));
  const TapeHeader header = keeping.header(full_header());
  RecordedMessage message = odometer_message("WATDEMPT0TRA1N001", 1);
  message.message.payload = R"({"data":{"trips":{"driver_name":{"data":"Alice"}}}})";
  keeping.rewrite(message);
  CHECK(message.message.payload.find("Alice") != std::string::npos);
  CHECK_FALSE(raw_on(header, {message}));
  TapeHeader without = header;
  without.other.clear();
  CHECK(raw_on(without, {message}));
}

TEST_CASE("An anonymising writer writes what the anonymiser makes") {
  const TestFolder folder;
  Anonymizing writing;
  {
    auto tape = create_tape(folder.file("tape.ndjson"), writing.header);
    REQUIRE(tape);
    AnonymizingWriter writer(std::move(*tape), writing.anonymizer);
    for (const TapeEntry& entry : varied_entries()) {
      REQUIRE(std::visit([&](const auto& record) { return writer.append(record).ok(); }, entry));
    }
    REQUIRE(writer.close());
  }
  Anonymizing again;
  CHECK(read_all(folder.file("tape.ndjson"))->entries == anonymized_entries(again.anonymizer));
}
