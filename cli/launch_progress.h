#pragma once

#include <map>
#include <string>

#include "cli/context.h"
#include "provisioner/launcher.h"

namespace epu {

// What a person sees of a walk while it goes on, on stderr: on a terminal a table that is drawn
// again, elsewhere a line for each step that ended and each level that began. Used by one thread.
class LaunchProgress {
 public:
  explicit LaunchProgress(Context& context);
  LaunchProgress(const LaunchProgress&) = delete;
  LaunchProgress& operator=(const LaunchProgress&) = delete;

  // To be told of every round.
  void Show(const State& state, const LaunchNews& news);

 private:
  void Draw(const State& state);
  void Say(const State& state, const LaunchNews& news);

  Context& context_;
  const bool draws_;
  std::optional<std::uint32_t> level_;   // The last that was said to begin.
  std::map<ServiceNumber, Time> begun_;  // The step under way of each.
  Time drawn_{};
};

}  // namespace epu
