// Reads a finished event log of the broker front to back; BrokerEventFollower reads one that grows.
#pragma once

#include "core/line_reader.hpp"
#include "core/result.hpp"
#include "journal/broker_event.hpp"

namespace autotape {

class BrokerEventLog {
 public:
  static Result<BrokerEventLog> open(const std::string& path);

  // True and the next event; false at the end.
  Result<bool> next(BrokerEvent& event);

 private:
  explicit BrokerEventLog(InputFile file) : lines_(std::move(file)) {}

  LineReader lines_;
};

}  // namespace autotape
