#include "run/broker_event_log.hpp"

#include <fmt/format.h>

namespace autotape {

Result<BrokerEventLog> BrokerEventLog::open(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  return BrokerEventLog(std::move(file));
}

Result<bool> BrokerEventLog::next(BrokerEvent& event) {
  std::string_view line;
  AUTOTAPE_TRY_ASSIGN(const bool more, lines_.next(line));
  if (!more) {
    return false;
  }
  AUTOTAPE_TRY_ASSIGN(
      event, read_broker_event(line, fmt::format("{}:{}", lines_.path(), lines_.number())));
  return true;
}

}  // namespace autotape
