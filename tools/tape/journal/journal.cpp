#include "tape/journal/journal.hpp"

#include <cstring>
#include <filesystem>
#include <string_view>

#include <zlib.h>

#include "tape/journal/journal_frame.hpp"

namespace autotape {
namespace {

constexpr std::string_view magic = "ATJRNL1\n";

struct JournalHead {
  std::uint64_t generation = 0;
  std::uint64_t tape_size = 0;
};
constexpr std::size_t head_size = magic.size() + sizeof(JournalHead) + sizeof(std::uint32_t);

std::string encode(const JournalHead& head) {
  std::string bytes(magic);
  char values[sizeof head];
  std::memcpy(values, &head, sizeof head);
  bytes.append(values, sizeof values);
  const auto crc = static_cast<std::uint32_t>(
      ::crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
  std::memcpy(values, &crc, sizeof crc);
  bytes.append(values, sizeof crc);
  return bytes;
}

}  // namespace

std::string journal_path(const std::string& tape_path) {
  return tape_path + ".journal";
}

Result<void> JournalWriter::restart(std::uint64_t tape_size) {
  AUTOTAPE_TRY(file_->truncate(0));
  buffer_ = encode({generation_, tape_size});
  frame_bytes_ = 0;
  return sync();
}

void JournalWriter::append(const RecordedMessage& message) {
  const std::size_t before = buffer_.size();
  append_message_frame(buffer_, generation_, message);
  frame_bytes_ += buffer_.size() - before;
}

void JournalWriter::append(const Marker& marker) {
  const std::size_t before = buffer_.size();
  append_marker_frame(buffer_, generation_, marker);
  frame_bytes_ += buffer_.size() - before;
}

Result<void> JournalWriter::flush() {
  if (!buffer_.empty()) {
    AUTOTAPE_TRY(file_->append(buffer_));
    buffer_.clear();
  }
  return {};
}

Result<void> JournalWriter::sync() {
  AUTOTAPE_TRY(flush());
  return file_->sync();
}

Result<std::optional<JournalReader>> JournalReader::open(const std::string& path) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return std::optional<JournalReader>();
  }
  JournalReader reader;
  constexpr std::uint64_t no_journal_is_larger = std::uint64_t{1} << 30U;
  AUTOTAPE_TRY_ASSIGN(reader.bytes_, read_file(path, no_journal_is_larger));
  if (reader.bytes_.size() < head_size) {
    return std::optional<JournalReader>();
  }
  JournalHead head;
  std::memcpy(&head, reader.bytes_.data() + magic.size(), sizeof head);
  if (!reader.bytes_.starts_with(encode(head))) {
    return file_error(path, "is no journal of a tape, or its beginning is damaged",
                      "move it away to go on with what the tape itself holds");
  }
  reader.generation_ = head.generation;
  reader.tape_size_ = head.tape_size;
  reader.read_ = head_size;
  return std::optional(std::move(reader));
}

TapeRecord JournalReader::next(RecordedMessage& message, Marker& marker) {
  std::string_view rest = std::string_view(bytes_).substr(read_);
  const auto found = take_frame(rest, generation_, message, marker);
  read_ = bytes_.size() - rest.size();
  return found.value_or(TapeRecord::end);
}

}  // namespace autotape
