#include "tape/mcap/mcap_summary.hpp"

#include <algorithm>

namespace autotape::mcap {

Result<void> SummaryBuilder::add_chunk(const ChunkIndex& index) {
  ++chunk_count_;
  if (!index.message_index_offsets.empty()) {
    start_time_ = std::min(start_time_, index.start_time);
    end_time_ = std::max(end_time_, index.end_time);
  }
  std::string out;
  {
    const RecordScope record(out, Opcode::chunk_index);
    append_integer(out, index.start_time);
    append_integer(out, index.end_time);
    append_integer(out, index.offset);
    append_integer(out, index.length);
    append_integer(out, static_cast<std::uint32_t>(index.message_index_offsets.size() *
                                                   (sizeof(ChannelId) + sizeof(std::uint64_t))));
    for (const auto& [channel, offset] : index.message_index_offsets) {
      append_integer(out, channel);
      append_integer(out, offset);
    }
    append_integer(out, index.message_index_length);
    append_text(out, index.compression);
    append_integer(out, index.compressed_size);
    append_integer(out, index.uncompressed_size);
  }
  return chunk_indexes_.append(out);
}

void SummaryBuilder::count_messages(ChannelId channel, std::uint64_t count) {
  if (channel >= message_counts_.size()) {
    message_counts_.resize(channel + 1U);
  }
  message_counts_[channel] += count;
  message_count_ += count;
}

void SummaryBuilder::add_attachment(const AttachmentView& attachment, std::uint64_t offset,
                                    std::uint64_t length) {
  ++attachment_count_;
  const RecordScope record(attachment_indexes_, Opcode::attachment_index);
  append_integer(attachment_indexes_, offset);
  append_integer(attachment_indexes_, length);
  append_integer(attachment_indexes_, attachment.log_time);
  append_integer(attachment_indexes_, attachment.create_time);
  append_integer(attachment_indexes_, std::uint64_t{attachment.data.size()});
  append_text(attachment_indexes_, attachment.name);
  append_text(attachment_indexes_, attachment.media_type);
}

void SummaryBuilder::append_statistics(std::string& out, const ChannelScheme& scheme) const {
  const RecordScope record(out, Opcode::statistics);
  append_integer(out, message_count_);
  append_integer(out, scheme.schema_count());
  append_integer(out, scheme.channel_count());
  append_integer(out, attachment_count_);
  append_integer(out, std::uint32_t{0});  // metadata
  append_integer(out, chunk_count_);
  append_integer(out, message_count_ == 0 ? 0 : start_time_);
  append_integer(out, end_time_);
  std::string counts;
  for (std::size_t channel = 0; channel < message_counts_.size(); ++channel) {
    if (message_counts_[channel] > 0) {
      append_integer(counts, static_cast<ChannelId>(channel));
      append_integer(counts, message_counts_[channel]);
    }
  }
  append_text(out, counts);
}

Result<void> SummaryBuilder::write_end(const Write& write, std::uint64_t offset,
                                       std::uint32_t data_crc, const ChannelScheme& scheme) const {
  std::string out;
  {
    const RecordScope record(out, Opcode::data_end);
    append_integer(out, data_crc);
  }
  AUTOTAPE_TRY(write(out));
  std::uint64_t here = offset + out.size();
  std::uint32_t crc = 0;
  const auto put = [&](std::string_view bytes) -> Result<void> {
    crc = crc32(bytes, crc);
    here += bytes.size();
    return write(bytes);
  };
  Footer footer;
  footer.summary_start = here;

  std::string offsets;
  const auto end_group = [&](Opcode opcode, std::uint64_t group_start) {
    if (here > group_start) {
      const RecordScope record(offsets, Opcode::summary_offset);
      append_integer(offsets, opcode);
      append_integer(offsets, group_start);
      append_integer(offsets, here - group_start);
    }
  };
  const auto put_group = [&](Opcode opcode, std::string_view records) -> Result<void> {
    const std::uint64_t group_start = here;
    AUTOTAPE_TRY(put(records));
    end_group(opcode, group_start);
    return {};
  };
  AUTOTAPE_TRY(put_group(Opcode::schema, scheme.schemas()));
  AUTOTAPE_TRY(put_group(Opcode::channel, scheme.channels()));
  const std::uint64_t chunk_indexes_start = here;
  AUTOTAPE_TRY(chunk_indexes_.read(put));
  end_group(Opcode::chunk_index, chunk_indexes_start);
  AUTOTAPE_TRY(put_group(Opcode::attachment_index, attachment_indexes_));
  std::string statistics;
  append_statistics(statistics, scheme);
  AUTOTAPE_TRY(put_group(Opcode::statistics, statistics));

  footer.summary_offset_start = here;
  AUTOTAPE_TRY(put(offsets));
  out.clear();
  append_integer(out, Opcode::footer);
  append_integer(out, std::uint64_t{footer_size - record_head});
  append_integer(out, footer.summary_start);
  append_integer(out, footer.summary_offset_start);
  AUTOTAPE_TRY(put(out));
  out.clear();
  append_integer(out, crc);
  out += magic;
  return write(out);
}

}  // namespace autotape::mcap
