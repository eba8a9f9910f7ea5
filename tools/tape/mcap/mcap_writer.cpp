#include "tape/mcap/mcap_writer.hpp"

#include "tape/mcap/contents_json.hpp"
#include "tape/ndjson/ndjson_line.hpp"

namespace autotape::mcap {
namespace {

// Moments before 1970 become very late ones for other programs, and come back as they were.
template <typename Time>
std::uint64_t nanoseconds(Time time) {
  return static_cast<std::uint64_t>(time.time_since_epoch().count());
}

}  // namespace

Result<std::unique_ptr<McapWriter>> McapWriter::start(std::unique_ptr<AppendFile> file,
                                                      const TapeHeader& header,
                                                      const std::string& folder,
                                                      std::size_t chunk_bytes) {
  std::unique_ptr<McapWriter> writer(new McapWriter(std::move(file), header, folder, chunk_bytes));
  std::string head(magic);
  {
    const RecordScope record(head, Opcode::header);
    append_text(head, own_profile);
    append_text(head, "autotape");
  }
  AUTOTAPE_TRY(writer->write(head));
  AUTOTAPE_TRY(writer->file_->sync());
  return writer;
}

Result<void> McapWriter::write_header() {
  AUTOTAPE_TRY(begin_tape(0));
  synced_ = false;
  return sync();
}

// The header is a message too, in a chunk of its own: readable by all, and with a checksum. It must
// not come long before the first record, or viewers show the time between as a part of the tape.
Result<void> McapWriter::begin_tape(std::uint64_t time) {
  if (begun_) {
    return {};
  }
  begun_ = true;
  add_new_definitions();
  std::string line;
  append_header_line(line, header_);
  line.pop_back();
  time = header_.started ? nanoseconds(*header_.started) : time;
  chunk_.add({tape_channel, 0, time, time, line});
  return cut_chunk();
}

bool McapWriter::is_json_object(std::string_view payload) {
  const auto root = parser_.parse(payload);
  return root && root->type() == simdjson::dom::element_type::OBJECT;
}

void McapWriter::add_new_definitions() {
  chunk_.add_definitions(std::string_view(scheme_.schemas()).substr(written_schemas_));
  chunk_.add_definitions(std::string_view(scheme_.channels()).substr(written_channels_));
  written_schemas_ = scheme_.schemas().size();
  written_channels_ = scheme_.channels().size();
}

// The channel is looked up once for each PUBLISH header of a chunk, not for each message.
ChannelId McapWriter::channel_of(const Message& message, bool is_json) {
  const auto [place, is_new] = chunk_.publish_headers().add(message);
  if (is_new) {
    header_channels_.resize(place + 1U);
    header_channels_[place] = {};
  }
  ChannelId& channel = is_json ? header_channels_[place].json : header_channels_[place].bytes;
  if (channel == 0) {
    channel = scheme_.channel_of(message.topic, is_json, message.payload);
    add_new_definitions();
  }
  return channel;
}

Result<void> McapWriter::append(const RecordedMessage& recorded) {
  if (failure_) {
    return *failure_;
  }
  last_time_ = nanoseconds(recorded.received);
  AUTOTAPE_TRY(begin_tape(last_time_));
  const Message& message = recorded.message;
  const Envelope* const envelope = contents_.add(recorded);
  const bool is_json = envelope != nullptr || is_json_object(message.payload);
  const auto made = envelope != nullptr ? envelope->newest() : std::nullopt;
  const ChannelId channel = channel_of(message, is_json);
  chunk_.add(
      {channel, ++sequence_, last_time_, made ? nanoseconds(*made) : last_time_, message.payload});
  return cut_if_large();
}

Result<void> McapWriter::append(const Marker& marker) {
  if (failure_) {
    return *failure_;
  }
  const std::uint64_t time = nanoseconds(marker.at);
  AUTOTAPE_TRY(begin_tape(time));
  contents_.add(marker);
  std::string line;
  append_marker_line(line, marker);
  line.pop_back();
  chunk_.add({marker_channel, 0, time, time, line});
  return cut_if_large();
}

Result<void> McapWriter::cut_if_large() {
  synced_ = false;
  return chunk_.size() >= chunk_bytes_ ? cut_chunk() : Result<void>();
}

Result<void> McapWriter::cut_chunk() {
  if (chunk_.empty()) {
    return {};
  }
  out_.clear();
  header_channels_.clear();
  AUTOTAPE_TRY(fail_for_good(chunk_.finish(out_, file_->size(), summary_)));
  return write(out_);
}

Result<void> McapWriter::write(std::string_view bytes) {
  data_crc_ = crc32(bytes, data_crc_);
  return fail_for_good(file_->append(bytes));
}

Result<void> McapWriter::sync() {
  if (failure_) {
    return *failure_;
  }
  if (synced_) {
    return {};
  }
  AUTOTAPE_TRY(cut_chunk());
  AUTOTAPE_TRY(fail_for_good(file_->sync()));
  synced_ = true;
  return {};
}

Result<void> McapWriter::flush() {
  return failure_ ? Result<void>(*failure_) : cut_chunk();
}

Result<void> McapWriter::close() {
  if (failure_) {
    return *failure_;
  }
  if (closed_) {
    return {};
  }
  closed_ = true;
  AUTOTAPE_TRY(begin_tape(0));
  AUTOTAPE_TRY(cut_chunk());
  AUTOTAPE_TRY(write_end());
  return fail_for_good(file_->sync());
}

Result<void> McapWriter::write_end() {
  const std::string contents = write_contents(header_, contents_.contents());
  const AttachmentView attachment{last_time_, 0, contents_attachment, "application/json", contents};
  out_.clear();
  append_attachment(out_, attachment);
  summary_.add_attachment(attachment, file_->size(), out_.size());
  AUTOTAPE_TRY(write(out_));
  const auto append = [&](std::string_view bytes) { return file_->append(bytes); };
  return fail_for_good(summary_.write_end(append, file_->size(), data_crc_, scheme_));
}

Result<void> McapWriter::fail_for_good(Result<void> result) {
  if (!result) {
    failure_ = result.error();
  }
  return result;
}

}  // namespace autotape::mcap
