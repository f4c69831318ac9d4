#include "tests/simulator/witness.h"

#include <algorithm>

#include <fmt/format.h>

#include "eventlog/check.h"
#include "eventlog/codec.h"

namespace epu::sim {
namespace {

constexpr ReadLimit kEverything{SIZE_MAX, SIZE_MAX};

bool SaysAMachineMayExist(const Worker* worker) {
  return worker != nullptr && worker->presence != Presence::kUnasked &&
         worker->presence != Presence::kGone;
}

}  // namespace

Witness::Witness(const MemoryLog& disk, SimulatedClock& clock, const Sites& sites, Verdict& verdict,
                 Trace& trace)
    : disk_(disk),
      clock_(clock),
      sites_(sites),
      verdict_(verdict),
      trace_(trace),
      workers_(verdict),
      once_(verdict),
      limits_(verdict) {}

void Witness::Follow() {
  const auto seen = disk_.Visit(known_.position, kEverything, [&](Sequence, RecordView record) {
    absl::StatusOr<Event> event = Decode(record);
    CHECK(event.ok());
    if (trace_.on()) trace_.Say(Describe(*event));
    workers_.See(*event);
    once_.See(*event);
    if (const auto* request = std::get_if<WorkerRequested>(&event->payload)) {
      requested_[request->launch] = {request->epu, request->worker};
    }
    if (event->command.client != 0 && event->place.index == 0) {
      const Sequence last = event->sequence + event->place.count - 1;
      recorded_[event->command] = {event->command.number, event->sequence, last};
    }
    Evolve(known_.state, *event);
    limits_.See(known_.state, *event);
    events_.push_back(*std::move(event));
    return true;
  });
  CHECK(seen.ok());
  known_.position = *seen;
}

const Worker* Witness::WorkerBehind(const LaunchId& launch) const {
  const auto found = requested_.find(launch);
  return found == requested_.end() ? nullptr : FindWorker(known_.state, found->second);
}

// ---- The log and its writer ----

void Witness::SeeWriter(const Writer& writer) {
  if (!writer.fault().ok()) return;
  Follow();
  if (!verdict_.Holds(Check::kFoldIsTheWriters, writer.state() == known_.state)) {
    verdict_.Fail(Check::kFoldIsTheWriters, fmt::format("the writer stands at {}, the log at {}",
                                                        writer.state().head, known_.state.head));
  }
}

// What is in the log of a command is its answer from then on. (Of two copies in one turn the first
// may have found nothing to do, and something to do the second.)
void Witness::SeeAnswerGiven(CommandId id, const Answer& answer, Sequence head) {
  Follow();
  const auto found = recorded_.find(id);
  if (!answer.status.ok() || found == recorded_.end()) return;
  if (answer.first == 0 && found->second.first > head) return;
  if (given_.insert(id).second && answer.first != 0) return;
  const Outcome given{id.number, answer.first, answer.last};
  if (!verdict_.Holds(Check::kRepeatsGetTheFirst, found->second == given)) {
    verdict_.Fail(Check::kRepeatsGetTheFirst,
                  fmt::format("command {} is recorded at {}, and answered with {}",
                              FormatCommandId(id), found->second.first, answer.first));
  }
}

void Witness::SeeAnswerHeard(CommandId id, const Answer& answer) {
  if (!answer.status.ok() || answer.first == 0) return;
  Follow();
  bool there = answer.last >= answer.first && answer.last <= events_.size();
  for (Sequence sequence = answer.first; there && sequence <= answer.last; ++sequence) {
    const Event& event = events_[sequence - 1];
    there = event.command == id && event.place.index == sequence - answer.first &&
            event.place.count == answer.last - answer.first + 1;
  }
  if (!verdict_.Holds(Check::kAcknowledgedIsThere, there)) {
    verdict_.Fail(Check::kAcknowledgedIsThere,
                  fmt::format("command {} was answered with {} to {}", FormatCommandId(id),
                              answer.first, answer.last));
  }
}

// ---- The sites ----

void Witness::LaunchAsked(const std::string& site, const Token& token) {
  Follow();
  if (trace_.on()) trace_.Say(fmt::format("  launch {} at {}", FormatToken(token), site));
  const Site* known = FindSite(known_.state, site);
  const bool enabled = known != nullptr && known_.state.enabled && known->enabled;
  if (!verdict_.Holds(Check::kNoLaunchWhileDisabled, enabled)) {
    verdict_.Fail(Check::kNoLaunchWhileDisabled, FormatToken(token));
  }
}

void Witness::MachineMade(const std::string& site, const SimulatedMachine& machine) {
  Follow();
  const Token& token = machine.machine.token;
  const std::string name = FormatToken(token);
  if (trace_.on()) trace_.Say(fmt::format("  machine {} of {} made", machine.machine.id, name));
  const auto [first, fresh] = made_.emplace(token, machine.machine.id);
  if (!verdict_.Holds(Check::kOneMachineForOneIntent, fresh)) {
    verdict_.Fail(Check::kOneMachineForOneIntent,
                  fmt::format("{} made {} and {}", name, first->second, machine.machine.id));
  }
  if (!verdict_.Holds(Check::kIntentBeforeMachine,
                      SaysAMachineMayExist(WorkerBehind(token.launch)))) {
    verdict_.Fail(Check::kIntentBeforeMachine, fmt::format("{} was made without", name));
    return;
  }
  SeeLimits(machine, site);
}

void Witness::SeeLimits(const SimulatedMachine& made, const std::string& site) {
  const EpuNumber pool = requested_.at(made.machine.token.launch).epu;
  std::size_t of_pool = 0;
  std::size_t of_site = 0;
  std::size_t of_run = 0;
  for (const auto& other : sites_) {
    for (const SimulatedMachine& machine : other->machines()) {
      if (machine.stranger || !IsAlive(machine, clock_.Now())) continue;
      ++of_run;
      if (other->name() == site) ++of_site;
      if (machine.worker.epu == pool) ++of_pool;
    }
  }
  const Site* known = FindSite(known_.state, site);
  CHECK(known != nullptr);
  limits_.SeeMachines(pool, of_pool, known->number, of_site, of_run);
}

void Witness::EndAsked(const std::string& site, const Machine& machine, bool stranger) {
  Follow();
  if (trace_.on()) trace_.Say(fmt::format("  end {} at {}", machine.id, site));
  if (!verdict_.Holds(Check::kStrangersLeftAlone, !stranger)) {
    verdict_.Fail(Check::kStrangersLeftAlone, FormatToken(machine.token));
  }
  const Worker* worker = WorkerBehind(machine.token.launch);
  const bool over = worker == nullptr || worker->state >= WorkerState::kTerminating;
  if (!verdict_.Holds(Check::kOnlyTheEndedAreEnded, over)) {
    verdict_.Fail(Check::kOnlyTheEndedAreEnded, fmt::format("{} is asked to end, its worker is {}",
                                                            machine.id, StateName(worker->state)));
  }
}

void Witness::SeeMachines() {
  Follow();
  for (const auto& site : sites_) {
    for (const SimulatedMachine& machine : site->machines()) {
      if (machine.stranger || !IsAlive(machine, clock_.Now())) continue;
      const Worker* worker = WorkerBehind(machine.machine.token.launch);
      if (verdict_.Holds(Check::kIntentBeforeMachine, SaysAMachineMayExist(worker))) continue;
      verdict_.Fail(
          Check::kIntentBeforeMachine,
          fmt::format("{} of {} is there, and the log {}", machine.machine.id,
                      FormatToken(machine.machine.token),
                      worker == nullptr ? "has forgotten its worker" : "says that it is not"));
    }
  }
}

}  // namespace epu::sim
