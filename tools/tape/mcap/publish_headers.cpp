#include "tape/mcap/publish_headers.hpp"

#include <fmt/format.h>

#include "core/hash.hpp"
#include "tape/ndjson/ndjson_line.hpp"

namespace autotape::mcap {
namespace {

std::uint64_t header_hash(const Message& message) {
  const std::uint64_t flags = message.qos | (message.retain ? 4U : 0U) | (message.dup ? 8U : 0U);
  return combine_hashes(hash_of(message.topic), flags);
}

bool same_header(const Message& a, const Message& b) {
  return a.topic == b.topic && a.qos == b.qos && a.retain == b.retain && a.dup == b.dup &&
         a.properties == b.properties;
}

}  // namespace

std::pair<std::uint32_t, bool> PublishHeaderTable::add(const Message& message) {
  const auto [known, added] = header_by_hash_.find_or_add(header_hash(message));
  const bool is_new = added || !same_header(headers_[*known], message);
  if (is_new) {
    *known = static_cast<std::uint32_t>(headers_.size());
    headers_.push_back(
        {message.topic, {}, message.qos, message.retain, message.dup, message.properties});
    const std::size_t begin = json_.size();
    append_publish_members(json_, message);
    json_[begin] = '{';  // in the place of the first member's comma
    json_ += "},";
  }
  header_of_message_.push_back(*known);
  return {*known, is_new};
}

void PublishHeaderTable::append_json(std::string& out, std::uint32_t first_sequence) const {
  out += fmt::format("{{\"first\":{},\"headers\":[", first_sequence);
  out.append(json_, 0, json_.empty() ? 0 : json_.size() - 1);
  out += "],\"messages\":[";
  const char* separator = "";
  for (const std::uint32_t header : header_of_message_) {
    out += separator;
    const fmt::format_int digits(header);
    out.append(digits.data(), digits.size());
    separator = ",";
  }
  out += "]}";
}

void PublishHeaderTable::clear() {
  header_by_hash_ = {};
  headers_.clear();
  json_.clear();
  header_of_message_.clear();
}

Result<void> PublishHeaders::read(std::string_view json) {
  header_of_message_.clear();
  AUTOTAPE_TRY_ASSIGN(const JsonElement root, parser_.parse(json));
  JsonArray headers;
  JsonArray messages;
  std::uint64_t first = 0;
  if (root["first"].get(first) != simdjson::SUCCESS ||
      root["headers"].get(headers) != simdjson::SUCCESS ||
      root["messages"].get(messages) != simdjson::SUCCESS) {
    return file_error({}, "is no table of PUBLISH headers");
  }
  first_sequence_ = static_cast<std::uint32_t>(first);
  headers_.clear();
  for (const JsonElement element : headers) {
    JsonObject members;
    if (element.get(members) != simdjson::SUCCESS) {
      return file_error("/headers", "must be objects");
    }
    AUTOTAPE_TRY(read_publish_members(members, headers_.emplace_back()));
  }
  for (const JsonElement element : messages) {
    std::uint64_t header = 0;
    if (element.get(header) != simdjson::SUCCESS || header >= headers_.size()) {
      header_of_message_.clear();
      return file_error("/messages", "must be places in /headers");
    }
    header_of_message_.push_back(static_cast<std::uint32_t>(header));
  }
  return {};
}

}  // namespace autotape::mcap
