#include "tape/edit/sorted_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "message/envelope.hpp"
#include "tape/journal/journal_frame.hpp"
#include "tape/temporary_file.hpp"

namespace autotape {
namespace {

// Frames as those of the journal, each behind its time and its size. Their checksums tell if the
// temporary file was damaged.
constexpr std::uint64_t frame_generation = 0;

struct Key {
  std::int64_t time = 0;
  std::uint32_t frame_size = 0;
};
constexpr std::size_t key_size = sizeof(std::int64_t) + sizeof(std::uint32_t);

void append_key(std::string& out, const Key& key) {
  char bytes[key_size];
  std::memcpy(bytes, &key.time, sizeof key.time);
  std::memcpy(bytes + sizeof key.time, &key.frame_size, sizeof key.frame_size);
  out.append(bytes, sizeof bytes);
}

Key key_at(std::string_view bytes) {
  Key key;
  std::memcpy(&key.time, bytes.data(), sizeof key.time);
  std::memcpy(&key.frame_size, bytes.data() + sizeof key.time, sizeof key.frame_size);
  return key;
}

// Records that are in memory, until they are written in their order.
class Piece {
 public:
  // So much will be added, about; memory that is not used costs nothing.
  explicit Piece(std::size_t memory) { frames_.reserve(memory + memory / 4); }

  void add(std::int64_t time, const RecordedMessage& message) {
    const std::size_t offset = frames_.size();
    append_message_frame(frames_, frame_generation, message);
    places_.push_back({time, offset, static_cast<std::uint32_t>(frames_.size() - offset)});
  }
  void add(std::int64_t time, const Marker& marker) {
    const std::size_t offset = frames_.size();
    append_marker_frame(frames_, frame_generation, marker);
    places_.push_back({time, offset, static_cast<std::uint32_t>(frames_.size() - offset)});
  }

  std::size_t memory() const { return frames_.size() + places_.size() * sizeof(Place); }

  // As keys and frames. Then the piece is empty.
  Result<void> write_sorted(TemporaryFile& file) {
    std::stable_sort(places_.begin(), places_.end(),
                     [](const Place& a, const Place& b) { return a.time < b.time; });
    std::string out;
    constexpr std::size_t large = 256 * 1024;
    for (const Place& place : places_) {
      append_key(out, {place.time, place.size});
      out.append(frames_, place.offset, place.size);
      if (out.size() >= large) {
        AUTOTAPE_TRY(file.append(out));
        out.clear();
      }
    }
    AUTOTAPE_TRY(file.append(out));
    frames_.clear();
    places_.clear();
    return {};
  }

 private:
  struct Place {
    std::int64_t time;
    std::size_t offset;  // in frames_
    std::uint32_t size;
  };

  std::string frames_;
  std::vector<Place> places_;
};

// One sorted piece of the file, read block by block.
class Run {
 public:
  Run(std::uint64_t begin, std::uint64_t end, std::size_t block)
      : next_(begin), end_(end), block_(block) {}

  // False at its end.
  Result<bool> advance(const TemporaryFile& file) {
    at_ += current_size_;
    current_size_ = 0;
    AUTOTAPE_TRY_ASSIGN(const bool key, have(file, key_size));
    if (!key) {
      return false;
    }
    key_ = key_at(std::string_view(bytes_).substr(at_));
    current_size_ = key_size + key_.frame_size;
    return have(file, current_size_);
  }

  std::int64_t time() const { return key_.time; }
  std::string_view frame() const {
    return std::string_view(bytes_).substr(at_ + key_size, key_.frame_size);
  }

 private:
  Result<bool> have(const TemporaryFile& file, std::size_t count) {
    if (bytes_.size() - at_ >= count) {
      return true;
    }
    bytes_.erase(0, at_);
    at_ = 0;
    const std::size_t wanted = std::max(block_, count - bytes_.size());
    const auto more = static_cast<std::size_t>(std::min<std::uint64_t>(wanted, end_ - next_));
    AUTOTAPE_TRY_ASSIGN(const std::string block, file.read_at(next_, more));
    next_ += more;
    bytes_ += block;
    return bytes_.size() >= count;
  }

  std::uint64_t next_;
  std::uint64_t end_;
  std::size_t block_;
  std::string bytes_;
  std::size_t at_ = 0;
  std::size_t current_size_ = 0;
  Key key_;
};

// Of one time, the earlier run holds what came first.
struct ComesLater {
  const std::vector<Run>& runs;
  bool operator()(std::size_t a, std::size_t b) const {
    return runs[a].time() != runs[b].time() ? runs[a].time() > runs[b].time() : a > b;
  }
};

class SortedReader final : public TapeReader {
 public:
  SortedReader(TapeHeader header, TapeDamage damage, TemporaryFile file)
      : header_(std::move(header)), damage_(std::move(damage)), file_(std::move(file)) {}

  Result<void> begin(const std::vector<std::uint64_t>& ends, std::size_t memory) {
    const std::size_t all_blocks = memory / 2;  // what reads them takes its own
    const std::size_t block = std::clamp(all_blocks / std::max<std::size_t>(ends.size(), 1),
                                         std::size_t{4} << 10U, std::size_t{1} << 20U);
    std::uint64_t from = 0;
    for (const std::uint64_t end : ends) {
      runs_.emplace_back(from, end, block);
      from = end;
    }
    for (std::size_t run = 0; run < runs_.size(); ++run) {
      AUTOTAPE_TRY(advance(run));
    }
    return {};
  }

  std::string_view format() const override { return "sorted"; }
  const TapeHeader& header() const override { return header_; }
  const TapeDamage& damage() const override { return damage_; }

  Result<TapeRecord> next(RecordedMessage& message, Marker& marker) override {
    if (heap_.empty()) {
      return TapeRecord::end;
    }
    std::pop_heap(heap_.begin(), heap_.end(), ComesLater{runs_});
    const std::size_t run = heap_.back();
    heap_.pop_back();
    std::string_view frame = runs_[run].frame();
    const auto found = take_frame(frame, frame_generation, message, marker);
    if (!found) {
      return file_error("the temporary file of the sort", "is damaged");
    }
    AUTOTAPE_TRY(advance(run));
    return *found;
  }

 private:
  Result<void> advance(std::size_t run) {
    AUTOTAPE_TRY_ASSIGN(const bool more, runs_[run].advance(file_));
    if (more) {
      heap_.push_back(run);
      std::push_heap(heap_.begin(), heap_.end(), ComesLater{runs_});
    }
    return {};
  }

  TapeHeader header_;
  TapeDamage damage_;
  TemporaryFile file_;
  std::vector<Run> runs_;
  std::vector<std::size_t> heap_;
};

// The time that a record is sorted by.
class SortTime {
 public:
  explicit SortTime(SortBy by) : by_(by) {}

  std::int64_t of(const RecordedMessage& message) {
    if (by_ == SortBy::data) {
      const auto envelope = reader_.read(message.message.payload);
      const auto made = envelope ? (*envelope)->newest() : std::nullopt;
      if (made) {
        return made->time_since_epoch().count();
      }
    }
    return message.received.time_since_epoch().count();
  }
  static std::int64_t of(const Marker& marker) { return marker.at.time_since_epoch().count(); }

 private:
  SortBy by_;
  EnvelopeReader reader_;
};

}  // namespace

Result<std::unique_ptr<TapeReader>> sort_tape(TapeReader& tape, SortBy by,
                                              const SortLimits& limits) {
  AUTOTAPE_TRY_ASSIGN(auto file, TemporaryFile::create(limits.folder));
  SortTime time(by);
  Piece piece(limits.memory);
  std::vector<std::uint64_t> ends;
  const auto write_piece = [&]() -> Result<void> {
    AUTOTAPE_TRY(piece.write_sorted(file));
    ends.push_back(file.size());
    return {};
  };
  RecordedMessage message;
  Marker marker;
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const TapeRecord found, tape.next(message, marker));
    if (found == TapeRecord::end) {
      break;
    }
    if (found == TapeRecord::message) {
      piece.add(time.of(message), message);
    } else {
      piece.add(SortTime::of(marker), marker);
    }
    if (piece.memory() >= limits.memory) {
      AUTOTAPE_TRY(write_piece());
    }
    if (limits.go_on && !limits.go_on()) {
      break;
    }
  }
  AUTOTAPE_TRY(write_piece());
  auto sorted = std::make_unique<SortedReader>(tape.header(), tape.damage(), std::move(file));
  AUTOTAPE_TRY(sorted->begin(ends, limits.memory));
  return std::unique_ptr<TapeReader>(std::move(sorted));
}

}  // namespace autotape
