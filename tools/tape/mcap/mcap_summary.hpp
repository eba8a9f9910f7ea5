// The end of an MCAP file: what is in it, and where.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/result.hpp"
#include "tape/mcap/channel_scheme.hpp"
#include "tape/mcap/mcap_record.hpp"
#include "tape/mcap/spilled_text.hpp"

namespace autotape::mcap {

struct ChunkIndex {
  std::uint64_t start_time = 0;
  std::uint64_t end_time = 0;
  std::uint64_t offset = 0;  // of the Chunk record in the file
  std::uint64_t length = 0;  // of the whole Chunk record
  std::vector<std::pair<ChannelId, std::uint64_t>> message_index_offsets;
  std::uint64_t message_index_length = 0;
  std::string_view compression;
  std::uint64_t compressed_size = 0;
  std::uint64_t uncompressed_size = 0;
};

// Collects what the summary says.
class SummaryBuilder {
 public:
  // What the summary says of many chunks goes to a temporary file in `folder`.
  explicit SummaryBuilder(std::string folder) : chunk_indexes_(std::move(folder)) {}

  Result<void> add_chunk(const ChunkIndex& index);
  void count_messages(ChannelId channel, std::uint64_t count);
  void add_attachment(const AttachmentView& attachment, std::uint64_t offset, std::uint64_t length);

  // Everything behind the data section's last record: Data End, summary, footer, magic, given to
  // `write` piece by piece. It begins at `offset` of the file; `data_crc` is of all bytes before
  // it.
  using Write = std::function<Result<void>(std::string_view)>;
  Result<void> write_end(const Write& write, std::uint64_t offset, std::uint32_t data_crc,
                         const ChannelScheme& scheme) const;

 private:
  void append_statistics(std::string& out, const ChannelScheme& scheme) const;

  SpilledText chunk_indexes_;  // records
  std::uint32_t chunk_count_ = 0;
  std::string attachment_indexes_;  // records
  std::uint32_t attachment_count_ = 0;
  std::vector<std::uint64_t> message_counts_;  // by channel id
  std::uint64_t message_count_ = 0;
  std::uint64_t start_time_ = UINT64_MAX;
  std::uint64_t end_time_ = 0;
};

}  // namespace autotape::mcap
