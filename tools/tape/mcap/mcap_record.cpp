#include "tape/mcap/mcap_record.hpp"

#include <zlib.h>

namespace autotape::mcap {

void append_schema(std::string& out, const Schema& schema) {
  const RecordScope record(out, Opcode::schema);
  append_integer(out, schema.id);
  append_text(out, schema.name);
  append_text(out, schema.encoding);
  append_text(out, schema.data);
}

void append_channel(std::string& out, const Channel& channel) {
  const RecordScope record(out, Opcode::channel);
  append_integer(out, channel.id);
  append_integer(out, channel.schema);
  append_text(out, channel.topic);
  append_text(out, channel.message_encoding);
  append_text(out, {});  // metadata: none
}

std::optional<Channel> read_channel(std::string_view content) {
  FieldReader fields(content);
  Channel channel;
  channel.id = fields.integer<ChannelId>();
  channel.schema = fields.integer<SchemaId>();
  channel.topic = fields.text();
  channel.message_encoding = fields.text();
  return fields.ok() ? std::optional(channel) : std::nullopt;
}

// One for each message of a tape: written in two pieces.
void append_message(std::string& out, const MessageView& message) {
  constexpr std::size_t fields_size = 2 + 4 + 8 + 8;
  char head[record_head + fields_size];
  head[0] = static_cast<char>(Opcode::message);
  put_integer(head + 1, std::uint64_t{fields_size + message.data.size()});
  put_integer(head + 9, message.channel);
  put_integer(head + 11, message.sequence);
  put_integer(head + 15, message.log_time);
  put_integer(head + 23, message.publish_time);
  out.append(head, sizeof head);
  out += message.data;
}

std::optional<MessageView> read_message(std::string_view content) {
  FieldReader fields(content);
  MessageView message;
  message.channel = fields.integer<ChannelId>();
  message.sequence = fields.integer<std::uint32_t>();
  message.log_time = fields.integer<std::uint64_t>();
  message.publish_time = fields.integer<std::uint64_t>();
  message.data = fields.rest();
  return fields.ok() ? std::optional(message) : std::nullopt;
}

void append_chunk(std::string& out, const ChunkView& chunk) {
  const RecordScope record(out, Opcode::chunk);
  append_integer(out, chunk.start_time);
  append_integer(out, chunk.end_time);
  append_integer(out, chunk.uncompressed_size);
  append_integer(out, chunk.uncompressed_crc);
  append_text(out, chunk.compression);
  append_integer(out, std::uint64_t{chunk.records.size()});
  out += chunk.records;
}

std::optional<ChunkView> read_chunk(std::string_view content) {
  FieldReader fields(content);
  ChunkView chunk;
  chunk.start_time = fields.integer<std::uint64_t>();
  chunk.end_time = fields.integer<std::uint64_t>();
  chunk.uncompressed_size = fields.integer<std::uint64_t>();
  chunk.uncompressed_crc = fields.integer<std::uint32_t>();
  chunk.compression = fields.text();
  chunk.records = fields.take(fields.integer<std::uint64_t>());
  return fields.ok() ? std::optional(chunk) : std::nullopt;
}

void append_attachment(std::string& out, const AttachmentView& attachment) {
  const RecordScope record(out, Opcode::attachment);
  const std::size_t begin = out.size();
  append_integer(out, attachment.log_time);
  append_integer(out, attachment.create_time);
  append_text(out, attachment.name);
  append_text(out, attachment.media_type);
  append_integer(out, std::uint64_t{attachment.data.size()});
  out += attachment.data;
  append_integer(out, crc32(std::string_view(out).substr(begin)));
}

std::optional<AttachmentView> read_attachment(std::string_view content) {
  FieldReader fields(content);
  AttachmentView attachment;
  attachment.log_time = fields.integer<std::uint64_t>();
  attachment.create_time = fields.integer<std::uint64_t>();
  attachment.name = fields.text();
  attachment.media_type = fields.text();
  attachment.data = fields.take(fields.integer<std::uint64_t>());
  const std::size_t checked = content.size() - fields.rest().size();
  const auto crc = fields.integer<std::uint32_t>();
  if (!fields.ok() || (crc != 0 && crc != crc32(content.substr(0, checked)))) {
    return std::nullopt;
  }
  return attachment;
}

std::uint32_t crc32(std::string_view bytes, std::uint32_t before) {
  return static_cast<std::uint32_t>(
      ::crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

}  // namespace autotape::mcap
