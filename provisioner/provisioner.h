#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "commands/clock.h"
#include "commands/command.h"
#include "eventlog/log.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"
#include "provisioner/driver.h"
#include "provisioner/reconcile.h"

// Keeps one site in line with the log, like a thermostat: each pass lists the site, folds what was
// recorded since, and does what is due. It has no memory that matters; a new one goes on where
// another was killed.

namespace epu {

// Takes what was learnt, to be recorded as commands of the server. What is not recorded yet is
// handed over again in the next pass, and ignored by the writer when it comes twice. May drop
// everything; does not block.
using ReportSink = std::function<void(std::vector<Order>)>;

// Used by one thread. Everything handed in outlives it.
class Provisioner {
 public:
  Provisioner(SiteNumber site, IaasDriver& driver, const EventLog& log, Clock& clock,
              ReportSink sink);
  Provisioner(const Provisioner&) = delete;
  Provisioner& operator=(const Provisioner&) = delete;

  // Goes on from `known`, a fold of the log, instead of the log's start. REQUIRES: before any Pass.
  void Resume(Projection<State> known) { known_ = std::move(known); }

  // One pass, as long as the driver's calls take. Refused calls are no errors of a pass: they are
  // reported.
  //   kFailedPrecondition   another server has started on this log: nothing was started or ended,
  //                         and never will be again
  //   the site's own        it gave no listing; nothing was concluded from that
  //   the log's own         it cannot be read; nothing was asked
  absl::Status Pass();

  // As the last complete pass found them.
  bool in_motion() const { return in_motion_; }  // A worker is on its way up or down.
  std::size_t CountStrangers() const;  // At the site, as far as nobody has decided about them.
  // The first refusal of a Terminate call, with the machine's name; OK where there was none. The
  // machine stays listed, so it is asked again.
  const absl::Status& termination_status() const { return termination_status_; }

 private:
  absl::Status Learn();
  const Site* FindOwnSite() const;
  void ReportAnswering(const Site& site, const absl::Status& listed);
  void EndMachines(const std::vector<TerminateCall>& calls);
  absl::Status StartMachines(const std::vector<LaunchCall>& calls);
  bool IsStillDue(const LaunchCall& call) const;
  std::optional<ReportWorker> Launch(const LaunchCall& call);
  void ForgetCalls();
  void Report(std::vector<Order> reports);

  const SiteNumber site_;
  IaasDriver& driver_;
  const EventLog& log_;
  Clock& clock_;
  const ReportSink sink_;

  Projection<State> known_;
  std::optional<std::uint32_t> epoch_;  // Of the server this belongs to: that of the first pass.
  CallLog calls_;
  bool in_motion_ = false;
  absl::Status termination_status_;
};

}  // namespace epu
