#include "tape/mcap/chunk_builder.hpp"

#include <algorithm>

#include "tape/mcap/channel_scheme.hpp"

namespace autotape::mcap {

void ChunkBuilder::add_definitions(std::string_view schema_or_channel_records) {
  records_ += schema_or_channel_records;
}

void ChunkBuilder::add(const MessageView& message) {
  if (message.channel >= entries_.size()) {
    entries_.resize(message.channel + 1U);
  }
  auto& entries = entries_[message.channel];
  if (entries.empty()) {
    used_channels_.push_back(message.channel);
  }
  entries.push_back({message.log_time, records_.size()});
  if (message.channel >= first_payload_channel && !has_payloads_) {
    has_payloads_ = true;
    first_time_ = message.log_time;
    first_sequence_ = message.sequence;
  }
  append_message(records_, message);
}

void ChunkBuilder::put_publish_headers_first() {
  std::string json;
  publish_headers_.append_json(json, first_sequence_);
  std::string records;
  records.reserve(json.size() + record_head * 4 + records_.size());
  append_message(records, {publish_channel, first_sequence_, first_time_, first_time_, json});
  for (auto& entries : entries_) {
    for (IndexEntry& entry : entries) {
      entry.offset += records.size();
    }
  }
  records += records_;
  records_ = std::move(records);
  used_channels_.push_back(publish_channel);
  entries_[publish_channel].push_back({first_time_, 0});
}

void ChunkBuilder::append_indexes(std::string& out, std::uint64_t offset, ChunkIndex& index) const {
  const std::size_t begin = out.size();
  for (const ChannelId channel : used_channels_) {
    const auto& entries = entries_[channel];
    index.message_index_offsets.emplace_back(channel, offset + (out.size() - begin));
    const RecordScope record(out, Opcode::message_index);
    append_integer(out, channel);
    const std::size_t bytes = entries.size() * sizeof(IndexEntry);
    append_integer(out, static_cast<std::uint32_t>(bytes));
    out.append(reinterpret_cast<const char*>(entries.data()), bytes);
  }
  index.message_index_length = out.size() - begin;
}

Result<void> ChunkBuilder::finish(std::string& out, std::uint64_t offset, SummaryBuilder& summary) {
  if (has_payloads_) {
    put_publish_headers_first();
  }
  ChunkIndex index;
  index.start_time = used_channels_.empty() ? 0 : UINT64_MAX;
  for (const ChannelId channel : used_channels_) {
    for (const IndexEntry& entry : entries_[channel]) {
      index.start_time = std::min(index.start_time, entry.log_time);
      index.end_time = std::max(index.end_time, entry.log_time);
    }
    summary.count_messages(channel, entries_[channel].size());
  }
  AUTOTAPE_TRY_ASSIGN(const std::string_view compressed, compressor_.compress(records_));
  const std::size_t begin = out.size();
  append_chunk(out, {index.start_time, index.end_time, records_.size(), crc32(records_),
                     zstd_compression, compressed});
  index.offset = offset;
  index.length = out.size() - begin;
  index.compression = zstd_compression;
  index.compressed_size = compressed.size();
  index.uncompressed_size = records_.size();
  append_indexes(out, offset + index.length, index);
  AUTOTAPE_TRY(summary.add_chunk(index));

  for (const ChannelId channel : used_channels_) {
    entries_[channel].clear();
  }
  used_channels_.clear();
  records_.clear();
  publish_headers_.clear();
  has_payloads_ = false;
  return {};
}

}  // namespace autotape::mcap
