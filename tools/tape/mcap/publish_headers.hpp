// What an MCAP message has no field for: the header of each PUBLISH (topic, QoS, retain, DUP, MQTT
// 5 properties). A table for each chunk, as JSON on a channel of its own:
//
//   {"first":17,
//    "headers":[{"topic":"sandbox/…/odometer","qos":1,"retain":false,"dup":false},…],
//    "messages":[0,0,1,0,…]}
//
// The message with sequence number 17 has header 0, number 18 too, number 19 has header 1, ….
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/flat_table.hpp"
#include "core/result.hpp"
#include "json/parser.hpp"
#include "message/message.hpp"

namespace autotape::mcap {

// Collects the headers of a chunk's messages.
class PublishHeaderTable {
 public:
  // The place of the message's header among the different ones, and whether it is a new one.
  std::pair<std::uint32_t, bool> add(const Message& message);

  bool empty() const { return header_of_message_.empty(); }
  std::size_t json_size() const { return json_.size() + 4 * header_of_message_.size(); }  // about

  void append_json(std::string& out, std::uint32_t first_sequence) const;
  void clear();

 private:
  FlatTable<std::uint32_t> header_by_hash_;
  std::vector<Message> headers_;  // without payload
  std::string json_;              // of headers_
  std::vector<std::uint32_t> header_of_message_;
};

// Reads such a table.
class PublishHeaders {
 public:
  Result<void> read(std::string_view json);

  // Without payload. Null if the table does not say.
  const Message* of(std::uint32_t sequence) const {
    const std::uint32_t place = sequence - first_sequence_;  // wraps as sequence numbers do
    return place < header_of_message_.size() ? &headers_[header_of_message_[place]] : nullptr;
  }

 private:
  JsonParser parser_;
  std::uint32_t first_sequence_ = 0;
  std::vector<Message> headers_;
  std::vector<std::uint32_t> header_of_message_;
};

}  // namespace autotape::mcap
