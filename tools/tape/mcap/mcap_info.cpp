#include "tape/mcap/mcap_info.hpp"

#include "tape/mcap/contents_json.hpp"
#include "tape/mcap/mcap_record.hpp"

namespace autotape::mcap {
namespace {

struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// More names than contents.hpp keeps would not fill it.
constexpr std::uint64_t largest_read = std::uint64_t{64} << 20U;

// Nothing if it is damaged: not in the file.
Result<std::string> read_extent(const InputFile& file, const Extent& extent) {
  const std::uint64_t size = file.size().value_or(0);
  if (extent.length > largest_read || extent.offset > size ||
      extent.length > size - extent.offset) {
    return std::string();
  }
  return file.read_at(extent.offset, static_cast<std::size_t>(extent.length));
}

// Where the summary offsets are; nothing if the file does not end like an MCAP file.
Result<std::optional<Extent>> find_summary_offsets(const InputFile& file) {
  constexpr std::size_t tail_size = footer_size + magic.size();
  const auto size = file.size();
  if (!size || *size < tail_size) {
    return std::optional<Extent>();
  }
  const std::uint64_t footer_offset = *size - tail_size;
  AUTOTAPE_TRY_ASSIGN(const std::string tail, file.read_at(footer_offset, tail_size));
  std::string_view rest = tail;
  const auto footer = take_record(rest);
  if (!footer || footer->opcode != Opcode::footer || rest != magic) {
    return std::optional<Extent>();
  }
  FieldReader fields(footer->content);
  fields.take(sizeof(std::uint64_t));  // the summary's start
  const auto start = fields.integer<std::uint64_t>();
  if (!fields.ok() || start == 0 || start > footer_offset) {
    return std::optional<Extent>();
  }
  return std::optional(Extent{start, footer_offset - start});
}

// Of the attachment index records among the summary's.
std::optional<Extent> find_attachment_indexes(std::string_view summary_offsets) {
  while (const auto record = take_record(summary_offsets)) {
    FieldReader fields(record->content);
    const auto opcode = fields.integer<Opcode>();
    const auto start = fields.integer<std::uint64_t>();
    const auto length = fields.integer<std::uint64_t>();
    if (fields.ok() && opcode == Opcode::attachment_index) {
      return Extent{start, length};
    }
  }
  return std::nullopt;
}

std::optional<Extent> find_contents(std::string_view attachment_indexes) {
  while (const auto record = take_record(attachment_indexes)) {
    FieldReader fields(record->content);
    const auto offset = fields.integer<std::uint64_t>();
    const auto length = fields.integer<std::uint64_t>();
    fields.take(8 + 8 + 8);  // times, size of the data
    if (fields.text() == contents_attachment && fields.ok()) {
      return Extent{offset, length};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<std::optional<StoredContents>> read_stored_contents(const InputFile& file) {
  const std::optional<StoredContents> none;
  AUTOTAPE_TRY_ASSIGN(const auto offsets, find_summary_offsets(file));
  if (!offsets) {
    return none;
  }
  AUTOTAPE_TRY_ASSIGN(const std::string summary_offsets, read_extent(file, *offsets));
  const auto indexes = find_attachment_indexes(summary_offsets);
  if (!indexes) {
    return none;
  }
  AUTOTAPE_TRY_ASSIGN(const std::string attachment_indexes, read_extent(file, *indexes));
  const auto place = find_contents(attachment_indexes);
  if (!place) {
    return none;
  }
  AUTOTAPE_TRY_ASSIGN(const std::string bytes, read_extent(file, *place));
  std::string_view rest = bytes;
  const auto record = take_record(rest);
  const auto attachment = record ? read_attachment(record->content) : std::nullopt;
  StoredContents stored;
  if (!attachment || !read_contents(attachment->data, stored.header, stored.contents)) {
    return none;
  }
  return std::optional(std::move(stored));
}

}  // namespace autotape::mcap
