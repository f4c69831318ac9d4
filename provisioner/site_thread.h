#pragma once

#include <atomic>
#include <functional>
#include <thread>

#include <absl/status/status.h>

#include "eventlog/time.h"
#include "provisioner/provisioner.h"

// The thread of one site: passes on a poke, and from time to time without one. One site that hangs
// or fails delays no other, because each has a thread of its own.

namespace epu {

// Told of each pass on the site's own thread; may look at the provisioner during the call.
using PassObserver = std::function<void(const absl::Status&, const Provisioner&)>;

class SiteThread {
 public:
  // Begins at once. `provisioner` outlives this and is used by nobody else meanwhile.
  SiteThread(Provisioner& provisioner, PassObserver observer);
  SiteThread(const SiteThread&) = delete;
  SiteThread& operator=(const SiteThread&) = delete;
  ~SiteThread();  // As Stop.

  // Something was recorded: a pass is due. From any thread; never blocks. Ignored while the site is
  // being left in peace after errors.
  void Poke();

  // Returns when the pass under way is over, which takes as long as the driver's own deadlines.
  // Ends no worker. From one thread.
  void Stop();

 private:
  void Run();
  void Wait(Duration at_least, Duration at_most);

  Provisioner& provisioner_;
  const PassObserver observer_;
  const int wake_;  // An eventfd: readable once poked.
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

// How long to wait for a poke after a pass: `errors` passes in a row, this one included, failed.
Duration PauseAfter(int errors, bool in_motion);

// Passes begin at most this often, so that a flood of readings is no flood of listings.
inline constexpr Duration kPassSpacing = std::chrono::milliseconds(100);
inline constexpr Duration kPauseInMotion = std::chrono::seconds(1);
inline constexpr Duration kPauseAtRest = std::chrono::seconds(2);
inline constexpr Duration kPauseMax = std::chrono::seconds(30);  // Doubled from 1 s by each error.

}  // namespace epu
