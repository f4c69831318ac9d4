#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "cli/verbs.h"
#include "projections/state.h"
#include "provisioner/process_table.h"

namespace epu {

// `killrun`: disables, ends every worker, proves that none is left. Each step may be repeated, so a
// killrun that was interrupted or gave up is simply run again.
//
// Proof is two things: the log's ledger has no worker whose machine may exist, and two complete
// listings of every site, one after the other, show no machine of this log. A listing that failed
// proves nothing. At the end stands the ledger's balance, which is zero, as a line of a signed
// checkpoint; without it killrun has failed.
struct KillrunArguments {
  bool without_provisioner = false;  // These are of a launch: see kill_launch.h.
  bool no_fetch = false;
};

void BindKillrun(CLI::App& app, KillrunArguments& arguments);
Exit RunKillrun(Context& context, const KillrunArguments& arguments);

// ---- Pure ----

// "Disables the provisioner of run default and ends 10 workers (crunch 5, thumbs 2, web 3)."
std::string KillrunQuestion(const std::string& run, const State& state);

// The workers whose machine may exist or whose end is not recorded: "crunch/12 (pid 40177)".
std::vector<std::string> OpenWorkers(const State& state);

// What a listing of this machine shows of the log of `state`.
struct RunMachines {
  std::vector<std::string> ours;  // "pid 40177 (k3f9-5d1e-208)", one a token, its oldest process.
  std::vector<std::string> strangers;  // From another history of this log; they are left alone.
  bool operator==(const RunMachines&) const = default;
};
RunMachines MachinesOfRun(const std::vector<Process>& processes, const State& state);

}  // namespace epu
