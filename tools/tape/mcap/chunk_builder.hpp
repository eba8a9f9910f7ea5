// The records of one chunk while they are collected, and the bytes that come of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"
#include "tape/mcap/chunk_codec.hpp"
#include "tape/mcap/mcap_record.hpp"
#include "tape/mcap/mcap_summary.hpp"
#include "tape/mcap/publish_headers.hpp"

namespace autotape::mcap {

class ChunkBuilder {
 public:
  void add_definitions(std::string_view schema_or_channel_records);
  void add(const MessageView& message);

  // Of the messages that will be added on payload channels, in their order. The table is written in
  // front of them, so that a reader knows it when it meets them.
  PublishHeaderTable& publish_headers() { return publish_headers_; }

  bool empty() const { return records_.empty(); }
  std::size_t size() const { return records_.size() + publish_headers_.json_size(); }  // about

  // Appends the Chunk and its Message Index records, which begin at `offset` of the file, and
  // tells `summary` of them. Then all is as at the beginning.
  Result<void> finish(std::string& out, std::uint64_t offset, SummaryBuilder& summary);

 private:
  struct IndexEntry {
    std::uint64_t log_time;
    std::uint64_t offset;  // in the uncompressed records
  };

  void put_publish_headers_first();
  void append_indexes(std::string& out, std::uint64_t offset, ChunkIndex& index) const;

  std::string records_;
  PublishHeaderTable publish_headers_;
  std::vector<std::vector<IndexEntry>> entries_;  // by channel id
  std::vector<ChannelId> used_channels_;
  std::uint64_t first_time_ = 0;      // of the first message on a payload channel
  std::uint32_t first_sequence_ = 0;  // the same
  bool has_payloads_ = false;
  ChunkCompressor compressor_;
};

}  // namespace autotape::mcap
