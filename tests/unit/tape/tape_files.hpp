// Tapes in a folder of their own, and what is on them.
#pragma once

#include <algorithm>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include <doctest/doctest.h>

#include "core/file.hpp"
#include "tape/reader.hpp"
#include "tape/writer.hpp"
#include "tests/unit/support/test_folder.hpp"

namespace autotape {

using TapeEntry = std::variant<RecordedMessage, Marker>;

struct TapeContent {
  TapeHeader header;
  std::vector<TapeEntry> entries;
  TapeDamage damage;
};

inline Result<TapeContent> read_all(TapeReader& reader) {
  TapeContent content;
  content.header = reader.header();
  RecordedMessage message;
  Marker marker;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, reader.next(message, marker));
    if (found == TapeRecord::end) {
      break;
    }
    if (found == TapeRecord::message) {
      content.entries.emplace_back(message);
    } else {
      content.entries.emplace_back(marker);
    }
  }
  content.damage = reader.damage();
  return content;
}

inline Result<TapeContent> read_all(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(const auto reader, open_tape(path));
  return read_all(*reader);
}

inline void write_all(const std::string& path, const TapeHeader& header,
                      const std::vector<TapeEntry>& entries) {
  auto writer = create_tape(path, header, FileAccess::everyone, true);
  REQUIRE_MESSAGE(writer.ok(), writer.error().line());
  for (const TapeEntry& entry : entries) {
    REQUIRE(std::visit([&](const auto& record) { return (*writer)->append(record).ok(); }, entry));
  }
  REQUIRE((*writer)->close().ok());
}

inline std::string content_of(const std::string& path) {
  auto bytes = read_file(path);
  REQUIRE_MESSAGE(bytes.ok(), bytes.error().line());
  return std::move(*bytes);
}

// Not synced: tests do it thousands of times.
inline void put(const std::string& path, std::string_view bytes) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << bytes;
  REQUIRE(file.flush().good());
}

// A header with everything, and records with everything that a message can have.
inline TapeHeader full_header() {
  TapeHeader header;
  header.environment = "sandbox";
  header.level = "level13";
  header.app_id = "5A0C0FFEE0DDBA11C0DEFEED";
  header.broker = "localhost:8883";
  header.topic_filter = "sandbox/level13/5A0C0FFEE0DDBA11C0DEFEED/#";
  header.client_id = "7c1e5a0e-5a5e-4c1e-9d0b-0123456789ab";
  header.tool = "autotape 0.1.0";
  header.started = ReceivedTime(std::chrono::seconds(1'772'434'800));
  header.description = "a \"tape\" with ü, \\ and\ttabs";
  header.privacy = "raw";
  header.other = {{"tomorrow", "something new"}};
  return header;
}

inline std::string odometer_payload(std::string_view vin, int value) {
  return std::string(R"({"message_id":"A)") + std::to_string(value) + R"(","version":1,"vin":")" +
         std::string(vin) +
         R"(","capability":"diagnostics","property":"odometer","data":{"diagnostics":{"odometer":)" +
         R"({"data":{"unit":"kilometers","value":)" + std::to_string(value) +
         R"(},"timestamp":"2026-03-02T06:45:00.214Z"}}}})";
}

inline RecordedMessage odometer_message(std::string_view vin, int value) {
  RecordedMessage recorded;
  recorded.received = ReceivedTime(std::chrono::milliseconds(1'772'434'800'000 + value));
  recorded.message.topic =
      "sandbox/level13/5A0C0FFEE0DDBA11C0DEFEED/" + std::string(vin) + "/diagnostics/get/odometer";
  recorded.message.payload = odometer_payload(vin, value);
  return recorded;
}

inline std::vector<TapeEntry> varied_entries() {
  std::vector<TapeEntry> entries;
  entries.emplace_back(
      Marker{MarkerKind::recording_started, ReceivedTime(std::chrono::seconds(1'772'434'800)), {}});
  entries.emplace_back(odometer_message("WATDEMPT0TRA1N001", 1));
  entries.emplace_back(odometer_message("WATDEMEV7TRA1N002", 2));

  RecordedMessage odd = odometer_message("WATDEMPT0TRA1N001", 3);
  odd.received += Duration(7);
  odd.message.qos = 0;
  odd.message.retain = true;
  odd.message.dup = true;
  odd.message.topic = "home/kitchen/+not+a+pattern";
  odd.message.payload = std::string("\0\xFF\x80 not UTF-8\n", 14);
  entries.emplace_back(odd);

  entries.emplace_back(Marker{MarkerKind::disconnected,
                              ReceivedTime(std::chrono::milliseconds(1'772'434'805'250)),
                              "localhost:8883: the connection \"broke\""});

  RecordedMessage rich = odometer_message("WATDEMEV7TRA1N002", 4);
  rich.message.properties = PublishProperties{};
  rich.message.properties->payload_format_indicator = std::uint8_t{1};
  rich.message.properties->message_expiry_interval = 3600U;
  rich.message.properties->content_type = "application/json";
  rich.message.properties->response_topic = "reply/here";
  rich.message.properties->correlation_data = std::string("\x00\xFE\x01", 3);
  rich.message.properties->user_properties = {{"trace", "1"}, {"trace", "2"}, {"", "ü"}};
  entries.emplace_back(rich);

  RecordedMessage empty = odometer_message("WATDEMPT0TRA1N001", 5);
  empty.message.payload.clear();
  empty.message.properties = PublishProperties{};
  empty.message.properties->content_type = "";
  entries.emplace_back(empty);
  return entries;
}

}  // namespace autotape
