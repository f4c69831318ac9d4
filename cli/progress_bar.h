#pragma once

#include <chrono>
#include <cstdint>

#include "cli/context.h"

namespace epu {

// A bar on stderr with the time that is left, for who waits longer than a second before a terminal;
// nothing for anybody else. Gone without a trace when it is destroyed.
class ProgressBar {
 public:
  explicit ProgressBar(Context& context) : context_(context) {}
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;
  ~ProgressBar() { Clear(); }

  // `done` of `all` are done by now. Cheap: draws ten times a second at most.
  void Show(std::uint64_t done, std::uint64_t all);

  // Takes the bar away, before something else is printed.
  void Clear();

 private:
  using Steady = std::chrono::steady_clock;

  Context& context_;
  const Steady::time_point begun_ = Steady::now();
  Steady::time_point drawn_{};
  bool shown_ = false;
};

}  // namespace epu
