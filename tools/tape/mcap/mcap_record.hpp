// The records that an MCAP file is made of, as mcap.dev/spec lays them out: an opcode (u8), a
// length (u64), the content. Integers are little-endian; a text is a length (u32) and its bytes;
// arrays and maps begin with the length (u32) of all their bytes.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace autotape::mcap {

static_assert(std::endian::native == std::endian::little, "integers are copied as they are");

inline constexpr std::string_view magic{"\x89MCAP0\r\n", 8};

enum class Opcode : std::uint8_t {
  header = 0x01,
  footer = 0x02,
  schema = 0x03,
  channel = 0x04,
  message = 0x05,
  chunk = 0x06,
  message_index = 0x07,
  chunk_index = 0x08,
  attachment = 0x09,
  attachment_index = 0x0A,
  statistics = 0x0B,
  metadata = 0x0C,
  metadata_index = 0x0D,
  summary_offset = 0x0E,
  data_end = 0x0F,
};

inline constexpr std::size_t record_head = 9;  // opcode and length

using ChannelId = std::uint16_t;
using SchemaId = std::uint16_t;

template <typename Integer>
void append_integer(std::string& out, Integer value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof bytes);
}

template <typename Integer>
void put_integer(char* at, Integer value) {
  std::memcpy(at, &value, sizeof value);
}

inline void append_text(std::string& out, std::string_view text) {
  append_integer(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

// A record that is written to the end of a string; its length is known at the end of the scope.
class RecordScope {
 public:
  RecordScope(std::string& out, Opcode opcode) : out_(out) {
    append_integer(out, opcode);
    append_integer(out, std::uint64_t{0});
    begin_ = out.size();
  }
  ~RecordScope() {
    put_integer(out_.data() + begin_ - sizeof(std::uint64_t), std::uint64_t{out_.size() - begin_});
  }
  RecordScope(const RecordScope&) = delete;
  RecordScope& operator=(const RecordScope&) = delete;

 private:
  std::string& out_;
  std::size_t begin_;
};

// Takes fields off the front of a record's content. Once one is not there, it and all later ones
// are zero or empty, and ok() is false.
class FieldReader {
 public:
  explicit FieldReader(std::string_view content) : rest_(content) {}

  template <typename Integer>
  Integer integer() {
    Integer value{};
    const std::string_view bytes = take(sizeof value);
    if (ok_) {
      std::memcpy(&value, bytes.data(), sizeof value);
    }
    return value;
  }

  std::string_view text() { return take(integer<std::uint32_t>()); }
  std::string_view take(std::uint64_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view taken = rest_.substr(0, static_cast<std::size_t>(count));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

struct RecordView {
  Opcode opcode{};
  std::string_view content;
};

// Takes the record at the start of `bytes` off, or gives nothing if it is not whole.
inline std::optional<RecordView> take_record(std::string_view& bytes) {
  FieldReader fields(bytes);
  RecordView record;
  record.opcode = fields.integer<Opcode>();
  record.content = fields.take(fields.integer<std::uint64_t>());
  if (!fields.ok()) {
    return std::nullopt;
  }
  bytes = fields.rest();
  return record;
}

struct Schema {
  SchemaId id = 0;
  std::string_view name;
  std::string_view encoding;
  std::string_view data;
};
void append_schema(std::string& out, const Schema& schema);

struct Channel {
  ChannelId id = 0;
  SchemaId schema = 0;  // 0: none
  std::string_view topic;
  std::string_view message_encoding;
};
void append_channel(std::string& out, const Channel& channel);
std::optional<Channel> read_channel(std::string_view content);

struct MessageView {
  ChannelId channel = 0;
  std::uint32_t sequence = 0;
  std::uint64_t log_time = 0;      // nanoseconds since the Unix epoch
  std::uint64_t publish_time = 0;  // the same
  std::string_view data;
};
void append_message(std::string& out, const MessageView& message);
std::optional<MessageView> read_message(std::string_view content);

struct ChunkView {
  std::uint64_t start_time = 0;
  std::uint64_t end_time = 0;
  std::uint64_t uncompressed_size = 0;
  std::uint32_t uncompressed_crc = 0;  // 0: unknown
  std::string_view compression;
  std::string_view records;  // compressed
};
void append_chunk(std::string& out, const ChunkView& chunk);
std::optional<ChunkView> read_chunk(std::string_view content);

struct AttachmentView {
  std::uint64_t log_time = 0;
  std::uint64_t create_time = 0;
  std::string_view name;
  std::string_view media_type;
  std::string_view data;
};
void append_attachment(std::string& out, const AttachmentView& attachment);
// Nothing if its checksum is wrong, too.
std::optional<AttachmentView> read_attachment(std::string_view content);

struct Footer {
  std::uint64_t summary_start = 0;
  std::uint64_t summary_offset_start = 0;
  std::uint32_t summary_crc = 0;
};
inline constexpr std::size_t footer_size = record_head + 20;

// CRC-32 as zlib, gzip and PNG have it. `before` is the checksum of what stands in front of
// `bytes`.
std::uint32_t crc32(std::string_view bytes, std::uint32_t before = 0);

}  // namespace autotape::mcap
