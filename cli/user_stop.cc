#include "cli/user_stop.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <ctime>

#include "cli/context.h"

namespace epu {
namespace {

sigset_t EndSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals, signal);
  return signals;
}

// How long one wait for a signal takes: then it is seen whether somebody waits still.
constexpr timespec kLook{0, 50'000'000};

}  // namespace

UserStop::UserStop() {
  const sigset_t signals = EndSignals();
  pthread_sigmask(SIG_BLOCK, &signals, &before_);
  waiting_ = std::jthread([this](const std::stop_token& done) {
    const sigset_t awaited = EndSignals();
    while (!done.stop_requested()) {
      if (sigtimedwait(&awaited, nullptr, &kLook) < 0) continue;
      if (stop_.stop_requested()) _exit(static_cast<int>(Exit::kInterrupted));
      stop_.request_stop();
    }
  });
}

UserStop::~UserStop() {
  waiting_.request_stop();
  waiting_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void OutliveReaders() { std::signal(SIGPIPE, SIG_IGN); }

}  // namespace epu
