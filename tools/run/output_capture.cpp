#include "run/output_capture.hpp"

#include <cerrno>
#include <span>

#include <poll.h>
#include <unistd.h>

namespace autotape {
namespace {

constexpr std::size_t longest_tail = 4096;

}  // namespace

OutputCapture::OutputCapture(const ChildProcess& child, AppendFile& file, LineSink output_lines,
                             std::function<void()> on_end)
    : file_(file), output_lines_(output_lines), has_line_sink_(output_lines != nullptr) {
  thread_ = std::thread([this, output = child.output(), errors = child.errors(),
                         end = child.end_descriptor(),
                         told = std::move(on_end)] { read_until_end(output, errors, end, told); });
}

void OutputCapture::read_until_end(int output, int errors, int end,
                                   const std::function<void()>& on_end) {
  pollfd waiting[] = {{output, POLLIN, 0}, {errors, POLLIN, 0}, {end, POLLIN, 0}};
  constexpr int done = -1;  // poll() skips it
  while (waiting[0].fd != done || waiting[1].fd != done) {
    ::poll(waiting, 3, -1);
    for (pollfd& one : std::span(waiting).first(2)) {
      if (one.fd != done && one.revents != 0 && !read_from(one.fd, one.fd == output)) {
        one.fd = done;
      }
    }
    if (waiting[2].fd != done && waiting[2].revents != 0) {
      waiting[2].fd = done;
      on_end();
    }
  }
  if (has_line_sink_) {
    output_lines_.finish();
  }
  if (waiting[2].fd != done) {
    ::poll(&waiting[2], 1, -1);
    on_end();
  }
}

OutputCapture::~OutputCapture() {
  wait();
}

void OutputCapture::wait() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

// False at the end.
bool OutputCapture::read_from(int descriptor, bool is_output) {
  char block[64 * 1024];
  const ssize_t count = ::read(descriptor, block, sizeof block);
  if (count <= 0) {
    return count < 0 && (errno == EAGAIN || errno == EINTR);
  }
  const std::string_view bytes(block, static_cast<std::size_t>(count));
  keep(bytes);
  if (is_output && has_line_sink_) {
    output_lines_.add(bytes);
  }
  return true;
}

void OutputCapture::keep(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes_ < most_bytes) {
    // A full disk must not stop the consumer; the run's own files will tell of it.
    [[maybe_unused]] const auto kept = file_.append(bytes);
  }
  bytes_ += bytes.size();
  tail_ += bytes;
  if (tail_.size() > longest_tail) {
    tail_.erase(0, tail_.size() - longest_tail);
  }
}

std::string OutputCapture::tail() const {
  const std::lock_guard lock(mutex_);
  return tail_;
}

std::uint64_t OutputCapture::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace autotape
