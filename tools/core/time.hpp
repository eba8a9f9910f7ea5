// The clocks of a stream. Each has its own type, so that the compiler refuses to mix them.
// All count nanoseconds.
#pragma once

#include <chrono>

namespace autotape {

using Duration = std::chrono::nanoseconds;

template <typename Clock>
using TimePoint = std::chrono::time_point<Clock, Duration>;

struct DataClock {};       // the reading's own `timestamp`: when the car produced it
struct ReceivedClock {};   // when the recorder received a message
struct DueClock {};        // when a delivery plan wants a message sent
struct SentClock {};       // when the replayer really sent it, and when it was acknowledged
struct MonotonicClock {};  // CLOCK_MONOTONIC: intervals within one process

using DataTime = TimePoint<DataClock>;            // since the Unix epoch, UTC
using ReceivedTime = TimePoint<ReceivedClock>;    // since the Unix epoch, UTC
using DueTime = TimePoint<DueClock>;              // since the start of the plan
using SentTime = TimePoint<SentClock>;            // since the start of the replay
using MonotonicTime = TimePoint<MonotonicClock>;  // since an arbitrary moment

MonotonicTime monotonic_now();
ReceivedTime wall_now();  // the machine's wall clock, which may jump

}  // namespace autotape
