#include "mockbroker/harness/broker_output.hpp"

#include <array>
#include <cerrno>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "core/rfc3339.hpp"

namespace autotape {

BrokerOutput::BrokerOutput(EventDetail detail, EventLog& events, AppendFile& for_people,
                           std::function<void(const BrokerEvent&)> before_logging)
    : detail_(detail),
      events_(events),
      for_people_(for_people),
      before_logging_(std::move(before_logging)),
      log_(detail) {}

BrokerOutput::~BrokerOutput() {
  if (thread_.joinable()) {
    thread_.join();
  }
}

void BrokerOutput::read(int output) {
  {
    const std::lock_guard lock(mutex_);
    ended_ = false;
  }
  thread_ = std::thread([this, output] { run(output); });
}

BrokerOutput::Readiness BrokerOutput::wait_until_ready(Duration timeout) {
  std::unique_lock lock(mutex_);
  const bool known = changed_.wait_for(lock, timeout, [&] { return log_.ready() || ended_; });
  if (!known) {
    return Readiness::time_over;
  }
  return ended_ ? Readiness::ended : Readiness::ready;
}

bool BrokerOutput::wait_for_answer(std::uint64_t command, Duration timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout,
                           [&] { return ended_ || log_.last_answered() >= command; });
}

void BrokerOutput::wait_for_end() {
  if (thread_.joinable()) {
    thread_.join();
  }
  const std::lock_guard lock(mutex_);
  log_.broker_ended([&](BrokerEvent event) { events_.add(std::move(event)); });
}

void BrokerOutput::inspect(const std::function<void(MosquittoLog&)>& work) {
  const std::lock_guard lock(mutex_);
  work(log_);
}

std::string BrokerOutput::last_words() {
  const std::lock_guard lock(mutex_);
  return last_words_;
}

void BrokerOutput::run(int output) {
  std::string pending;
  std::array<char, 256 * 1024> buffer;
  while (true) {
    const ssize_t count = ::read(output, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) {
      continue;
    }
    if (count <= 0) {
      break;
    }
    pending.append(buffer.data(), static_cast<std::size_t>(count));
    take_lines(pending);
  }
  ::close(output);
  const std::lock_guard lock(mutex_);
  ended_ = true;
  changed_.notify_all();
}

// Takes the whole lines off `buffer`.
void BrokerOutput::take_lines(std::string& buffer) {
  const std::lock_guard lock(mutex_);
  std::string lines;
  std::string for_people;
  const ReceivedTime now = wall_now();
  const auto on_event = [&](BrokerEvent event) {
    event.time = now;
    before_logging_(event);
    const bool of_messages = event.kind >= BrokerEventKind::published;
    if (detail_ == EventDetail::messages || (detail_ == EventDetail::clients && !of_messages) ||
        event.kind == BrokerEventKind::possible_loss) {
      EventLog::append_line(lines, event);
    }
  };
  const auto on_line = [&](std::string_view line) {
    last_words_ = line;
    for_people += fmt::format("{} {}\n", format_rfc3339(now.time_since_epoch()), line);
  };
  std::size_t start = 0;
  for (std::size_t end = buffer.find('\n'); end != std::string::npos;
       end = buffer.find('\n', start)) {
    log_.take(std::string_view(buffer).substr(start, end - start), on_event, on_line);
    start = end + 1;
  }
  buffer.erase(0, start);
  events_.add_lines(lines);
  if (!for_people.empty()) {
    (void)for_people_.append(for_people);  // nothing depends on it
  }
  changed_.notify_all();
}

}  // namespace autotape
