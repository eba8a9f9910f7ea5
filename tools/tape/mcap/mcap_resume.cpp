// Going on with an MCAP tape: everything that its writer knew is learned from the file.
#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "tape/begin_of_file.hpp"
#include "tape/mcap/chunk_codec.hpp"
#include "tape/mcap/mcap_writer.hpp"
#include "tape/mcap/record_stream.hpp"
#include "tape/ndjson/ndjson_line.hpp"

namespace autotape::mcap {

class McapResumption {
 public:
  McapResumption(McapWriter& writer, RecordStream& stream) : writer_(writer), stream_(stream) {}

  Result<void> read_through() {
    while (true) {
      AUTOTAPE_TRY_ASSIGN(const auto record, stream_.next());
      if (!record) {
        break;
      }
      switch (record->opcode) {
        case Opcode::header:
          end_ = stream_.record_offset() + stream_.record_size();
          break;
        case Opcode::chunk:
          AUTOTAPE_TRY(finish_chunk());
          AUTOTAPE_TRY(begin_chunk(record->content));
          break;
        case Opcode::message_index:
          take_index(record->content);
          break;
        default:
          break;
      }
    }
    if (stream_.damage().skipped_bytes > 0) {
      return damaged(stream_.damage().places.front());
    }
    return {};
  }

  // The file ends behind its last whole chunk, whose indexes are whole, too.
  Result<void> cut_file() {
    AppendFile& file = *writer_.file_;
    const bool indexes_whole =
        !has_chunk_ || chunk_.message_index_offsets.size() == entries_.size();
    if (!indexes_whole) {
      end_ = chunk_.offset + chunk_.length;
    }
    AUTOTAPE_TRY(file.truncate(end_));
    if (!indexes_whole) {
      AUTOTAPE_TRY(file.append(rebuilt_indexes()));
    }
    AUTOTAPE_TRY(finish_chunk());
    return file.sync();
  }

  // Offset behind what was kept of the file.
  std::uint64_t end() const { return end_; }
  std::uint64_t messages() const { return messages_; }

 private:
  Error damaged(const DamagedPlace& place) const {
    return file_error(fmt::format("{}@{}", stream_.path(), place.offset), place.what,
                      "autotape tape recover makes a tape that can be gone on with");
  }

  Result<void> begin_chunk(std::string_view content) {
    const auto chunk = read_chunk(content);
    const auto records = chunk ? decompressor_.decompress(*chunk) : file_error({}, "is not whole");
    if (!records) {
      return damaged({stream_.record_offset(), 0, "chunk: " + records.error().line()});
    }
    has_chunk_ = true;
    chunk_ = {};
    chunk_.start_time = chunk->start_time;
    chunk_.end_time = chunk->end_time;
    chunk_.offset = stream_.record_offset();
    chunk_.length = stream_.record_size();
    chunk_.compression = zstd_compression;
    chunk_.compressed_size = chunk->records.size();
    chunk_.uncompressed_size = chunk->uncompressed_size;
    entries_.clear();
    end_ = chunk_.offset + chunk_.length;
    take_records(*records);
    return {};
  }

  void take_records(std::string_view records) {
    const std::string_view all = records;
    std::uint64_t offset = 0;
    while (const auto record = take_record(records)) {
      if (record->opcode == Opcode::schema) {
        writer_.scheme_.adopt_schema(record->content);
      } else if (record->opcode == Opcode::channel) {
        writer_.scheme_.adopt_channel(record->content);
      } else if (record->opcode == Opcode::message) {
        if (const auto message = read_message(record->content)) {
          auto& entries = entries_[message->channel];
          append_integer(entries, message->log_time);
          append_integer(entries, offset);
          take_message(*message);
        }
      }
      offset = all.size() - records.size();
    }
  }

  void take_message(const MessageView& message) {
    const ReceivedTime time{Duration(static_cast<std::int64_t>(message.log_time))};
    if (message.channel >= first_payload_channel) {
      ++messages_;
      writer_.sequence_ = message.sequence;
      writer_.last_time_ = message.log_time;
      recorded_.received = time;
      recorded_.message.payload.assign(message.data);
      writer_.contents_.add(recorded_);
    } else if (message.channel != publish_channel) {
      const auto root = parser_.parse(message.data);
      JsonObject line;
      if (!root || root->get(line) != simdjson::SUCCESS) {
        return;
      }
      if (message.channel == tape_channel) {
        if (auto header = read_header_line(line)) {
          writer_.header_ = std::move(*header);
        }
        writer_.begun_ = true;
      } else if (read_marker_line(line, marker_)) {
        writer_.contents_.add(marker_);
      }
    }
  }

  void take_index(std::string_view content) {
    chunk_.message_index_offsets.emplace_back(FieldReader(content).integer<ChannelId>(),
                                              stream_.record_offset());
    chunk_.message_index_length += stream_.record_size();
    end_ = stream_.record_offset() + stream_.record_size();
  }

  std::string rebuilt_indexes() {
    std::string out;
    chunk_.message_index_offsets.clear();
    for (const auto& [channel, entries] : entries_) {
      chunk_.message_index_offsets.emplace_back(channel, end_ + out.size());
      const RecordScope record(out, Opcode::message_index);
      append_integer(out, channel);
      append_text(out, entries);
    }
    chunk_.message_index_length = out.size();
    end_ += out.size();
    return out;
  }

  Result<void> finish_chunk() {
    if (!std::exchange(has_chunk_, false)) {
      return {};
    }
    for (const auto& [channel, entries] : entries_) {
      writer_.summary_.count_messages(channel, entries.size() / 16);
    }
    return writer_.summary_.add_chunk(chunk_);
  }

  McapWriter& writer_;
  RecordStream& stream_;
  ChunkDecompressor decompressor_;
  JsonParser parser_;
  bool has_chunk_ = false;  // chunk_ is not yet in the summary
  ChunkIndex chunk_;
  std::map<ChannelId, std::string> entries_;  // of chunk_, as in Message Index records
  RecordedMessage recorded_;
  Marker marker_;
  std::uint64_t end_ = 0;
  std::uint64_t messages_ = 0;
};

namespace {

Result<std::uint32_t> crc_of_file(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  std::string block(std::size_t{1} << 20U, '\0');
  std::uint32_t crc = 0;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const std::size_t count, file.read(block.data(), block.size()));
    if (count == 0) {
      return crc;
    }
    crc = crc32(std::string_view(block).substr(0, count), crc);
  }
}

}  // namespace

Result<ResumedTape> McapWriter::resume(const std::string& path, const TapeHeader& header,
                                       std::uint64_t most) {
  // Opened first: it is locked from now on.
  AUTOTAPE_TRY_ASSIGN(auto file, open_append_file(path, OpenMode::resume, FileAccess::owner_only));
  const auto parent = std::filesystem::path(path).parent_path();
  const std::string folder = parent.empty() ? "." : parent.string();
  AUTOTAPE_TRY_ASSIGN(auto input, InputFile::open(path));
  const std::uint64_t size = std::min(file->size(), most);
  ResumedTape resumed;
  if (size < magic.size()) {
    AUTOTAPE_TRY(file->truncate(0));
    AUTOTAPE_TRY_ASSIGN(resumed.writer, McapWriter::start(std::move(file), header, folder));
    resumed.header = header;
    resumed.torn_bytes = size;
    return resumed;
  }
  RecordStream stream(std::make_unique<BeginOfFile>(std::move(input), most), size,
                      RecordStream::Begin::at_magic);
  std::unique_ptr<McapWriter> writer(
      new McapWriter(std::move(file), header, folder, default_chunk_bytes));
  McapResumption resumption(*writer, stream);
  AUTOTAPE_TRY(resumption.read_through());
  resumed.torn_bytes = stream.reached_end() ? 0 : size - resumption.end();
  AUTOTAPE_TRY(resumption.cut_file());
  if (resumption.end() == 0) {  // not even the header record was whole
    AUTOTAPE_TRY_ASSIGN(resumed.writer,
                        McapWriter::start(std::move(writer->file_), header, folder));
    resumed.header = header;
    return resumed;
  }
  if (writer->begun_) {
    writer->written_schemas_ = writer->scheme_.schemas().size();
    writer->written_channels_ = writer->scheme_.channels().size();
  }
  AUTOTAPE_TRY_ASSIGN(writer->data_crc_, crc_of_file(path));
  resumed.header = writer->header_;
  resumed.messages = resumption.messages();
  resumed.writer = std::move(writer);
  return resumed;
}

}  // namespace autotape::mcap
