#include "core/time.hpp"

#include <ctime>

namespace autotape {
namespace {

Duration read_clock(clockid_t id) {
  timespec now{};
  clock_gettime(id, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

}  // namespace

MonotonicTime monotonic_now() {
  return MonotonicTime(read_clock(CLOCK_MONOTONIC));
}

ReceivedTime wall_now() {
  return ReceivedTime(read_clock(CLOCK_REALTIME));
}

}  // namespace autotape
