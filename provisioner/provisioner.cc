#include "provisioner/provisioner.h"

#include <algorithm>
#include <utility>

#include <absl/status/statusor.h>
#include <fmt/format.h>

namespace epu {
namespace {

bool IsInMotion(const Worker& worker) {
  return worker.state != WorkerState::kRunning || worker.presence != Presence::kListed;
}

bool AnyInMotion(const State& state, SiteNumber site) {
  for (const auto& [epu_number, epu] : state.epus) {
    for (const auto& [number, worker] : epu.workers) {
      if (worker.site == site && IsInMotion(worker)) return true;
    }
  }
  return false;
}

std::string TextOf(const absl::Status& status) {
  const absl::string_view message = status.message();
  if (message.empty()) return absl::StatusCodeToString(status.code());
  return CutText(std::string_view(message.data(), message.size()));
}

// What sensors say is nothing to a site, and most of a log.
bool ConcernsSite(std::size_t kind) { return !IsKindOf<ReadingTaken>(kind); }

}  // namespace

Provisioner::Provisioner(SiteNumber site, IaasDriver& driver, const EventLog& log, Clock& clock,
                         ReportSink sink)
    : site_(site), driver_(driver), log_(log), clock_(clock), sink_(std::move(sink)) {}

absl::Status Provisioner::Pass() {
  Listing listing;
  listing.begun = clock_.Now();
  absl::StatusOr<std::vector<Machine>> machines = driver_.List();
  if (absl::Status learnt = Learn(); !learnt.ok()) return learnt;
  const Site* site = FindOwnSite();
  if (site == nullptr) return absl::OkStatus();
  ReportAnswering(*site, machines.status());
  if (!machines.ok()) return machines.status();
  listing.machines = *std::move(machines);

  ForgetCalls();
  Reconciliation due =
      Reconcile(known_.state, *site, listing, driver_.Facts(), calls_, clock_.Now());
  in_motion_ = AnyInMotion(known_.state, site_) || !due.terminations.empty();
  Report(std::move(due.reports));
  EndMachines(due.terminations);
  return StartMachines(due.launches);
}

// Folds what was recorded since. Another server's start is the end of this provisioner: the log,
// and with it the site, is that server's.
absl::Status Provisioner::Learn() {
  if (absl::Status caught_up = CatchUp(log_, known_, ~Sequence{0}, &ConcernsSite); !caught_up.ok())
    return caught_up;
  if (!epoch_) epoch_ = known_.state.epoch;
  if (known_.state.epoch == *epoch_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("another server (epoch {:04x}) has started on this log", known_.state.epoch));
}

const Site* Provisioner::FindOwnSite() const {
  const auto found = known_.state.sites.find(site_);
  return found == known_.state.sites.end() ? nullptr : &found->second;
}

// Whether the site answers, where that is news; and while it does not, that its new workers are
// waiting for it.
void Provisioner::ReportAnswering(const Site& site, const absl::Status& listed) {
  const std::string error = listed.ok() ? std::string() : TextOf(listed);
  std::vector<Order> reports;
  if (site.answering != listed.ok() || site.error != error) {
    reports.push_back(ReportSite{site_, listed.ok(), error});
  }
  for (const auto& [number, epu] : known_.state.epus) {
    if (listed.ok()) break;
    for (const auto& [worker_number, worker] : epu.workers) {
      if (worker.site != site_ || worker.state != WorkerState::kRequested) continue;
      reports.push_back(ReportWorker{
          {number, worker_number}, WorkerState::kErrorRetrying, Reason::kIaasProblem, error, ""});
    }
  }
  Report(std::move(reports));
}

std::size_t Provisioner::CountStrangers() const {
  const auto& strangers = known_.state.strangers;
  return static_cast<std::size_t>(
      std::count_if(strangers.begin(), strangers.end(), [&](const auto& entry) {
        return entry.second.site == site_ && entry.second.fate == StrangerFate::kUndecided;
      }));
}

void Provisioner::EndMachines(const std::vector<TerminateCall>& calls) {
  termination_status_ = absl::OkStatus();
  for (const TerminateCall& call : calls) {
    const absl::Status ended = driver_.Terminate(call.machine, call.stop_grace);
    if (ended.ok() || !termination_status_.ok()) continue;
    termination_status_ =
        absl::Status(ended.code(), fmt::format("{}: {}", call.machine.id, TextOf(ended)));
  }
}

// The state and the time are asked again before each call: whoever disabled launching sees no call
// begun after that was recorded, and a site is asked again only while it knows the token, however
// long the calls before took.
absl::Status Provisioner::StartMachines(const std::vector<LaunchCall>& calls) {
  for (const LaunchCall& call : calls) {
    if (absl::Status learnt = Learn(); !learnt.ok()) return learnt;
    if (!IsStillDue(call)) continue;
    std::optional<ReportWorker> outcome = Launch(call);
    calls_.launch_ended[call.token.launch] = clock_.Now();
    if (outcome) Report({*std::move(outcome)});
  }
  return absl::OkStatus();
}

bool Provisioner::IsStillDue(const LaunchCall& call) const {
  const Site* site = FindOwnSite();
  const Worker* worker = FindWorker(known_.state, call.spec.worker);
  return known_.state.enabled && site != nullptr && site->enabled && worker != nullptr &&
         worker->state == WorkerState::kPending && worker->presence == Presence::kOpened &&
         worker->launch == call.token.launch &&
         MayLaunch(known_.state, *worker, driver_.Facts(), calls_, clock_.Now());
}

std::optional<ReportWorker> Provisioner::Launch(const LaunchCall& call) {
  const absl::StatusOr<Machine> machine = driver_.Launch(call.token, call.spec);
  if (machine.ok()) {
    return ReportWorker{call.spec.worker, WorkerState::kStarted, Reason::kNone, {}, machine->id};
  }
  if (absl::IsUnavailable(machine.status())) return std::nullopt;
  const bool full = absl::IsResourceExhausted(machine.status());
  return ReportWorker{call.spec.worker,
                      WorkerState::kFailed,
                      full ? Reason::kIaasFull : Reason::kIaasProblem,
                      TextOf(machine.status()),
                      {}};
}

// Of launches whose worker is over nothing need be remembered.
void Provisioner::ForgetCalls() {
  std::map<LaunchId, Time> kept;
  for (const auto& [epu_number, epu] : known_.state.epus) {
    for (const auto& [number, worker] : epu.workers) {
      const auto found = calls_.launch_ended.find(worker.launch);
      if (found != calls_.launch_ended.end()) kept.insert(*found);
    }
  }
  calls_.launch_ended = std::move(kept);
}

void Provisioner::Report(std::vector<Order> reports) {
  if (!reports.empty()) sink_(std::move(reports));
}

}  // namespace epu
