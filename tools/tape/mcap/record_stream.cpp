#include "tape/mcap/record_stream.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "tape/mcap/chunk_codec.hpp"

namespace autotape::mcap {
namespace {

constexpr std::size_t block = 256 * 1024;

// A Chunk's fields but for its compression's name and its records.
constexpr std::uint64_t chunk_fields = 8 + 8 + 8 + 4 + 4 + 8;
constexpr std::uint64_t longest_compression_name = 16;
constexpr std::uint64_t largest_record = largest_chunk + (std::uint64_t{1} << 20U);

// Enough of a Chunk to judge its lengths.
constexpr std::size_t chunk_head = record_head + chunk_fields + longest_compression_name;

constexpr std::uint64_t data_end_length = 4;
constexpr std::size_t longest_attachment_head = 64 * 1024;

// Of the records that have a length inside, a text, an array or a map, or none: how many bytes
// stand before, between and behind those.
constexpr std::array<std::pair<Opcode, RecordShape>, 12> record_shapes{{
    {Opcode::header, {2, {0, 0, 0}}},
    {Opcode::footer, {0, {20}}},
    {Opcode::schema, {3, {2, 0, 0, 0}}},
    {Opcode::channel, {3, {4, 0, 0, 0}}},
    {Opcode::message_index, {1, {2, 0}}},
    {Opcode::chunk_index, {2, {32, 8, 16}}},
    {Opcode::attachment_index, {2, {40, 0, 0}}},
    {Opcode::statistics, {1, {42, 0}}},
    {Opcode::metadata, {2, {0, 0, 0}}},
    {Opcode::metadata_index, {1, {16, 0}}},
    {Opcode::summary_offset, {0, {17}}},
    {Opcode::data_end, {0, {data_end_length}}},
}};

const RecordShape* shape_of(Opcode opcode) {
  for (const auto& [known, shape] : record_shapes) {
    if (known == opcode) {
      return &shape;
    }
  }
  return nullptr;
}

std::uint64_t length_of(std::string_view record) {
  return FieldReader(record.substr(1)).integer<std::uint64_t>();
}

// Do the two lengths of a Chunk agree? `record` begins with its opcode.
bool chunk_lengths_agree(std::string_view record) {
  const std::uint64_t length = length_of(record);
  FieldReader fields(record.substr(record_head));
  fields.take(8 + 8);
  const auto uncompressed_size = fields.integer<std::uint64_t>();
  fields.take(4);
  const auto name_length = fields.integer<std::uint32_t>();
  fields.take(name_length);
  const auto records_length = fields.integer<std::uint64_t>();
  return fields.ok() && name_length <= longest_compression_name &&
         uncompressed_size <= largest_chunk && records_length <= largest_record &&
         length == chunk_fields + name_length + records_length;
}

}  // namespace

// For the next read: what the file still has, of a small one.
std::size_t RecordStream::room_for_more() const {
  constexpr std::size_t least = 4096;  // the file may have grown
  const std::uint64_t left = size_ ? *size_ - std::min(*size_, offset_ + end_ - begin_) : block;
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(left, least, block));
}

Result<bool> RecordStream::have(std::uint64_t count) {
  while (end_ - begin_ < count && !at_end_of_file_) {
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    const std::size_t step = room_for_more();
    if (buffer_.size() < end_ + step) {
      buffer_.resize(std::max(end_ + step, std::min<std::size_t>(count, buffer_.size() * 2)));
    }
    AUTOTAPE_TRY_ASSIGN(const std::size_t more,
                        source_->read(buffer_.data() + end_, buffer_.size() - end_));
    end_ += more;
    at_end_of_file_ = more == 0;
  }
  return end_ - begin_ >= count;
}

void RecordStream::drop(std::size_t count) {
  crc_ = crc32(window().substr(0, count), crc_);
  begin_ += count;
  offset_ += count;
}

Result<bool> RecordStream::pass(std::uint64_t count) {
  while (count > 0) {
    AUTOTAPE_TRY_ASSIGN(const bool some, have(1));
    if (!some) {
      return false;
    }
    const auto now = static_cast<std::size_t>(std::min<std::uint64_t>(count, window().size()));
    drop(now);
    count -= now;
  }
  return true;
}

Result<RecordStream::Fit> RecordStream::fit() {
  AUTOTAPE_TRY_ASSIGN(const bool head, have(record_head));
  if (!head) {
    return Fit::cut_off;
  }
  const auto opcode = static_cast<Opcode>(window()[0]);
  const std::uint64_t length = length_of(window());
  AUTOTAPE_TRY_ASSIGN(const Fit head_fits, head_fit(opcode, length));
  if (head_fits != Fit::fits) {
    return head_fits;
  }
  if (size_ && length > *size_ - std::min(*size_, offset() + record_head)) {
    return Fit::cut_off;
  }
  if (opcode == Opcode::attachment) {
    return Fit::fits;  // of any size, and passed over
  }
  AUTOTAPE_TRY_ASSIGN(const bool whole, have(record_head + length));
  return whole ? Fit::fits : Fit::cut_off;
}

// Do the first bytes of the record make sense?
Result<RecordStream::Fit> RecordStream::head_fit(Opcode opcode, std::uint64_t length) {
  if (opcode == Opcode::chunk) {
    AUTOTAPE_TRY_ASSIGN(const bool head, have(chunk_head));
    if (!head && window().size() < record_head + chunk_fields) {
      return Fit::cut_off;
    }
    return chunk_lengths_agree(window()) ? Fit::fits : Fit::wrong;
  }
  if (opcode == Opcode::attachment) {
    return attachment_head_fit(length);
  }
  const auto* const shape = shape_of(opcode);
  if (shape != nullptr) {
    return shape_fit(*shape, length);
  }
  const bool free = opcode == Opcode::message || static_cast<std::uint8_t>(opcode) >= 0x80;
  return free && length <= largest_record ? Fit::fits : Fit::wrong;
}

// Do the lengths of the record's texts add up to that of the record?
Result<RecordStream::Fit> RecordStream::shape_fit(const RecordShape& shape, std::uint64_t length) {
  std::uint64_t used = 0;
  for (std::size_t text = 0; text < shape.texts; ++text) {
    used += shape.fixed[text];
    AUTOTAPE_TRY_ASSIGN(const bool whole, have(record_head + used + sizeof(std::uint32_t)));
    if (!whole) {
      return Fit::cut_off;
    }
    FieldReader fields(window().substr(record_head + static_cast<std::size_t>(used)));
    used += sizeof(std::uint32_t) + fields.integer<std::uint32_t>();
    if (used > length) {
      return Fit::wrong;
    }
  }
  return used + shape.fixed[shape.texts] == length ? Fit::fits : Fit::wrong;
}

Result<RecordStream::Fit> RecordStream::attachment_head_fit(std::uint64_t length) {
  AUTOTAPE_TRY(have(std::min<std::uint64_t>(length, longest_attachment_head) + record_head));
  FieldReader fields(window().substr(record_head));
  fields.take(8 + 8);
  const std::size_t name = fields.text().size();
  const std::size_t media_type = fields.text().size();
  const auto data = fields.integer<std::uint64_t>();
  if (!fields.ok()) {
    return at_end_of_file_ ? Fit::cut_off : Fit::wrong;
  }
  return data <= length && length == 8 + 8 + 4 + name + 4 + media_type + 8 + data + 4 ? Fit::fits
                                                                                      : Fit::wrong;
}

Result<std::optional<RecordView>> RecordStream::next() {
  drop(std::exchange(given_, 0));
  if (reached_end_) {
    return std::optional<RecordView>();
  }
  if (!std::exchange(past_magic_, true)) {
    AUTOTAPE_TRY(have(magic.size()));
    if (window().starts_with(magic)) {
      drop(magic.size());
    } else if (begin_with_ == Begin::at_magic) {
      return file_error(path(), "does not begin like an MCAP file");
    } else {
      damage_.index_wrong = true;
      note(0, magic.size(), "the first bytes are not those of an MCAP file");
      drop(std::min(magic.size(), window().size()));
    }
  }
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const auto record, next_in_data());
    if (!record) {
      return record;
    }
    if (record->opcode == Opcode::footer) {
      reached_end_ = true;
      note_wrong_index("the record that ends the data section is missing");
      return std::optional<RecordView>();
    }
    if (record->opcode == Opcode::data_end) {
      AUTOTAPE_TRY(read_end(record->content));
      return std::optional<RecordView>();
    }
    return record;
  }
}

Result<std::optional<RecordView>> RecordStream::next_in_data() {
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool more, have(1));
    if (!more) {
      damage_.no_end = true;
      note(offset(), 0, "the end is missing");
      return std::optional<RecordView>();
    }
    AUTOTAPE_TRY_ASSIGN(const Fit found, fit());
    if (found != Fit::fits) {
      const std::uint64_t begin = offset();
      AUTOTAPE_TRY_ASSIGN(const bool again, find_next_chunk());
      const std::uint64_t bytes = offset() - begin;
      (again ? damage_.skipped_bytes : damage_.torn_bytes) += bytes;
      note(begin, bytes, again ? "no record that makes sense" : "the last record is cut off");
      damage_.no_end = damage_.no_end || !again;
      if (!again) {
        return std::optional<RecordView>();
      }
      continue;
    }
    const std::uint64_t length = length_of(window());
    const auto opcode = static_cast<Opcode>(window()[0]);
    if (opcode == Opcode::attachment) {
      const std::uint64_t begin = offset();
      AUTOTAPE_TRY_ASSIGN(const bool whole, pass(record_head + length));
      if (!whole) {
        damage_.torn_bytes += offset() - begin;
      }
      continue;
    }
    record_offset_ = offset();
    record_size_ = record_head + length;
    AUTOTAPE_TRY(have(record_size_));
    given_ = static_cast<std::size_t>(record_size_);
    return std::optional(RecordView{opcode, window().substr(record_head, given_ - record_head)});
  }
}

bool RecordStream::chunk_may_begin_at(std::string_view bytes) const {
  switch (static_cast<Opcode>(bytes[0])) {
    case Opcode::chunk:
      return bytes.size() >= record_head + chunk_fields && chunk_lengths_agree(bytes);
    case Opcode::data_end:
      return bytes.size() >= record_head + data_end_length && length_of(bytes) == data_end_length &&
             (bytes.size() == record_head + data_end_length ||
              bytes[record_head + data_end_length] <= static_cast<char>(Opcode::data_end));
    default:
      return false;
  }
}

// Drops what is not readable; false if nothing more is.
Result<bool> RecordStream::find_next_chunk() {
  drop(1);
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const bool enough, have(chunk_head));
    const std::string_view bytes = window();
    if (bytes.empty()) {
      return false;
    }
    // Not the last ones, unless the file ends with them: they could be half of what is looked for.
    const std::size_t last = enough ? bytes.size() - chunk_head + 1 : bytes.size();
    for (std::size_t at = 0; at < last; ++at) {
      if (chunk_may_begin_at(bytes.substr(at))) {
        drop(at);
        return true;
      }
    }
    drop(last);
  }
}

Result<void> RecordStream::read_end(std::string_view data_end) {
  reached_end_ = true;
  const auto stated = FieldReader(data_end).integer<std::uint32_t>();
  if (stated != 0 && stated != crc_ && damage_.places.empty()) {
    note_wrong_index("the checksum of the data section is wrong, although each chunk is whole");
  }
  drop(std::exchange(given_, 0));
  crc_ = 0;
  const std::uint64_t begin = offset();
  AUTOTAPE_TRY_ASSIGN(const bool whole, read_summary_and_footer());
  if (!whole) {
    AUTOTAPE_TRY(pass(UINT64_MAX));
    damage_.index_wrong = true;
    note(begin, offset() - begin, "the summary at the end is damaged or cut off");
  }
  return {};
}

// Is all that follows Data End as it was written?
Result<bool> RecordStream::read_summary_and_footer() {
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const Fit found, fit());
    if (found != Fit::fits) {
      return false;
    }
    const auto opcode = static_cast<Opcode>(window()[0]);
    const std::uint64_t length = length_of(window());
    if (opcode != Opcode::footer) {
      AUTOTAPE_TRY(pass(record_head + length));
      continue;
    }
    if (length != footer_size - record_head) {
      return false;
    }
    drop(footer_size - sizeof(std::uint32_t));
    const auto stated = FieldReader(window()).integer<std::uint32_t>();
    const bool right = stated == 0 || stated == crc_;
    drop(sizeof stated);
    AUTOTAPE_TRY(have(magic.size() + 1));
    return right && window() == magic;
  }
}

void RecordStream::note_bad_chunk(std::string what) {
  ++damage_.bad_chunks;
  note_bad_record("chunk: " + std::move(what));
}

void RecordStream::note_bad_record(std::string what) {
  damage_.skipped_bytes += record_size_;
  note(record_offset_, record_size_, std::move(what));
}

void RecordStream::note_wrong_index(std::string what) {
  damage_.index_wrong = true;
  note(record_offset_, 0, std::move(what));
}

void RecordStream::note(std::uint64_t place, std::uint64_t bytes, std::string what) {
  if (damage_.places.size() < TapeDamage::most_places) {
    damage_.places.push_back({place, bytes, std::move(what)});
  }
}

}  // namespace autotape::mcap
