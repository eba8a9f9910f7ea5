#include "tape/ndjson/ndjson_writer.hpp"

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
  append_message_line(buffer_, message);
  return flush_if_large();
}

Result<void> NdjsonWriter::append(const Marker& marker) {
  append_marker_line(buffer_, marker);
  return flush_if_large();
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
