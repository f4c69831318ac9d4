#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "commands/command.h"
#include "commands/writer.h"
#include "eventlog/event.h"
#include "eventlog/memory_log.h"
#include "projections/evolve.h"
#include "projections/projection.h"
#include "projections/state.h"
#include "tests/simulator/log_checkers.h"
#include "tests/simulator/simulated_clock.h"
#include "tests/simulator/simulated_site.h"
#include "tests/simulator/trace.h"
#include "tests/simulator/verdict.h"

namespace epu::sim {

using Sites = std::vector<std::unique_ptr<SimulatedSite>>;

// Sees what happens while it happens: reads the disk behind the server's back, watches the sites
// and hears the answers, and shows everything to the checkers.
class Witness final : public SiteWatcher {
 public:
  // All outlive this.
  Witness(const MemoryLog& disk, SimulatedClock& clock, const Sites& sites, Verdict& verdict,
          Trace& trace);

  // Reads what was written since.
  void Follow();

  // The sites' machines, against what the log knows of them.
  void SeeMachines();
  // What the writer knows, against the log.
  void SeeWriter(const Writer& writer);
  // An answer as the writer gives it in a turn that began with the log at `head`, and as it reaches
  // its client.
  void SeeAnswerGiven(CommandId id, const Answer& answer, Sequence head);
  void SeeAnswerHeard(CommandId id, const Answer& answer);

  void LaunchAsked(const std::string& site, const Token& token) override;
  void MachineMade(const std::string& site, const SimulatedMachine& machine) override;
  void EndAsked(const std::string& site, const Machine& machine, bool stranger) override;

  // The log, folded on the way; and every event of it.
  const State& state() const { return known_.state; }
  const std::vector<Event>& events() const { return events_; }

 private:
  const Worker* WorkerBehind(const LaunchId& launch) const;
  void SeeLimits(const SimulatedMachine& made, const std::string& site);

  const MemoryLog& disk_;
  SimulatedClock& clock_;
  const Sites& sites_;
  Verdict& verdict_;
  Trace& trace_;

  Projection<State> known_;
  std::vector<Event> events_;
  std::map<LaunchId, WorkerId> requested_;
  std::map<Token, std::string> made_;
  std::map<CommandId, Outcome> recorded_;  // What each command came to, as the log has it.
  std::set<CommandId> given_;              // Whose outcome the writer gave as an answer.
  WorkerChecker workers_;
  OnceChecker once_;
  LimitChecker limits_;
};

}  // namespace epu::sim
