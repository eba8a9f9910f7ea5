#include "tape/mcap/mcap_reader.hpp"

#include <fmt/format.h>

#include "tape/ndjson/ndjson_line.hpp"

namespace autotape::mcap {

McapReader::McapReader(std::unique_ptr<ByteSource> source, std::optional<std::uint64_t> size,
                       RecordStream::Begin begin)
    : stream_(std::move(source), size, begin) {}

Result<std::unique_ptr<McapReader>> McapReader::open(std::unique_ptr<ByteSource> source,
                                                     std::optional<std::uint64_t> size,
                                                     RecordStream::Begin begin) {
  std::unique_ptr<McapReader> reader(new McapReader(std::move(source), size, begin));
  AUTOTAPE_TRY(reader->read_up_to_header());
  return reader;
}

// Up to the first message; of a tape of ours, that is the header.
Result<void> McapReader::read_up_to_header() {
  RecordView record;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, next_record(record));
    if (!found) {
      return {};
    }
    if (record.opcode == Opcode::header) {
      // A damaged chunk may hold what says which channels are ours: their ids are known.
      if (FieldReader(record.content).text() == own_profile) {
        channels_[tape_channel].role = ChannelUse::Role::tape;
        channels_[marker_channel].role = ChannelUse::Role::marker;
        channels_[publish_channel].role = ChannelUse::Role::publish_headers;
      }
      continue;
    }
    const auto message =
        record.opcode == Opcode::message ? read_message(record.content) : std::nullopt;
    if (message) {
      first_message_ = *message;
      first_message_waits_ = true;
      const auto channel = channels_.find(message->channel);
      if (channel != channels_.end() && channel->second.role == ChannelUse::Role::tape) {
        read_header(message->data);
        first_message_waits_ = false;
      }
      return {};
    }
  }
}

// The next record in a chunk or beside the chunks.
Result<bool> McapReader::next_record(RecordView& record) {
  while (true) {
    if (!chunk_records_.empty()) {
      if (const auto inner = take_record(chunk_records_)) {
        if (inner->opcode == Opcode::channel) {
          learn_channel(inner->content);
          continue;
        }
        record = *inner;
        in_chunk_ = true;
        return true;
      }
      stream_.note_bad_chunk("a record in it is not whole");
      chunk_records_ = {};
    }
    in_chunk_ = false;
    AUTOTAPE_TRY_ASSIGN(const auto outer, stream_.next());
    if (!outer) {
      return false;
    }
    if (outer->opcode == Opcode::channel) {
      learn_channel(outer->content);
      continue;
    }
    if (outer->opcode != Opcode::chunk) {
      record = *outer;
      return true;
    }
    has_chunks_ = true;
    const auto chunk = read_chunk(outer->content);
    const auto records =
        chunk ? decompressor_.decompress(*chunk) : file_error({}, "it is not whole");
    if (records) {
      chunk_records_ = *records;
    } else {
      stream_.note_bad_chunk(records.error().line());
    }
  }
}

void McapReader::learn_channel(std::string_view content) {
  const auto channel = read_channel(content);
  if (!channel) {
    return;
  }
  ChannelUse& use = channels_[channel->id];
  use.topic = channel->topic;
  use.role = channel->topic == tape_topic      ? ChannelUse::Role::tape
             : channel->topic == marker_topic  ? ChannelUse::Role::marker
             : channel->topic == publish_topic ? ChannelUse::Role::publish_headers
                                               : ChannelUse::Role::payload;
}

Result<TapeRecord> McapReader::next(RecordedMessage& message, Marker& marker) {
  if (std::exchange(first_message_waits_, false)) {
    if (const auto found = take(first_message_, message, marker)) {
      return *found;
    }
  }
  RecordView record;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool more, next_record(record));
    if (!more) {
      return TapeRecord::end;
    }
    if (record.opcode != Opcode::message) {
      continue;
    }
    const auto view = read_message(record.content);
    if (!view) {
      stream_.note_bad_chunk("a message in it is not whole");
      continue;
    }
    if (const auto found = take(*view, message, marker)) {
      return *found;
    }
  }
}

// No message at all, perhaps: one flipped bit makes one of another record. A file with chunks has
// its messages in them, and each message has a channel (or, where the chunk with the channel's
// record is damaged, a PUBLISH header).
bool McapReader::is_credible(const MessageView& found) const {
  return in_chunk_
             ? channels_.contains(found.channel) || publish_headers_.of(found.sequence) != nullptr
             : !has_chunks_ && channels_.contains(found.channel);
}

// Nothing if it is one of those that only say something of others.
std::optional<TapeRecord> McapReader::take(const MessageView& found, RecordedMessage& message,
                                           Marker& marker) {
  if (last_channel_use_ == nullptr || last_channel_ != found.channel || !in_chunk_) {
    if (!is_credible(found)) {
      stream_.note_bad_record("a message that belongs to no channel");
      return std::nullopt;
    }
    last_channel_ = found.channel;
    last_channel_use_ = &channels_[found.channel];
  }
  switch (last_channel_use_->role) {
    case ChannelUse::Role::payload:
      fill(found, *last_channel_use_, message);
      return TapeRecord::message;
    case ChannelUse::Role::marker:
      if (read_marker(found.data, marker)) {
        return TapeRecord::marker;
      }
      stream_.note_wrong_index("a marker of a kind that this program does not know");
      return std::nullopt;
    case ChannelUse::Role::publish_headers:
      read_publish_headers(found.data);
      return std::nullopt;
    case ChannelUse::Role::tape:
      read_header(found.data);
      return std::nullopt;
  }
  return std::nullopt;
}

void McapReader::fill(const MessageView& found, const ChannelUse& channel,
                      RecordedMessage& message) const {
  message.received = ReceivedTime(Duration(static_cast<std::int64_t>(found.log_time)));
  Message& into = message.message;
  into.payload.assign(found.data);
  if (const Message* const header = publish_headers_.of(found.sequence)) {
    into.topic = header->topic;
    into.qos = header->qos;
    into.retain = header->retain;
    into.dup = header->dup;
    into.properties = header->properties;
    return;
  }
  into.topic = channel.topic;
  into.qos = 1;
  into.retain = false;
  into.dup = false;
  into.properties.reset();
}

void McapReader::read_header(std::string_view json) {
  const auto root = parser_.parse(json);
  JsonObject line;
  if (has_header_ || !root || root->get(line) != simdjson::SUCCESS) {
    return;
  }
  if (auto header = read_header_line(line)) {
    header_ = std::move(*header);
    has_header_ = true;
  }
}

bool McapReader::read_marker(std::string_view json, Marker& marker) {
  const auto root = parser_.parse(json);
  JsonObject line;
  return root && root->get(line) == simdjson::SUCCESS && read_marker_line(line, marker).ok();
}

void McapReader::read_publish_headers(std::string_view json) {
  if (const auto read = publish_headers_.read(json); !read) {
    ++bad_header_tables_;
    stream_.note_bad_record(
        "a table of PUBLISH headers cannot be read, and its messages have the "
        "topics of their channels: " +
        read.error().line());
  }
}

}  // namespace autotape::mcap
