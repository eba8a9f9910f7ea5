// Writes an MCAP tape (tape/FORMAT.md).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "json/parser.hpp"
#include "tape/contents.hpp"
#include "tape/mcap/channel_scheme.hpp"
#include "tape/mcap/chunk_builder.hpp"
#include "tape/mcap/mcap_summary.hpp"
#include "tape/writer.hpp"

namespace autotape::mcap {

class McapWriter final : public TapeWriter {
 public:
  static constexpr std::size_t default_chunk_bytes = std::size_t{1} << 20U;

  // A new tape: writes what comes before the first message, and syncs. A chunk is cut when it has
  // reached `chunk_bytes`, uncompressed, and by each sync() and flush(). The index of a long tape
  // is collected in a temporary file in `folder`.
  static Result<std::unique_ptr<McapWriter>> start(std::unique_ptr<AppendFile> file,
                                                   const TapeHeader& header,
                                                   const std::string& folder,
                                                   std::size_t chunk_bytes = default_chunk_bytes);

  // Goes on with the first `most` bytes of a tape (mcap_resume.cpp): what follows the last whole
  // chunk, its end or a torn chunk, is cut off. Reads the tape through; an error if a chunk before
  // its end is damaged. `header` is for a tape so short that it has none.
  static Result<ResumedTape> resume(const std::string& path, const TapeHeader& header,
                                    std::uint64_t most = UINT64_MAX);

  // Puts the tape's header on the tape, which the first record does otherwise, and syncs.
  Result<void> write_header();

  Result<void> append(const RecordedMessage& message) override;
  Result<void> append(const Marker& marker) override;
  Result<void> sync() override;
  Result<void> flush() override;
  Result<void> close() override;
  std::uint64_t size() const override { return file_->size(); }

  // Uncompressed bytes that are not yet in a chunk of the file.
  std::size_t pending() const { return chunk_.size(); }

 private:
  // The channels of the messages that share a PUBLISH header; 0: not known yet.
  struct HeaderChannels {
    ChannelId json = 0;
    ChannelId bytes = 0;
  };

  McapWriter(std::unique_ptr<AppendFile> file, TapeHeader header, const std::string& folder,
             std::size_t chunk_bytes)
      : file_(std::move(file)),
        header_(std::move(header)),
        chunk_bytes_(chunk_bytes),
        summary_(folder) {}

  friend class McapResumption;

  ChannelId channel_of(const Message& message, bool is_json);
  bool is_json_object(std::string_view payload);
  void add_new_definitions();
  Result<void> begin_tape(std::uint64_t time);
  Result<void> cut_if_large();
  Result<void> cut_chunk();
  Result<void> write(std::string_view bytes);
  Result<void> write_end();
  Result<void> fail_for_good(Result<void> result);

  std::unique_ptr<AppendFile> file_;
  TapeHeader header_;
  std::size_t chunk_bytes_;
  ChannelScheme scheme_;
  std::size_t written_schemas_ = 0;   // bytes of scheme_.schemas() that are in chunks
  std::size_t written_channels_ = 0;  // the same
  ChunkBuilder chunk_;
  std::vector<HeaderChannels> header_channels_;  // by place in the chunk's table
  SummaryBuilder summary_;
  ContentsCounter contents_;
  JsonParser parser_;
  std::uint32_t data_crc_ = 0;
  std::uint32_t sequence_ = 0;
  std::uint64_t last_time_ = 0;
  std::string out_;
  bool begun_ = false;  // the header is on the tape
  bool synced_ = true;
  bool closed_ = false;
  std::optional<Error> failure_;  // the first one, which is final
};

}  // namespace autotape::mcap
