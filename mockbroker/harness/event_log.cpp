#include "mockbroker/harness/event_log.hpp"

#include <cstdio>
#include <utility>

namespace autotape {

Result<std::unique_ptr<EventLog>> EventLog::create(const std::string& path) {
  std::rename(path.c_str(), (path + ".previous").c_str());  // fails if there is none
  AUTOTAPE_TRY_ASSIGN(auto file,
                      open_append_file(path, OpenMode::truncate, FileAccess::owner_only));
  return std::unique_ptr<EventLog>(new EventLog(std::move(file)));
}

void EventLog::add(BrokerEvent event) {
  event.time = wall_now();
  std::string line;
  append_line(line, event);
  add_lines(line);
}

void EventLog::add(BrokerEventKind kind, std::string detail) {
  BrokerEvent event;
  event.kind = kind;
  if (!detail.empty()) {
    event.detail = std::move(detail);
  }
  add(std::move(event));
}

void EventLog::add_lines(const std::string& lines) {
  const std::lock_guard lock(mutex_);
  if (state_ && !lines.empty()) {
    state_ = file_->append(lines);
  }
}

void EventLog::append_line(std::string& lines, const BrokerEvent& event) {
  lines += write_broker_event(event);
  lines += '\n';
}

Result<void> EventLog::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

}  // namespace autotape
