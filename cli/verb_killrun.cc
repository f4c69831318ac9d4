#include "cli/verb_killrun.h"

#include <algorithm>
#include <map>
#include <optional>
#include <ostream>
#include <variant>

#include <fmt/format.h>

#include "cli/change.h"
#include "cli/checkpoints.h"
#include "cli/look.h"
#include "cli/run_keys.h"
#include "projections/ledger.h"
#include "projections/pool.h"
#include "provisioner/driver.h"

namespace epu {
namespace {

constexpr Duration kPoll = std::chrono::milliseconds(100);

// How long nothing may end, beyond the longest grace of a worker, before killrun gives up: a busy
// machine takes some seconds, a site that does not answer takes for ever.
constexpr Duration kPatience = std::chrono::seconds(30);

// Two listings stand apart by more than it takes to fork.
constexpr Duration kBetweenListings = std::chrono::milliseconds(200);

std::string Workers(std::size_t count) {
  return fmt::format("{} worker{}", count, count == 1 ? "" : "s");
}

bool AnyAlive(const State& state) {
  return std::any_of(state.epus.begin(), state.epus.end(), [](const auto& entry) {
    const std::map<WorkerNumber, Worker>& workers = entry.second.workers;
    return std::any_of(workers.begin(), workers.end(),
                       [](const auto& worker) { return IsAlive(worker.second); });
  });
}

Duration LongestGrace(const State& state) {
  Duration longest{};
  for (const auto& [number, epu] : state.epus) {
    if (!epu.workers.empty()) longest = std::max(longest, epu.definition.worker.stop_grace);
  }
  return longest;
}

// One killrun on its way.
struct Killrun {
  Context& context;
  const EventLog& log;
  CommandSender sender;
  Projection<State> known;
  std::size_t total = 0;  // Workers there at the start.
  Time begun{};
  Sequence disabled_at = 0;  // 0: it was disabled before.
};

// Has the server end workers until it finds none. A command makes a bounded number of events.
absl::Status EndAll(Killrun& killrun) {
  for (;;) {
    const absl::StatusOr<Answer> answer = killrun.sender.Send(EndRun{}, "the end of the run");
    if (!answer.ok()) return answer.status();
    if (answer->first == 0) return absl::OkStatus();
    for (Sequence at = answer->first; at <= answer->last && killrun.disabled_at == 0; ++at) {
      const std::optional<Event> event = ReadEvent(killrun.log, at);
      if (!event || std::holds_alternative<WorkerChanged>(event->payload)) break;
      if (std::holds_alternative<LaunchingSwitched>(event->payload)) killrun.disabled_at = at;
    }
  }
}

// Calls `is_done` until it says so. False when nothing got better for too long; `left` is what gets
// less. kUnavailable when the server has been away for the timeout: nothing ends without it.
template <typename Done, typename Left>
absl::StatusOr<bool> Await(Killrun& killrun, Done is_done, Left left) {
  const Duration patience =
      std::max(LongestGrace(killrun.known.state) + kPatience, killrun.context.GetOptions().timeout);
  std::size_t least = left();
  Time since = killrun.context.Now();
  Time served = since;
  for (;;) {
    if (absl::Status status = CatchUp(killrun.log, killrun.known); !status.ok()) return status;
    if (is_done()) return true;
    if (killrun.known.state.enabled || AnyAlive(killrun.known.state)) {
      if (absl::Status status = EndAll(killrun); !status.ok()) return status;
    }
    const Time now = killrun.context.Now();
    if (killrun.context.IsServed()) served = now;
    if (now - served > killrun.context.GetOptions().timeout) {
      return absl::UnavailableError(fmt::format(
          "no server at {} any more: {} left, and nothing is ended without it; start it with: epud "
          "--run {}, then epumgmt killrun goes on from here",
          killrun.context.Paths().endpoint, Workers(left()), killrun.context.GetOptions().run));
    }
    if (left() < least) {
      least = left();
      since = now;
    }
    if (now - since >= patience) return false;
    Pause(kPoll);
  }
}

Exit GiveUp(Killrun& killrun, const std::vector<std::string>& alive, std::string_view why) {
  const std::string ids = fmt::format("{}", fmt::join(alive, ", "));
  return killrun.context.Fail(Exit::kRefused,
                              fmt::format("{}{}{}; epumgmt killrun goes on from here", why,
                                          alive.empty() ? "" : ": ", ids));
}

// Lists this machine twice in a row without a machine of this run. None when that is so.
std::optional<Exit> ProveZero(Killrun& killrun, RunMachines& machines) {
  std::size_t zeros = 0;
  absl::Status listed;
  const auto list = [&] {
    const absl::StatusOr<std::vector<Process>> processes = ReadProcesses();
    listed = processes.status();
    if (processes.ok()) machines = MachinesOfRun(*processes, killrun.known.state);
    zeros = processes.ok() && machines.ours.empty() ? zeros + 1 : 0;
    if (zeros == 1) Pause(kBetweenListings);
    return zeros == 2;
  };
  const absl::StatusOr<bool> proven = Await(killrun, list, [&] { return machines.ours.size(); });
  if (!proven.ok()) return killrun.context.Fail(proven.status());
  if (*proven) return std::nullopt;
  if (!listed.ok()) {
    return GiveUp(killrun, {},
                  fmt::format("this machine cannot be listed, so nothing is proven: {}",
                              std::string(listed.message())));
  }
  return GiveUp(killrun, machines.ours, "still alive");
}

// Sites are on this machine (driver process); the listing is one for all of them.
std::string SiteNames(const State& state) {
  std::string names;
  for (const auto& [number, site] : state.sites) {
    names += (names.empty() ? "" : ", ") + site.definition.name;
  }
  return names.empty() ? "this machine" : names;
}

void SayEnded(const Killrun& killrun, double seconds) {
  const Options& options = killrun.context.GetOptions();
  if (options.json || options.quiet) return;
  const std::string disabled = killrun.disabled_at == 0
                                   ? "was disabled before"
                                   : fmt::format("disabled at {}", killrun.disabled_at);
  killrun.context.Print(fmt::format("{}; {} of {} ended in {:.1f}s\n", disabled, killrun.total,
                                    killrun.total, seconds));
  killrun.context.Out().flush();
}

// What the ledger comes to at the end, and the checkpoint that covers it and has it as a line.
struct Balance {
  Ledger ledger;
  std::string note;
};

std::string BalanceText(const Ledger& ledger) {
  return fmt::format("{} opened, {} ended, {} open{}", ledger.opened, ledger.closed,
                     CountOpen(ledger),
                     ledger.disowned == 0 ? "" : fmt::format(", {} disowned", ledger.disowned));
}

absl::StatusOr<Balance> SignBalance(Killrun& killrun) {
  const Sequence head = killrun.known.state.head;
  Projection<Ledger> fold;
  absl::Status folded = CatchUp(killrun.log, fold, head, &ConcernsLedger);
  if (!folded.ok()) return folded;
  if (CountOpen(fold.state) != 0) {
    return absl::FailedPreconditionError(
        fmt::format("{} in the ledger, see: epumgmt leaks", BalanceText(fold.state)));
  }
  const std::string& log_id = killrun.known.state.log_id;
  const absl::StatusOr<SigningKey> key = RunSigner(killrun.context, log_id);
  if (!key.ok()) return key.status();
  absl::StatusOr<Checkpoint> checkpoint =
      CheckpointAt(killrun.log, log_id, head, RunTree(killrun.context).blocks);
  if (!checkpoint.ok()) return checkpoint.status();
  checkpoint->further.push_back("machines " + BalanceText(fold.state));
  return Balance{std::move(fold.state), SignNote(FormatCheckpoint(*checkpoint), *key)};
}

Exit SayProven(Killrun& killrun, const RunMachines& machines, double seconds) {
  const Options& options = killrun.context.GetOptions();
  const State& state = killrun.known.state;
  const absl::StatusOr<Balance> balance = SignBalance(killrun);
  if (!balance.ok()) {
    return killrun.context.Fail(
        Exit::kRefused,
        fmt::format("every worker is ended, and there is no signed balance of it: {}; epumgmt "
                    "killrun goes on from here",
                    std::string(balance.status().message())));
  }
  if (options.json) {
    const Json json = {{"run", options.run},
                       {"disabled_at", SequenceOrNull(killrun.disabled_at)},
                       {"ended", killrun.total},
                       {"ended_s", seconds},
                       {"alive", Json::array()},
                       {"strangers", machines.strangers},
                       {"at", state.head},
                       {"machines_opened", balance->ledger.opened},
                       {"machines_ended", balance->ledger.closed},
                       {"machines_open", CountOpen(balance->ledger)},
                       {"checkpoint", balance->note}};
    killrun.context.Out() << ToLine(json) << "\n";
    return Exit::kDone;
  }
  if (!machines.strangers.empty()) {
    killrun.context.Note(fmt::format("from another history of this log, left alone: {}",
                                     fmt::join(machines.strangers, ", ")));
  }
  if (options.quiet) return Exit::kDone;
  killrun.context.Print(
      fmt::format("{} listed twice: 0 machines of this run; 0 open in the ledger\nnothing of run "
                  "{} is left ({})\nthe ledger of machines: {}; signed:\n\n",
                  SiteNames(state), options.run, state.head, BalanceText(balance->ledger)));
  killrun.context.Out() << balance->note;
  return Exit::kDone;
}

Exit EndAndProve(Killrun& killrun) {
  if (const absl::Status status = EndAll(killrun); !status.ok()) {
    return killrun.context.Fail(status);
  }
  const auto open = [&] { return OpenWorkers(killrun.known.state).size(); };
  const absl::StatusOr<bool> ended = Await(
      killrun, [&] { return open() == 0; }, open);
  if (!ended.ok()) return killrun.context.Fail(ended.status());
  if (!*ended) {
    return GiveUp(killrun, OpenWorkers(killrun.known.state), "not proven to be gone");
  }
  const double seconds = InSeconds(killrun.context.Now() - killrun.begun);
  SayEnded(killrun, seconds);
  RunMachines machines;
  if (const std::optional<Exit> exit = ProveZero(killrun, machines)) return *exit;
  return SayProven(killrun, machines, seconds);
}

}  // namespace

void BindKillrun(CLI::App& app, KillrunArguments& arguments) {
  app.add_flag("--without-provisioner", arguments.without_provisioner,
               "end a launch though nobody can tell whether it has workers");
  app.add_flag("--no-fetch", arguments.no_fetch, "do not copy the logs of a launch before");
}

std::string KillrunQuestion(const std::string& run, const State& state) {
  std::map<std::string, std::size_t> counts;
  std::size_t total = 0;
  for (const auto& [number, epu] : state.epus) {
    if (epu.workers.empty()) continue;
    counts[epu.definition.name] = epu.workers.size();
    total += epu.workers.size();
  }
  std::string parts;
  for (const auto& [name, count] : counts) {
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", name, count);
  }
  return fmt::format("Disables the provisioner of run {} and ends {}{}.", run,
                     total == 0 ? "no worker" : Workers(total),
                     total == 0 ? "" : fmt::format(" ({})", parts));
}

std::vector<std::string> OpenWorkers(const State& state) {
  std::vector<std::string> open;
  for (const auto& [epu_number, epu] : state.epus) {
    for (const auto& [number, worker] : epu.workers) {
      const std::string name = WorkerName(epu, number);
      open.push_back(worker.machine.empty() ? name : fmt::format("{} ({})", name, worker.machine));
    }
  }
  return open;
}

RunMachines MachinesOfRun(const std::vector<Process>& processes, const State& state) {
  std::map<std::string, const Process*> oldest;  // By token.
  for (const Process& process : processes) {
    if (process.token.empty()) continue;
    const Process*& first = oldest[process.token];
    if (first == nullptr || process.start < first->start) first = &process;
  }
  RunMachines machines;
  for (const auto& [text, process] : oldest) {
    const absl::StatusOr<Token> token = ParseToken(text);
    if (!token.ok() || token->log_id != state.log_id) continue;
    (IsRequestKnown(state, token->launch) ? machines.ours : machines.strangers)
        .push_back(fmt::format("pid {} ({})", process->pid, text));
  }
  return machines;
}

Exit RunKillrun(Context& context, const KillrunArguments&) {
  if (const absl::Status status = AwaitServer(context); !status.ok()) return context.Fail(status);
  const absl::StatusOr<const EventLog*> log = context.Log();
  if (!log.ok()) return context.Fail(log.status());
  Killrun killrun{context,
                  **log,
                  CommandSender(context, {"killrun"}),
                  NearestFold(context, **log, ~Sequence{0}),
                  0,
                  {},
                  0};
  if (const absl::Status status = CatchUp(**log, killrun.known); !status.ok()) {
    return context.Fail(status);
  }
  const std::string question = KillrunQuestion(context.GetOptions().run, killrun.known.state);
  if (const std::optional<Exit> exit = Confirm(context, question)) return *exit;
  killrun.total = OpenWorkers(killrun.known.state).size();
  killrun.begun = context.Now();
  return EndAndProve(killrun);
}

}  // namespace epu
