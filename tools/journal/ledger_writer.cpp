#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.hpp"
#include "core/rfc3339.hpp"
#include "journal/ledger.hpp"
#include "json/write.hpp"

namespace autotape {
namespace {

// Address space, not memory: some 300 million deliveries.
constexpr std::uint64_t longest_ledger = std::uint64_t{64} << 30U;
constexpr std::uint64_t reserve_step = std::uint64_t{1} << 20U;
// Lines that far back are written to no more, but for a straggler's acknowledgement.
constexpr std::uint64_t kept_in_memory = std::uint64_t{8} << 20U;

// The end of each line has fixed widths, so that it can be completed in place.
constexpr std::string_view line_end_form =
    R"(,"sent":null               ,"sends":0  ,"acknowledged":null               })"
    "\n";
constexpr std::size_t time_width = 19;
constexpr std::size_t sends_width = 3;
constexpr std::size_t sent_place = 8;
constexpr std::size_t sends_place = sent_place + time_width + 9;
constexpr std::size_t acknowledged_place = sends_place + sends_width + 16;
static_assert(line_end_form.size() == acknowledged_place + time_width + 2);

Error system_error(const std::string& path, std::string_view doing) {
  return file_error(path, fmt::format("cannot {}: {}", doing, std::strerror(errno)));
}

void append_text_member(std::string& out, std::string_view name, std::string_view value) {
  if (!value.empty()) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":", name);
    append_json_string(out, value);
  }
}

std::string header_line(const LedgerHeader& header) {
  std::string line = fmt::format(R"({{"ledger":1,"started":"{}","seed":{})",
                                 format_rfc3339(header.started.time_since_epoch()), header.seed);
  append_text_member(line, "tool", header.tool);
  append_text_member(line, "tape", header.tape);
  append_text_member(line, "plan", header.plan);
  append_text_member(line, "rate", header.rate);
  return line + "}\n";
}

void append_number(std::string& out, std::string_view name, std::uint64_t value) {
  if (value != 0) {
    fmt::format_to(std::back_inserter(out), ",\"{}\":{}", name, value);
  }
}

void append_actions(std::string& out, const std::vector<std::string>& actions) {
  if (actions.empty()) {
    return;
  }
  out += ",\"actions\":[";
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (i > 0) {
      out += ',';
    }
    append_json_string(out, actions[i]);
  }
  out += ']';
}

}  // namespace

Result<LedgerWriter> LedgerWriter::create(const std::string& path, const LedgerHeader& header,
                                          bool force) {
  AUTOTAPE_TRY(refuse_overwrite(path, force));
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) {
    return system_error(path, "open for writing");
  }
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd);
    return file_error(path, "is not a regular file", "a ledger is completed in place");
  }
  void* const memory =
      ::mmap(nullptr, longest_ledger, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, fd, 0);
  if (memory == MAP_FAILED) {
    const Error error = system_error(path, "map into memory");
    ::close(fd);
    return error;
  }
  LedgerWriter writer(path, fd, static_cast<char*>(memory));
  AUTOTAPE_TRY(writer.append_text(header_line(header)));
  return writer;
}

LedgerWriter::~LedgerWriter() {
  (void)close();
}

LedgerWriter::LedgerWriter(LedgerWriter&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      memory_(std::exchange(other.memory_, nullptr)),
      written_(other.written_),
      reserved_(other.reserved_),
      released_(other.released_) {}

LedgerWriter& LedgerWriter::operator=(LedgerWriter&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(memory_, other.memory_);
  std::swap(written_, other.written_);
  std::swap(reserved_, other.reserved_);
  std::swap(released_, other.released_);
  return *this;
}

Result<LedgerWriter::Line> LedgerWriter::append(const LedgerEntry& entry) {
  buffer_.clear();
  fmt::format_to(std::back_inserter(buffer_), R"({{"delivery":{},"message":{})", entry.delivery,
                 entry.message);
  append_number(buffer_, "pass", entry.pass);
  append_number(buffer_, "copy", entry.copy);
  append_actions(buffer_, entry.actions);
  fmt::format_to(std::back_inserter(buffer_), R"(,"planned":{},"due":{})",
                 entry.planned.time_since_epoch().count(), entry.due.time_since_epoch().count());
  buffer_ += line_end_form;
  AUTOTAPE_TRY(append_text(buffer_));
  return Line{written_ - line_end_form.size()};
}

void LedgerWriter::complete_sent(Line line, SentTime sent) {
  fill_field(line.offset + sent_place, time_width,
             fmt::format_int(sent.time_since_epoch().count()).c_str());
}

void LedgerWriter::complete_sends(Line line, std::uint32_t sends) {
  fill_field(line.offset + sends_place, sends_width,
             fmt::format_int(std::min<std::uint32_t>(sends, 999)).c_str());
}

void LedgerWriter::complete_acknowledged(Line line, SentTime acknowledged) {
  fill_field(line.offset + acknowledged_place, time_width,
             fmt::format_int(acknowledged.time_since_epoch().count()).c_str());
}

void LedgerWriter::fill_field(std::uint64_t offset, std::size_t width, std::string_view text) {
  const std::size_t length = std::min(width, text.size());
  std::memset(memory_ + offset + length, ' ', width - length);
  std::memcpy(memory_ + offset, text.data(), length);
}

Result<void> LedgerWriter::append_text(std::string_view text) {
  if (written_ + text.size() > reserved_) {
    const std::uint64_t step = (text.size() / reserve_step + 1) * reserve_step;
    if (reserved_ + step > longest_ledger) {
      return file_error(path_, "is too long for a ledger", "split the replay with --shard");
    }
    // Blocks are allocated now, so that a full disk is an error here and no SIGBUS later.
    const int failure =
        ::posix_fallocate(descriptor_, static_cast<off_t>(reserved_), static_cast<off_t>(step));
    if (failure != 0) {
      errno = failure;
      return system_error(path_, "write");
    }
    // Blank lines are no lines: what a killed replayer leaves is still NDJSON.
    std::memset(memory_ + reserved_, '\n', step);
    reserved_ += step;
    if (reserved_ > released_ + 2 * kept_in_memory) {
      ::madvise(memory_ + released_, kept_in_memory, MADV_DONTNEED);
      released_ += kept_in_memory;
    }
  }
  std::memcpy(memory_ + written_, text.data(), text.size());
  written_ += text.size();
  return {};
}

Result<void> LedgerWriter::close() {
  if (descriptor_ < 0) {
    return {};
  }
  ::munmap(std::exchange(memory_, nullptr), longest_ledger);
  const int fd = std::exchange(descriptor_, -1);
  const bool closed = ::ftruncate(fd, static_cast<off_t>(written_)) == 0 && ::fdatasync(fd) == 0;
  const Error error = system_error(path_, "sync to disk");
  ::close(fd);
  return closed ? Result<void>() : error;
}

}  // namespace autotape
