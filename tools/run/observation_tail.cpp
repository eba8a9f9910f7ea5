#include "run/observation_tail.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace autotape {
namespace {

constexpr std::size_t longest_line = std::size_t{1} << 20U;

}  // namespace

void LineSplitter::add(std::string_view bytes) {
  const ReceivedTime now = wall_now();
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    if (end == std::string_view::npos) {
      pending_ += bytes;
      if (pending_.size() > longest_line) {
        finish();
      }
      return;
    }
    if (pending_.empty()) {
      sink_(bytes.substr(0, end), now);
    } else {
      pending_ += bytes.substr(0, end);
      sink_(pending_, now);
      pending_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void LineSplitter::finish() {
  if (!pending_.empty()) {
    sink_(pending_, wall_now());
    pending_.clear();
  }
}

Result<std::unique_ptr<ObservationTail>> ObservationTail::follow(const std::string& path,
                                                                 LineSink sink) {
  struct stat status {};
  const bool is_pipe = ::stat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
  // A pipe is opened for writing too: it then has no end each time a consumer closes it.
  const int file = ::open(path.c_str(), (is_pipe ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC);
  if (file < 0) {
    return file_error(path, fmt::format("cannot open: {}", std::strerror(errno)));
  }
  int watch = -1;
  if (!is_pipe) {
    watch = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (watch < 0 || ::inotify_add_watch(watch, path.c_str(), IN_MODIFY) < 0) {
      const Error error =
          file_error(path, fmt::format("cannot be watched: {}", std::strerror(errno)));
      ::close(watch);
      ::close(file);
      return error;
    }
  }
  const int wake = ::eventfd(0, EFD_CLOEXEC);
  return std::unique_ptr<ObservationTail>(
      new ObservationTail(file, watch, wake, is_pipe, std::move(sink)));
}

ObservationTail::ObservationTail(int file, int watch, int wake, bool is_pipe, LineSink sink)
    : file_(file),
      watch_(watch),
      wake_(wake),
      is_pipe_(is_pipe),
      lines_(std::move(sink)),
      thread_([this] { follow_until_finished(); }) {}

ObservationTail::~ObservationTail() {
  finish();
  for (const int descriptor : {file_, watch_, wake_}) {
    if (descriptor >= 0) {
      ::close(descriptor);
    }
  }
}

void ObservationTail::finish() {
  if (thread_.joinable()) {
    finishing_ = true;
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_, &one, sizeof one);
    thread_.join();
  }
}

void ObservationTail::abandon() {
  abandoned_ = true;
  finish();
}

void ObservationTail::follow_until_finished() {
  while (true) {
    const bool last = finishing_;
    read_what_is_there();
    if (last) {
      lines_.finish();
      return;
    }
    pollfd waiting[] = {{is_pipe_ ? file_ : watch_, POLLIN, 0}, {wake_, POLLIN, 0}};
    ::poll(waiting, 2, -1);
    char events[4096];
    while (watch_ >= 0 && ::read(watch_, events, sizeof events) > 0) {
    }
  }
}

void ObservationTail::read_what_is_there() {
  start_again_if_truncated();
  char block[64 * 1024];
  ssize_t count = 0;
  while (!abandoned_ && (count = ::read(file_, block, sizeof block)) > 0) {
    offset_ += static_cast<std::uint64_t>(count);
    lines_.add({block, static_cast<std::size_t>(count)});
  }
}

// A consumer that opens the file anew for writing has emptied it.
void ObservationTail::start_again_if_truncated() {
  struct stat status {};
  if (!is_pipe_ && ::fstat(file_, &status) == 0 &&
      static_cast<std::uint64_t>(status.st_size) < offset_) {
    lines_.finish();
    ::lseek(file_, 0, SEEK_SET);
    offset_ = 0;
  }
}

}  // namespace autotape
