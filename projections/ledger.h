#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "eventlog/event.h"

// The ledger of machines: every one that an intent opened is closed by an observed end, or is open.
// A fold of its own, beside State and simpler than it, so that one can be held against the other.

namespace epu {

struct LedgerEntry {
  SiteNumber site{};
  LaunchId launch;
  Sequence request = 0;  // The WorkerRequested event.
  Sequence opened = 0;   // The event with which the site began to be asked; 0: it was not yet.
  Time since{};          // When that was.
  WorkerState state = WorkerState::kRequested;  // Of its worker, as last recorded.
  std::string machine;                          // As the site calls it, once that is known.
  bool operator==(const LedgerEntry&) const = default;
};

struct Ledger {
  std::uint64_t opened = 0;    // Machines that may ever have existed,
  std::uint64_t closed = 0;    // of these, those whose end was observed,
  std::uint64_t disowned = 0;  // and those that stayed with the log this one is a copy of.
  std::map<WorkerId, LedgerEntry> entries;  // Requests that are neither closed nor given up.
  std::string log_id;
  bool operator==(const Ledger&) const = default;
};

void Evolve(Ledger& ledger, const Event& event);

// The kinds of event that it is a fold of; for CatchUp.
bool ConcernsLedger(std::size_t kind);

// opened − closed − disowned: the machines that may exist now.
std::uint64_t CountOpen(const Ledger& ledger);

}  // namespace epu
