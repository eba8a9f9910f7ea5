// Preloaded into the program under test: a system whose disk is slow and whose clock is set, as the
// environment says. Everything else is the real one.
//
//   ODD_SYNC_MS=1500      each fdatasync takes so much longer
//   ODD_CLOCK_FILE=PATH   while the file exists, the wall clock is an hour and half a minute ahead
#include <cerrno>
#include <cstdlib>

#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

extern "C" int fdatasync(int descriptor) {
  if (const char* const delay = std::getenv("ODD_SYNC_MS")) {
    const long milliseconds = std::strtol(delay, nullptr, 10);
    const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
    ::nanosleep(&time, nullptr);
  }
  return static_cast<int>(::syscall(SYS_fdatasync, descriptor));
}

extern "C" int clock_gettime(clockid_t clock, timespec* now) noexcept {
  const int result = static_cast<int>(::syscall(SYS_clock_gettime, clock, now));
  const int reason = errno;  // a caller may still look at it
  const char* const file = clock == CLOCK_REALTIME ? std::getenv("ODD_CLOCK_FILE") : nullptr;
  if (result == 0 && file != nullptr && ::access(file, F_OK) == 0) {
    now->tv_sec += 3630;
  }
  errno = reason;
  return result;
}
