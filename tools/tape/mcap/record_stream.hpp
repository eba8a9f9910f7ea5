// The records of an MCAP file, front to back, past damage.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/file.hpp"
#include "core/result.hpp"
#include "tape/mcap/mcap_record.hpp"
#include "tape/reader.hpp"

namespace autotape::mcap {

// Where the lengths in a record are: `texts` of them, and `fixed` bytes before, between and behind.
struct RecordShape {
  std::size_t texts = 0;
  std::array<std::uint64_t, 4> fixed{};
};

// Every length is doubted before it is followed, since one flipped bit may be in it: a record's
// length must agree with the lengths in its content and with the file's size. Where none of it
// fits, the next chunk (or the data section's end) is looked for byte by byte.
class RecordStream {
 public:
  // How the file must begin.
  enum class Begin {
    at_magic,  // or it is no MCAP file
    anything,  // damaged magic bytes are damage like any other
  };

  // `size` of the file, if it is known. Memory grows to the largest record.
  RecordStream(std::unique_ptr<ByteSource> source, std::optional<std::uint64_t> size, Begin begin)
      : source_(std::move(source)), size_(size), begin_with_(begin) {}

  // The next record of the data section, valid until the next call; nothing at its end. The end is
  // read too, and checked. Attachments are passed over.
  Result<std::optional<RecordView>> next();

  // Of the record that next() gave last.
  std::uint64_t record_offset() const { return record_offset_; }
  std::uint64_t record_size() const { return record_size_; }

  // The data section ended where it says that it ends.
  bool reached_end() const { return reached_end_; }

  const TapeDamage& damage() const { return damage_; }
  // What the user of a record found wrong with it.
  void note_bad_chunk(std::string what);
  void note_bad_record(std::string what);
  void note_wrong_index(std::string what);

  const std::string& path() const { return source_->path(); }

 private:
  enum class Fit { fits, cut_off, wrong };

  std::string_view window() const {
    return std::string_view(buffer_).substr(begin_, end_ - begin_);
  }
  std::uint64_t offset() const { return offset_; }  // of the window's first byte
  Result<bool> have(std::uint64_t count);           // in the window, as far as the file goes
  std::size_t room_for_more() const;
  void drop(std::size_t count);            // off the window's front
  Result<bool> pass(std::uint64_t count);  // the same, of any number of bytes

  Result<Fit> fit();
  Result<Fit> head_fit(Opcode opcode, std::uint64_t length);
  Result<Fit> shape_fit(const RecordShape& shape, std::uint64_t length);
  Result<Fit> attachment_head_fit(std::uint64_t length);
  Result<std::optional<RecordView>> next_in_data();
  Result<bool> find_next_chunk();
  bool chunk_may_begin_at(std::string_view bytes) const;
  Result<void> read_end(std::string_view data_end);
  Result<bool> read_summary_and_footer();
  void note(std::uint64_t offset, std::uint64_t bytes, std::string what);

  std::unique_ptr<ByteSource> source_;
  std::optional<std::uint64_t> size_;
  Begin begin_with_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::uint64_t offset_ = 0;
  bool at_end_of_file_ = false;
  std::uint32_t crc_ = 0;  // of everything before the window, since the section's start
  std::size_t given_ = 0;  // bytes of the window that the caller still looks at
  std::uint64_t record_offset_ = 0;
  std::uint64_t record_size_ = 0;
  bool past_magic_ = false;
  bool reached_end_ = false;
  TapeDamage damage_;
};

}  // namespace autotape::mcap
