#pragma once

#include <map>
#include <vector>

#include "commands/command.h"
#include "projections/state.h"
#include "provisioner/driver.h"

// What to ask of a site and what to report of it. Pure: the same state, listing and time give the
// same answer, so a crash at any point is repaired by the next pass.
//
//   REQUESTED ──report──► PENDING ──Launch──► listed: STARTED ──heartbeat (health.h)──► RUNNING
//       │ disabled              │ too long               │ not listed: FAILED, NODE_DISAPPEARED
//       ▼                       ▼                        ▼ agent lost, never heard: RUNNING_FAILED
//    REJECTED             FAILED, IAAS_TIMEOUT
//   TERMINATING and above: Terminate while listed; gone when a complete listing proves it.
//
// A listing proves that there is no machine when it was begun a listing lag after the last Launch
// call for it came back; of calls made before this process, after the server's start.

namespace epu {

// A complete answer of the site. `begun` is when it was asked, before the state was read: every
// machine on the listing therefore has its intent in the state.
struct Listing {
  Time begun{};
  std::vector<Machine> machines;
};

// What the caller remembers of its own calls; lost with the process, and then counted from the
// server's start.
struct CallLog {
  std::map<LaunchId, Time> launch_ended;  // When the last Launch call for it came back.
};

struct LaunchCall {
  Token token;
  LaunchSpec spec;
  bool operator==(const LaunchCall&) const = default;
};
struct TerminateCall {
  Machine machine;
  Duration stop_grace{};
  bool operator==(const TerminateCall&) const = default;
};

struct Reconciliation {
  std::vector<Order> reports;  // To be recorded; none of the calls below depends on one of them.
  std::vector<LaunchCall> launches;
  std::vector<TerminateCall> terminations;
  bool operator==(const Reconciliation&) const = default;
};

// What is due at `site`. Workers of other sites are left alone, and so are their machines where two
// sites list the same ones. Reports, launches and terminations of workers come in the order of EPUs
// and workers; then those of orphans and strangers, by launch.
//
// An orphan is a machine of an epoch of this log that belongs to no worker: its intent would be in
// `decided`, which is newer than the listing, so that worker is over. A stranger is a machine of a
// request that is not in this log: it is reported, and left alone until an operator says otherwise.
// A machine with the id of another log is no business of this one. Where a site lists several
// machines with the token of one worker, the one that the state knows is kept, else the first by id
// (the shorter, then the lesser), and the others are ended.
Reconciliation Reconcile(const State& decided, const Site& site, const Listing& listing,
                         const DriverFacts& facts, const CallLog& calls, Time now);

// Whether a Launch call for `worker` may begin at `now`: a first one at any time, another one while
// the site still knows the token of the first. Asked again right before each call: those before it
// took their time.
bool MayLaunch(const State& decided, const Worker& worker, const DriverFacts& facts,
               const CallLog& calls, Time now);

// A launch that the site has not answered for this long has failed (the original's limit of an IaaS
// call). Counted from the server's start where that is later: nobody asked before.
inline constexpr Duration kPendingMax = std::chrono::seconds(60);

// The grace of an orphan: its EPU's is not known. That of an EPU that says nothing.
inline constexpr Duration kOrphanGrace = std::chrono::seconds(10);

}  // namespace epu
