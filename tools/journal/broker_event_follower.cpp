#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "journal/broker_event.hpp"

namespace autotape {
namespace {

constexpr std::size_t block = 256 * 1024;

}  // namespace

Result<BrokerEventFollower> BrokerEventFollower::open(const std::string& path, EventStart start) {
  BrokerEventFollower follower;
  follower.path_ = path;
  follower.file_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (follower.file_ < 0) {
    return file_error(path, fmt::format("cannot open: {}", std::strerror(errno)),
                      "is this a broker's state directory?");
  }
  follower.watch_ = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (follower.watch_ < 0 || ::inotify_add_watch(follower.watch_, path.c_str(), IN_MODIFY) < 0) {
    return file_error(path, fmt::format("cannot be watched: {}", std::strerror(errno)));
  }
  if (start == EventStart::now) {
    follower.position_ = static_cast<std::uint64_t>(::lseek(follower.file_, 0, SEEK_END));
  }
  return follower;
}

BrokerEventFollower::~BrokerEventFollower() {
  for (const int descriptor : {file_, watch_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
}

BrokerEventFollower::BrokerEventFollower(BrokerEventFollower&& other) noexcept
    : path_(std::move(other.path_)),
      file_(std::exchange(other.file_, -1)),
      watch_(std::exchange(other.watch_, -1)),
      pending_(std::move(other.pending_)),
      line_start_(other.line_start_),
      position_(other.position_),
      line_number_(other.line_number_) {}

BrokerEventFollower& BrokerEventFollower::operator=(BrokerEventFollower&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(file_, other.file_);
  std::swap(watch_, other.watch_);
  std::swap(pending_, other.pending_);
  std::swap(line_start_, other.line_start_);
  std::swap(position_, other.position_);
  std::swap(line_number_, other.line_number_);
  return *this;
}

Result<std::optional<BrokerEvent>> BrokerEventFollower::next(Duration timeout) {
  const MonotonicTime deadline = monotonic_now() + timeout;
  while (true) {
    const std::size_t end = pending_.find('\n', line_start_);
    if (end != std::string::npos) {
      const std::string_view line =
          std::string_view(pending_).substr(line_start_, end - line_start_);
      position_ += line.size() + 1;
      line_start_ = end + 1;
      ++line_number_;
      AUTOTAPE_TRY_ASSIGN(BrokerEvent event,
                          read_broker_event(line, fmt::format("{}:{}", path_, line_number_)));
      return std::optional(std::move(event));
    }
    pending_.erase(0, std::exchange(line_start_, 0));
    std::array<char, 4096> changes;
    while (::read(watch_, changes.data(), changes.size()) > 0) {
    }
    const std::size_t before = pending_.size();
    pending_.resize(before + block);
    const ssize_t count = ::read(file_, pending_.data() + before, block);
    pending_.resize(before + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count < 0) {
      return file_error(path_, fmt::format("cannot read: {}", std::strerror(errno)));
    }
    if (count > 0) {
      continue;
    }
    const Duration left = deadline - monotonic_now();
    if (left <= Duration::zero()) {
      return std::optional<BrokerEvent>();
    }
    // A timeout of a second at most: inotify sees no changes that come over a network file system.
    const auto wait = std::min(std::chrono::ceil<std::chrono::milliseconds>(left),
                               std::chrono::milliseconds(1000));
    pollfd watch{watch_, POLLIN, 0};
    ::poll(&watch, 1, static_cast<int>(wait.count()));
  }
}

}  // namespace autotape
