#include "run/guard.hpp"

#include <cerrno>
#include <climits>
#include <iterator>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace autotape {
namespace {

// Where the guard's descriptors lie, so that all others can be closed: a broker's lifeline that a
// guard had inherited would keep that broker alive behind our back.
enum Place { input, output, errors, lifeline, status, first_unused };

void move_descriptors(const GuardTask& task) {
  constexpr int out_of_the_way = 32;
  const int wanted[] = {::open("/dev/null", O_RDONLY), task.output, task.errors, task.lifeline,
                        task.status};
  int moved[first_unused];
  for (int place = 0; place < first_unused; ++place) {
    moved[place] = ::fcntl(wanted[place], F_DUPFD, out_of_the_way);
  }
  for (int place = 0; place < first_unused; ++place) {
    ::dup2(moved[place], place);
  }
  ::fcntl(lifeline, F_SETFD, FD_CLOEXEC);
  ::fcntl(status, F_SETFD, FD_CLOEXEC);
  ::syscall(SYS_close_range, first_unused, ~0U, 0);
}

void report(GuardEvent event, std::int32_t value) {
  const GuardReport line{event, value};
  // A pipe takes so few bytes whole. If nobody reads any more, we are about to end.
  [[maybe_unused]] const ssize_t written = ::write(status, &line, sizeof line);
}

void default_signals() {
  for (int number = 1; number < NSIG; ++number) {
    ::signal(number, SIG_DFL);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
}

[[noreturn]] void run_child(const GuardTask& task, int failure, pid_t guard) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);  // should somebody kill the guard
  if (::getppid() == guard) {
    default_signals();
    ::execve(task.program, task.arguments, task.environment);
  }
  const int reason = errno;
  [[maybe_unused]] const ssize_t written = ::write(failure, &reason, sizeof reason);
  ::_exit(127);
}

// Returns when the child runs the program, or has failed to.
pid_t start_child(const GuardTask& task) {
  int failure[2];
  if (::pipe2(failure, O_CLOEXEC) != 0) {
    report(GuardEvent::not_started, errno);
    ::_exit(1);
  }
  const pid_t guard = ::getpid();
  const pid_t child = ::fork();
  if (child == 0) {
    run_child(task, failure[1], guard);
  }
  ::setpgid(child, child);  // whoever comes first
  ::close(failure[1]);
  int reason = 0;
  if (child < 0 || ::read(failure[0], &reason, sizeof reason) == sizeof reason) {
    report(GuardEvent::not_started, child < 0 ? errno : reason);
    ::_exit(1);
  }
  ::close(failure[0]);
  report(GuardEvent::started, child);
  // The child holds its own copies: their end must be seen when the child closes them.
  ::close(output);
  ::close(errors);
  return child;
}

// Children of ours that are not in the child's process group: what it started and abandoned.
void kill_adopted() {
  char path[] = "/proc/thread-self/children";
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return;
  }
  char text[4096];
  const ssize_t count = ::read(file, text, sizeof text);
  ::close(file);
  pid_t pid = 0;
  for (ssize_t i = 0; i < count; ++i) {
    if (text[i] >= '0' && text[i] <= '9') {
      pid = pid * 10 + (text[i] - '0');
    } else if (pid > 0) {
      ::kill(pid, SIGKILL);
      pid = 0;
    }
  }
}

[[noreturn]] void kill_everything(pid_t child, bool child_ended) {
  while (true) {
    ::kill(-child, SIGKILL);
    kill_adopted();
    int how = 0;
    const pid_t gone = ::waitpid(-1, &how, 0);
    if (gone == child && !child_ended) {
      child_ended = true;
      report(GuardEvent::ended, how);
    }
    if (gone < 0 && errno == ECHILD) {
      ::_exit(0);
    }
  }
}

// Has the child ended? Reaps what it abandoned on the way.
bool reap(pid_t child) {
  bool ended = false;
  int how = 0;
  for (pid_t gone = ::waitpid(-1, &how, WNOHANG); gone > 0; gone = ::waitpid(-1, &how, WNOHANG)) {
    if (gone == child) {
      report(GuardEvent::ended, how);
      ended = true;
    }
  }
  return ended;
}

// Sends on the signals that we are asked for. False when the lifeline has closed.
bool send_signals(pid_t child) {
  unsigned char number = 0;
  const ssize_t count = ::read(lifeline, &number, 1);
  if (count == 1) {
    ::kill(-child, number);
    return true;
  }
  return count < 0 && errno == EINTR;
}

}  // namespace

void run_guard(const GuardTask& task) {
  ::setsid();  // a terminal's Ctrl-C is for us alone to act on
  ::prctl(PR_SET_NAME, "autotape-guard");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  move_descriptors(task);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) {
    ::signal(number, SIG_IGN);
  }
  ::signal(SIGCHLD, SIG_DFL);
  sigset_t of_children;
  ::sigemptyset(&of_children);
  ::sigaddset(&of_children, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &of_children, nullptr);
  const int child_signals = ::signalfd(-1, &of_children, SFD_CLOEXEC);

  const pid_t child = start_child(task);
  while (true) {
    pollfd waiting[] = {{lifeline, POLLIN, 0}, {child_signals, POLLIN, 0}};
    if (::poll(waiting, std::size(waiting), -1) < 0) {
      continue;
    }
    if (waiting[1].revents != 0) {
      signalfd_siginfo info;
      [[maybe_unused]] const ssize_t count = ::read(child_signals, &info, sizeof info);
      if (reap(child)) {
        kill_everything(child, true);
      }
    }
    if (waiting[0].revents != 0 && !send_signals(child)) {
      kill_everything(child, false);
    }
  }
}

}  // namespace autotape
