#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "commands/dice.h"
#include "commands/given.h"
#include "commands/launch.h"

// A launch as a property test drives it: launchers that come and are killed, with the production
// LookBack, LookAhead, Decide and Evolve, and the world that they leave behind. No threads, no
// programs: what a step comes to is a matter of the seed.
//
// The fault model. Any step may fail, some steps of a service always do; a request for a machine
// also so that the machine is there after all. A launcher may be killed before and after whatever
// it does: a step that was begun may have been made or not. What is made again is found as it was
// left: a machine by its token, a boot or terminate program by its mark. Steps of one round end in
// any order.

namespace epu {

// Machines and hosts. An outcome hangs on the seed, the step, and how often that step of that
// attempt was seen to its end, so that a step that is made again comes to the same.
class LaunchWorld {
 public:
  LaunchWorld(std::uint64_t seed, unsigned failures_percent)
      : seed_(seed), failures_percent_(failures_percent) {}

  // Makes a step that is recorded as begun.
  StepEnded Make(const Launch& launch, const NextStep& step);
  void NoteRecorded(const NextStep& step) { ++ends_[Key(step)]; }
  bool WasRecorded(const NextStep& step) const { return ends_.contains(Key(step)); }
  void StopFailing() { failures_percent_ = 0; }

  const std::set<LaunchId>& machines() const { return machines_; }
  // What must not be: "a was booted twice on one machine".
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  using StepKey = std::pair<std::pair<ServiceNumber, std::uint32_t>, ServiceStep>;
  static StepKey Key(const NextStep& step) { return {{step.service, step.attempt}, step.step}; }

  bool Fails(const NextStep& step) const;
  bool HasHost(const Launch& launch, const Service& service) const;
  std::string MakeMachine(const Service& service, const NextStep& step);
  std::string RunOnce(const Service& service, const NextStep& step);
  std::string Verify(const Launch& launch, const Service& service, const NextStep& step);
  std::string EndIt(const Service& service, const NextStep& step);

  std::uint64_t seed_;
  unsigned failures_percent_;
  std::set<LaunchId> machines_;
  std::set<LaunchId> booted_;             // Machines that a boot program ran on.
  std::map<StepKey, std::string> marks_;  // Of programs that are run once: how they ended.
  std::map<StepKey, std::uint64_t> ends_;
  std::vector<std::string> faults_;
};

// What befalls a launcher, in percent of the times that it may.
struct Luck {
  unsigned killed_percent = 0;
  unsigned interrupted_percent = 0;
  bool one_by_one = false;  // Steps end one by one, in any order; else all of a round at once.
};

// Asked of each step right before it is recorded as begun, and after each that was recorded as
// ended.
struct LaunchChecks {
  void (*before_step)(const Launch&, const LaunchWorld&, const NextStep&);
  void (*after_step)(const Launch&, const LaunchWorld&);
};

class LaunchDrive {
 public:
  LaunchDrive(std::uint64_t seed, unsigned failures_percent, LaunchChecks checks)
      : world_(seed, failures_percent), dice_(~seed), checks_(checks) {}

  absl::Status Plan(std::vector<ServiceDefinition> services, bool again);

  // A launcher of its own goes on with a walk of this kind, or begins one. None: it was killed.
  std::optional<WalkEnd> Walk(WalkKind kind, const Luck& luck);

  const Given& given() const { return given_; }
  const Launch& launch() const { return given_.state().launch; }
  LaunchWorld& world() { return world_; }

 private:
  void Send(Order order);
  void BeginWalk(WalkKind kind);
  void Begin(const std::vector<NextStep>& steps);
  void EndOne();
  bool Happens(unsigned percent) { return dice_.Below(100) < percent; }

  Given given_;
  LaunchWorld world_;
  Dice dice_;
  LaunchChecks checks_;
  std::vector<NextStep> waiting_;
};

// Rounds of one walk; a walk that takes more does not end. A service has at most three attempts of
// six steps in it, and another one's three when it is on that one's machine.
inline constexpr int kRoundsMax = 1'000;

}  // namespace epu
