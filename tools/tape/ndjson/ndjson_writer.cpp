#include "tape/ndjson/ndjson_writer.hpp"

#include <fmt/format.h>

#include "core/line_reader.hpp"
#include "core/text.hpp"
#include "tape/ndjson/ndjson_line.hpp"

namespace autotape {

Result<std::unique_ptr<NdjsonWriter>> NdjsonWriter::start(std::unique_ptr<AppendFile> file,
                                                          const TapeHeader& header) {
  std::unique_ptr<NdjsonWriter> writer(new NdjsonWriter(std::move(file)));
  append_header_line(writer->buffer_, header);
  writer->synced_ = false;
  AUTOTAPE_TRY(writer->sync());
  return writer;
}

std::unique_ptr<NdjsonWriter> NdjsonWriter::resume(std::unique_ptr<AppendFile> file) {
  return std::unique_ptr<NdjsonWriter>(new NdjsonWriter(std::move(file)));
}

Result<void> NdjsonWriter::append(const RecordedMessage& message) {
  if (failure_) {
    return *failure_;
  }
  const std::size_t before = buffer_.size();
  append_message_line(buffer_, message);
  AUTOTAPE_TRY(refuse_unreadable_line(before, message.message.topic));
  return flush_if_large();
}

Result<void> NdjsonWriter::append(const Marker& marker) {
  append_marker_line(buffer_, marker);
  return flush_if_large();
}

// A control character of a payload is six bytes of its line, and no reader takes any length.
Result<void> NdjsonWriter::refuse_unreadable_line(std::size_t begin, std::string_view topic) {
  const std::size_t length = buffer_.size() - begin - 1;  // without its line feed
  if (length <= LineReader::default_longest) {
    return {};
  }
  buffer_.resize(begin);
  failure_ = file_error(fmt::format("topic {}", printable(topic, 200)),
                        fmt::format("the message would be a line of {} bytes, and {} is the most",
                                    length, LineReader::default_longest),
                        "write an .mcap tape, or leave the message out");
  return *failure_;
}

Result<void> NdjsonWriter::flush_if_large() {
  synced_ = false;
  constexpr std::size_t large = 256 * 1024;
  return buffer_.size() >= large ? flush() : Result<void>();
}

Result<void> NdjsonWriter::flush() {
  if (failure_) {
    return *failure_;
  }
  if (auto written = file_->append(buffer_); !written) {
    failure_ = written.error();
    return *failure_;
  }
  buffer_.clear();
  return {};
}

Result<void> NdjsonWriter::sync() {
  if (failure_) {
    return *failure_;
  }
  if (synced_) {
    return {};
  }
  AUTOTAPE_TRY(flush());
  if (auto synced = file_->sync(); !synced) {
    failure_ = synced.error();
    return *failure_;
  }
  synced_ = true;
  return {};
}

}  // namespace autotape
