// Which MCAP channel a message belongs to. One for each capability and property of the stream, not
// for each car: channel ids are 16 bits, and a fleet has more topics than that. The exact topic
// stands beside the message (publish_headers.hpp).
//
//   diagnostics/odometer          payloads that are JSON objects; with a JSON schema for viewers
//   diagnostics/odometer/bytes    payloads that are not
//   live/level13/75374841-…       any topic that is not of V1 is a channel of its own …
//   other, other/bytes            … until there are `most_channels`
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/flat_table.hpp"
#include "json/parser.hpp"
#include "tape/mcap/mcap_record.hpp"

namespace autotape::mcap {

// Channels that every tape of ours has under these ids: even if a damaged chunk held their records,
// they are known.
inline constexpr ChannelId tape_channel = 1;     // one message: the tape's header, as in NDJSON
inline constexpr ChannelId marker_channel = 2;   // markers, as in NDJSON
inline constexpr ChannelId publish_channel = 3;  // publish_headers.hpp
inline constexpr ChannelId first_payload_channel = 4;

inline constexpr std::string_view own_profile = "x-autotape";
inline constexpr std::string_view tape_topic = "autotape/tape";
inline constexpr std::string_view marker_topic = "autotape/marker";
inline constexpr std::string_view publish_topic = "autotape/publish";
inline constexpr std::string_view own_topics = "autotape/";  // how all of them begin

class ChannelScheme {
 public:
  static constexpr std::size_t most_channels = 10'000;

  ChannelScheme();

  // The channel of a message with this topic. `is_json`: the payload is a JSON object.
  ChannelId channel_of(std::string_view topic, bool is_json, std::string_view payload);

  // Schema and Channel records of all channels so far, one after the other; those of new ones are
  // at the end. A channel's schema stands before it.
  const std::string& schemas() const { return schemas_; }
  const std::string& channels() const { return channels_; }
  std::uint32_t channel_count() const { return next_id_ - 1U; }
  std::uint16_t schema_count() const { return schema_count_; }

  // Goes on with the scheme of an earlier recording: takes what is in its Channel and Schema
  // records.
  void adopt_schema(std::string_view content);
  void adopt_channel(std::string_view content);

 private:
  ChannelId add(const std::string& name, bool is_json, std::string_view payload);
  void add_channel(std::string_view topic, std::string_view encoding, std::string_view schema);

  FlatTable<ChannelId> by_name_;
  std::string schemas_;
  std::string channels_;
  std::uint32_t next_id_ = 1;
  std::uint16_t schema_count_ = 0;
  JsonParser parser_;
};

// A JSON schema of what `example` shows: the types of its members, and no more. For viewers, which
// draw what a schema tells them. Empty if it is no JSON object.
std::string schema_by_example(JsonElement example);

}  // namespace autotape::mcap
