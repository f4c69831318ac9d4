#include "projections/ledger.h"

#include <variant>

#include "eventlog/overloaded.h"
#include "projections/projection.h"

namespace epu {
namespace {

void Disown(Ledger& ledger) {
  ledger.disowned += CountOpen(ledger);
  ledger.entries.clear();
}

void Follow(Ledger& ledger, const Event& event, const WorkerChanged& change) {
  const auto found = ledger.entries.find({change.epu, change.worker});
  if (found == ledger.entries.end()) return;
  LedgerEntry& entry = found->second;
  entry.state = change.to;
  if (!change.machine.empty()) entry.machine = change.machine;
  const bool asked = change.to >= WorkerState::kPending && change.to < WorkerState::kTerminating;
  if (asked && entry.opened == 0) {
    entry.opened = event.sequence;
    entry.since = event.time;
    ++ledger.opened;
  }
  if (change.to >= WorkerState::kTerminated && entry.opened == 0) ledger.entries.erase(found);
}

void Follow(Ledger& ledger, const MachineChanged& change) {
  const auto found = ledger.entries.find({change.epu, change.worker});
  if (found == ledger.entries.end()) return;
  if (!change.machine.empty()) found->second.machine = change.machine;
  if (change.to != Presence::kGone) return;
  if (found->second.opened != 0) ++ledger.closed;
  ledger.entries.erase(found);
}

}  // namespace

void Evolve(Ledger& ledger, const Event& event) {
  std::visit(Overloaded{
                 [&](const ServerStarted& start) {
                   if (!ledger.log_id.empty() && ledger.log_id != start.log_id) Disown(ledger);
                   ledger.log_id = start.log_id;
                 },
                 [&](const WorkerRequested& request) {
                   LedgerEntry& entry = ledger.entries[{request.epu, request.worker}];
                   entry.site = request.site;
                   entry.launch = request.launch;
                   entry.request = event.sequence;
                 },
                 [&](const WorkerChanged& change) { Follow(ledger, event, change); },
                 [&](const MachineChanged& change) { Follow(ledger, change); },
                 [](const auto&) {},
             },
             event.payload);
}

bool ConcernsLedger(std::size_t kind) {
  return IsKindOf<ServerStarted, WorkerRequested, WorkerChanged, MachineChanged>(kind);
}

std::uint64_t CountOpen(const Ledger& ledger) {
  return ledger.opened - ledger.closed - ledger.disowned;
}

}  // namespace epu
