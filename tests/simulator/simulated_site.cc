#include "tests/simulator/simulated_site.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tests/simulator/process_died.h"

namespace epu::sim {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kDeadline = seconds(10);  // Of a driver's call.
constexpr Duration kHeartbeatEvery = seconds(2);
constexpr Duration kBootMax = seconds(6);
constexpr Duration kLingerMax = seconds(8);
constexpr Duration kSilenceMax = seconds(60);
constexpr std::uint64_t kAsksIgnoredMax = 8;

const std::vector<Duration> kLags = {seconds(0), seconds(1), seconds(5), seconds(20)};
const std::vector<Duration> kRepeats = {seconds(0), seconds(10), seconds(45), seconds(300),
                                        std::chrono::hours(24 * 365)};

}  // namespace

bool IsAlive(const SimulatedMachine& machine, Time now) {
  return machine.exists <= now && !machine.ended;
}

SimulatedSite::SimulatedSite(std::string name, SimulatedClock& clock, Random& random,
                             Faults& faults, SiteWatcher& watcher, std::function<void()> meanwhile)
    : name_(std::move(name)),
      clock_(clock),
      random_(random),
      faults_(faults),
      watcher_(watcher),
      meanwhile_(std::move(meanwhile)),
      facts_{random.Pick(kLags), random.Pick(kRepeats)} {}

// ---- The driver ----

absl::StatusOr<Machine> SimulatedSite::Launch(const Token& token, const LaunchSpec& spec) {
  const Time begun = clock_.Now();
  watcher_.LaunchAsked(name_, token);
  if (faults_.Fires(Fault::kCrashBeforeDriver)) throw ProcessDied{};
  SpendTime();
  const auto known = tokens_.find(token);
  if (known != tokens_.end() && begun - known->second.first_call < facts_.repeat_safe) {
    return Repeat(machines_[known->second.machine]);
  }
  if (faults_.Fires(Fault::kSiteFull)) return absl::ResourceExhaustedError("no room");
  if (faults_.Fires(Fault::kLaunchRefused)) return absl::InvalidArgumentError("no such image");
  if (faults_.Fires(Fault::kLaunchUnanswered)) return absl::UnavailableError("no answer");
  if (facts_.listing_lag > Duration::zero() && faults_.Fires(Fault::kLaunchLate)) {
    return LaunchLate(token, spec, begun);
  }
  const Time now = clock_.Now();
  Time listed = now;
  if (facts_.listing_lag > Duration::zero() && faults_.Fires(Fault::kListingLags)) {
    listed += random_.Between(Duration(1), facts_.listing_lag);
  }
  const Machine machine = Make(token, spec.worker, now, listed).machine;
  tokens_[token] = {begun, machines_.size() - 1};
  if (faults_.Fires(Fault::kCrashAfterDriver)) throw ProcessDied{};
  if (faults_.Fires(Fault::kLaunchAnswerLost)) return absl::UnavailableError("the answer is lost");
  return machine;
}

absl::StatusOr<Machine> SimulatedSite::Repeat(SimulatedMachine& machine) {
  if (faults_.Fires(Fault::kLaunchAnswerLost)) return absl::UnavailableError("the answer is lost");
  if (machine.ended) {
    return absl::FailedPreconditionError("the token was started before, and has ended");
  }
  return machine.machine;
}

// The call's end is unknown to its caller, and the machine comes after it.
absl::StatusOr<Machine> SimulatedSite::LaunchLate(const Token& token, const LaunchSpec& spec,
                                                  Time begun) {
  const Time now = clock_.Now();
  const Duration until_exists = random_.Between(Duration(1), facts_.listing_lag);
  const Duration until_listed = random_.Between(until_exists, facts_.listing_lag);
  Make(token, spec.worker, now + until_exists, now + until_listed);
  tokens_[token] = {begun, machines_.size() - 1};
  if (faults_.Fires(Fault::kCrashAfterDriver)) throw ProcessDied{};
  return absl::UnavailableError("no answer so far");
}

absl::Status SimulatedSite::Terminate(const Machine& machine, Duration stop_grace) {
  const auto found = std::find_if(machines_.begin(), machines_.end(), [&](const auto& known) {
    return known.machine.id == machine.id;
  });
  const bool exists = found != machines_.end();
  watcher_.EndAsked(name_, machine, exists && found->stranger);
  if (faults_.Fires(Fault::kCrashBeforeDriver)) throw ProcessDied{};
  SpendTime();
  if (!exists || !IsAlive(*found, clock_.Now())) return absl::OkStatus();
  if (faults_.Fires(Fault::kTerminateFails)) return absl::UnavailableError("no answer");
  if (!found->asked) {
    found->asked = clock_.Now();
    found->ends = clock_.Now() + random_.Between(milliseconds(50), stop_grace);
    if (faults_.Fires(Fault::kMachineStubborn)) {
      found->asks_ignored = random_.Between(1, kAsksIgnoredMax);
    }
  } else if (found->asks_ignored > 0 && --found->asks_ignored == 0) {
    found->ends = clock_.Now();
  }
  if (faults_.Fires(Fault::kCrashAfterDriver)) throw ProcessDied{};
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Machine>> SimulatedSite::List() {
  if (faults_.Fires(Fault::kCrashBeforeDriver)) throw ProcessDied{};
  SpendTime();
  if (faults_.Fires(Fault::kListFails)) return absl::UnavailableError("no answer");
  const Time now = clock_.Now();
  std::vector<Machine> listing;
  for (const SimulatedMachine& machine : machines_) {
    const bool shown = machine.ended ? now < machine.lingers : machine.listed <= now;
    if (shown) listing.push_back(machine.machine);
  }
  return listing;
}

void SimulatedSite::SpendTime() {
  clock_.Advance(random_.Between(milliseconds(1), milliseconds(30)));
  if (faults_.Fires(Fault::kCallSlow)) {
    clock_.Advance(random_.Between(milliseconds(500), kDeadline));
    Live();
  }
  meanwhile_();
}

// ---- The machines ----

SimulatedMachine& SimulatedSite::Make(const Token& token, WorkerId worker, Time exists,
                                      Time listed) {
  SimulatedMachine machine;
  machine.machine = {fmt::format("{}-{}", name_, machines_.size() + 1), token,
                     MachineCondition::kRunning};
  machine.worker = worker;
  machine.exists = exists;
  machine.listed = listed;
  machine.boots = exists + random_.Between(milliseconds(100), kBootMax);
  machine.never_heard = faults_.Fires(Fault::kMachineHangs);
  if (random_.OneIn(2)) machine.report = WorkReport{};
  machines_.push_back(std::move(machine));
  if (exists <= clock_.Now()) {
    watcher_.MachineMade(name_, machines_.back());
  } else {
    late_.push_back(machines_.size() - 1);
  }
  return machines_.back();
}

void SimulatedSite::AddStranger(const Token& token) {
  const Time now = clock_.Now();
  SimulatedMachine machine;
  machine.machine = {fmt::format("{}-{}", name_, machines_.size() + 1), token,
                     MachineCondition::kRunning};
  machine.stranger = true;
  machine.exists = machine.listed = now;
  machine.never_heard = true;
  machines_.push_back(std::move(machine));
}

void SimulatedSite::Live() {
  const Time now = clock_.Now();
  std::erase_if(late_, [&](std::size_t index) {
    if (machines_[index].exists > now) return false;
    watcher_.MachineMade(name_, machines_[index]);
    return true;
  });
  for (SimulatedMachine& machine : machines_) {
    if (!IsAlive(machine, now) || !machine.asked || machine.asks_ignored > 0) continue;
    if (machine.ends <= now) End(machine);
  }
  Disturb();
}

void SimulatedSite::End(SimulatedMachine& machine) {
  const Time now = clock_.Now();
  machine.ended = machine.lingers = now;
  if (machine.listed <= now && faults_.Fires(Fault::kListingLingers)) {
    machine.lingers += random_.Between(milliseconds(100), kLingerMax);
  }
}

// What befalls one of those that run; strangers are nobody's.
void SimulatedSite::Disturb() {
  if (faults_.stopped()) return;
  const Time now = clock_.Now();
  std::vector<std::size_t> alive;
  for (std::size_t i = 0; i < machines_.size(); ++i) {
    if (IsAlive(machines_[i], now) && !machines_[i].stranger) alive.push_back(i);
  }
  if (alive.empty()) return;
  SimulatedMachine& machine = machines_[random_.Pick(alive)];
  if (faults_.Fires(Fault::kMachineDies)) return End(machine);
  if (faults_.Fires(Fault::kAgentSilent)) {
    machine.silent_until = now + random_.Between(seconds(1), kSilenceMax);
  }
  if (faults_.Fires(Fault::kAgentLost)) machine.machine.condition = MachineCondition::kAgentLost;
  if (faults_.Fires(Fault::kProcessFails)) {
    machine.health = random_.OneIn(4) ? Health::kMonitorError : Health::kProcessError;
  }
}

std::vector<Heartbeat> SimulatedSite::TakeHeartbeats() {
  const Time now = clock_.Now();
  std::vector<Heartbeat> heartbeats;
  for (SimulatedMachine& machine : machines_) {
    const bool speaks = IsAlive(machine, now) && !machine.never_heard && machine.boots <= now &&
                        machine.silent_until <= now &&
                        machine.machine.condition == MachineCondition::kRunning;
    if (!speaks || machine.next_heartbeat > now) continue;
    machine.next_heartbeat = now + kHeartbeatEvery;
    if (machine.report && random_.OneIn(3)) {
      const bool busy = machine.report->activity == Activity::kBusy;
      machine.report->activity = busy ? Activity::kIdle : Activity::kBusy;
      // Once the faults have stopped it is one that no pool has to follow.
      const std::uint64_t load = faults_.stopped() ? 50 : random_.Between(0, 100);
      machine.report->metrics = {{"load", static_cast<double>(load)}};
      machine.report->age = random_.Between(Duration(0), kHeartbeatEvery);
    }
    heartbeats.push_back({machine.worker, machine.machine.token.launch, machine.health,
                          machine.health == Health::kOk ? "" : "exit status 3", machine.report});
  }
  return heartbeats;
}

}  // namespace epu::sim
