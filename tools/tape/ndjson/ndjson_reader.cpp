#include "tape/ndjson/ndjson_reader.hpp"

#include "tape/ndjson/ndjson_line.hpp"

namespace autotape {

NdjsonReader::NdjsonReader(std::unique_ptr<ByteSource> source, std::string_view format,
                           WrongLine wrong_line)
    : lines_(std::move(source)), format_(format), wrong_line_(wrong_line), parser_(lines_.path()) {}

Result<std::unique_ptr<NdjsonReader>> NdjsonReader::open(std::unique_ptr<ByteSource> source,
                                                         std::string_view format,
                                                         WrongLine wrong_line) {
  std::unique_ptr<NdjsonReader> reader(new NdjsonReader(std::move(source), format, wrong_line));
  if (auto read = reader->read_header(); !read && !reader->skip_line(read.error())) {
    return read.error();
  }
  return reader;
}

Result<void> NdjsonReader::read_header() {
  AUTOTAPE_TRY_ASSIGN(const bool found, next_line(first_line_));
  if (!found) {
    return {};
  }
  if (first_line_["tape"].error() != simdjson::SUCCESS) {
    first_line_waits_ = true;
    return {};
  }
  auto header = read_header_line(first_line_);
  if (!header) {
    return at_this_line(header.error());
  }
  header_ = std::move(header).value();
  whole_bytes_ = lines_.end_offset();
  return {};
}

// The next line that is not blank, parsed; false at the end or at a torn last line.
Result<bool> NdjsonReader::next_line(JsonObject& line) {
  NdjsonText text;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool found, lines_.next(text.line));
    if (!found) {
      return false;
    }
    if (!text.blank()) {
      break;
    }
    whole_bytes_ = lines_.end_offset();
  }
  text.number = lines_.number();
  text.terminated = lines_.terminated();
  AUTOTAPE_TRY_ASSIGN(const auto parsed, parser_.parse(text));
  if (!parsed) {
    damage_.torn_bytes = text.line.size();
    return false;
  }
  line = *parsed;
  return true;
}

Result<TapeRecord> NdjsonReader::next(RecordedMessage& message, Marker& marker) {
  while (true) {
    auto found = next_or_wrong(message, marker);
    if (found && *found == TapeRecord::end && lines_.cut_off()) {
      damage_.no_end = true;
    }
    if (found || !skip_line(found.error())) {
      return found;
    }
  }
}

// Counts the line that was read last as damaged; false if it must be an error, or is none: the file
// itself cannot be read.
bool NdjsonReader::skip_line(const Error& error) {
  const std::uint64_t begin = whole_bytes_;
  if (wrong_line_ == WrongLine::error || lines_.end_offset() == begin) {
    return false;
  }
  whole_bytes_ = lines_.end_offset();
  damage_.skipped_bytes += whole_bytes_ - begin;
  if (damage_.places.size() < TapeDamage::most_places) {
    damage_.places.push_back({begin, whole_bytes_ - begin, error.what});
  }
  return true;
}

Result<TapeRecord> NdjsonReader::next_or_wrong(RecordedMessage& message, Marker& marker) {
  JsonObject line;
  if (std::exchange(first_line_waits_, false)) {
    line = first_line_;
  } else {
    AUTOTAPE_TRY_ASSIGN(const bool found, next_line(line));
    if (!found) {
      return TapeRecord::end;
    }
  }
  const auto record = read_record_line(line, message, marker);
  if (!record) {
    return at_this_line(record.error());
  }
  whole_bytes_ = lines_.end_offset();
  return record;
}

}  // namespace autotape
