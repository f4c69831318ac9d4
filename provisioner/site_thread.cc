#include "provisioner/site_thread.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "eventlog/check.h"

namespace epu {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A poll that ends early is no harm: the pass merely comes early. It ends late by at most 1 ms.
bool WaitReadable(int file, Duration at_most) {
  const auto timeout = std::chrono::ceil<std::chrono::milliseconds>(at_most);
  pollfd readable{file, POLLIN, 0};
  return poll(&readable, 1, static_cast<int>(std::max<std::int64_t>(timeout.count(), 0))) > 0;
}

}  // namespace

Duration PauseAfter(int errors, bool in_motion) {
  if (errors == 0) return in_motion ? kPauseInMotion : kPauseAtRest;
  const int doublings = std::min(errors - 1, 10);
  return std::min<Duration>(std::chrono::seconds(1) * (1 << doublings), kPauseMax);
}

SiteThread::SiteThread(Provisioner& provisioner, PassObserver observer)
    : provisioner_(provisioner),
      observer_(std::move(observer)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  CHECK(wake_ >= 0);
  thread_ = std::thread([this] { Run(); });
}

SiteThread::~SiteThread() {
  Stop();
  close(wake_);
}

void SiteThread::Poke() {
  const std::uint64_t one = 1;
  // Fails only when the counter is full, which is a poke too.
  [[maybe_unused]] const ssize_t written = write(wake_, &one, sizeof(one));
}

void SiteThread::Stop() {
  stopping_ = true;
  Poke();
  if (thread_.joinable()) thread_.join();
}

void SiteThread::Run() {
  int errors = 0;
  while (!stopping_) {
    const SteadyClock::time_point begun = SteadyClock::now();
    const absl::Status passed = provisioner_.Pass();
    errors = passed.ok() ? 0 : errors + 1;
    observer_(passed, provisioner_);
    const Duration pause = PauseAfter(errors, provisioner_.in_motion());
    const auto taken = std::chrono::duration_cast<Duration>(SteadyClock::now() - begun);
    Wait(errors == 0 ? kPassSpacing - taken : pause, pause);
  }
}

// Waits until poked or `at_most` has passed, but `at_least` unless this is being stopped.
void SiteThread::Wait(Duration at_least, Duration at_most) {
  const SteadyClock::time_point begun = SteadyClock::now();
  const auto left = [&](Duration whole) {
    return whole - std::chrono::duration_cast<Duration>(SteadyClock::now() - begun);
  };
  bool poked = false;
  while (!stopping_) {
    const Duration rest = left(poked ? at_least : at_most);
    if (rest <= Duration::zero()) break;
    // Once poked, only the end of `at_least`, or being stopped, is waited for: in slices, since
    // later pokes fall into the same pass.
    if (WaitReadable(wake_, rest)) {
      std::uint64_t pokes = 0;
      [[maybe_unused]] const ssize_t got = read(wake_, &pokes, sizeof(pokes));
      poked = true;
    }
  }
}

}  // namespace epu
