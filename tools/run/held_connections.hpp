// Which faults hold back the bytes of clients until another fault takes them back.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mockbroker/harness/fault.hpp"

namespace autotape {

class HeldConnections {
 public:
  // A fault that has struck; `number` counts the faults of the scenario from 0.
  void note(std::size_t number, const Fault& fault);

  // May bytes of the client be under way for longer than it takes by itself?
  bool holds(const std::string& client) const;

  bool empty() const { return held_.empty(); }

  // Does one let nothing pass at all? Latency and bandwidth do, sooner or later.
  bool any_stands_still() const;

  // All are taken back. Gives their numbers.
  std::vector<std::size_t> release();

 private:
  struct Held {
    std::size_t number = 0;
    ClientChoice client;
    bool stands_still = false;
  };

  std::vector<Held> held_;
};

}  // namespace autotape
