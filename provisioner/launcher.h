#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "commands/inbox.h"
#include "commands/launch.h"
#include "commands/writer.h"
#include "provisioner/step_maker.h"

// The launcher of a run: has the walk of a launch made, step by step, and records each before and
// after. It keeps nothing but the log: one that was killed and one that goes on do the same.

namespace epu {

// What came of one round: what was begun and what ended, as it is recorded by now.
struct LaunchNews {
  std::vector<NextStep> begun;
  std::vector<StepEnded> ended;
};

struct LauncherOptions {
  std::optional<Author> author;  // Whose command it is,
  std::string note;              // and why.
  // Told of every round, from the caller's thread, when it is durable: of one without news too, so
  // that who shows a clock can let it go on. May be empty.
  std::function<void(const State&, const LaunchNews&)> observe;
};

// Used by one thread.
class Launcher {
 public:
  // `writer` has begun its epoch. Both outlive this.
  Launcher(Writer& writer, const StepMaker& maker, LauncherOptions options);
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;
  ~Launcher();

  // Goes on with a walk of this kind that is not at its end, or begins one, and follows it to its
  // end. What another walk left under way is made to its end first; a terminate, or a reboot, gives
  // it up instead. kInterrupted when `stop` came before: no further step is begun, the programs
  // that run are left running, and the same call goes on from there. At most one call.
  //   any error   nothing more can be recorded, so nothing more is done
  absl::StatusOr<WalkEnd> Walk(WalkKind kind, std::stop_token stop);

 private:
  struct Made {
    NextStep step;
    std::optional<StepEnded> ended;  // None: given up by `stop`.
  };

  absl::Status Record(std::vector<Order> orders);
  absl::Status BeginWalk(WalkKind kind);
  absl::Status TakeUp(WalkKind kind);
  absl::Status Begin(const std::vector<NextStep>& steps);
  void Start(const NextStep& step);
  absl::Status TakeResults(LaunchNews& news);
  const Launch& launch() const { return writer_.state().launch; }

  Writer& writer_;
  const StepMaker& maker_;
  const LauncherOptions options_;
  Inbox<Made> made_;
  bool settles_ = false;           // What another walk left under way is made to its end first.
  std::stop_source stops_;         // Of all threads; asked for by a walk's own stop, or its end.
  std::vector<NextStep> waiting_;  // Recorded as begun; for a free thread.
  std::map<ServiceNumber, std::jthread> threads_;  // One a step that is being made.
};

// Steps that are made at once; each has a thread, and most of them a program.
inline constexpr std::size_t kStepsAtOnce = 128;

}  // namespace epu
