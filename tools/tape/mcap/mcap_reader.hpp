// Reads an MCAP tape, of ours or of other programs (tape/FORMAT.md).
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/file.hpp"
#include "json/parser.hpp"
#include "tape/mcap/channel_scheme.hpp"
#include "tape/mcap/chunk_codec.hpp"
#include "tape/mcap/publish_headers.hpp"
#include "tape/mcap/record_stream.hpp"
#include "tape/reader.hpp"

namespace autotape::mcap {

// A chunk that is damaged is left out, said so (damage()), and reading goes on behind it. Messages
// of other programs have their channel's topic and QoS 1.
class McapReader final : public TapeReader {
 public:
  static Result<std::unique_ptr<McapReader>> open(std::unique_ptr<ByteSource> source,
                                                  std::optional<std::uint64_t> size,
                                                  RecordStream::Begin begin);

  std::string_view format() const override { return "mcap"; }
  const TapeHeader& header() const override { return header_; }
  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override;
  const TapeDamage& damage() const override { return stream_.damage(); }

  // Tables of PUBLISH headers that could not be read: their messages have other topics.
  std::uint64_t bad_header_tables() const { return bad_header_tables_; }

  bool has_header() const { return has_header_; }
  void set_header(TapeHeader header) { header_ = std::move(header); }

 private:
  // What the messages of a channel are.
  struct ChannelUse {
    enum class Role : std::uint8_t { payload, tape, marker, publish_headers };
    Role role = Role::payload;
    std::string topic;
  };

  McapReader(std::unique_ptr<ByteSource> source, std::optional<std::uint64_t> size,
             RecordStream::Begin begin);

  Result<void> read_up_to_header();
  Result<bool> next_record(RecordView& record);
  void learn_channel(std::string_view content);
  bool is_credible(const MessageView& found) const;
  std::optional<TapeRecord> take(const MessageView& found, RecordedMessage& message,
                                 Marker& marker);
  void fill(const MessageView& found, const ChannelUse& channel, RecordedMessage& message) const;
  void read_header(std::string_view json);
  bool read_marker(std::string_view json, Marker& marker);
  void read_publish_headers(std::string_view json);

  RecordStream stream_;
  ChunkDecompressor decompressor_;
  std::string_view chunk_records_;  // of the chunk at hand, not yet given
  bool in_chunk_ = false;           // the last record was
  bool has_chunks_ = false;
  std::map<ChannelId, ChannelUse> channels_;
  const ChannelUse* last_channel_use_ = nullptr;  // of last_channel_
  ChannelId last_channel_ = 0;
  PublishHeaders publish_headers_;
  std::uint64_t bad_header_tables_ = 0;
  JsonParser parser_;
  TapeHeader header_;
  bool has_header_ = false;
  bool first_message_waits_ = false;
  MessageView first_message_;  // found while looking for the header
};

}  // namespace autotape::mcap
