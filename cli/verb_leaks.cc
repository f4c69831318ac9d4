#include "cli/verb_leaks.h"

#include <ostream>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/history_view.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/status_facts.h"
#include "cli/terminal.h"
#include "projections/ledger.h"
#include "projections/pool.h"

namespace epu {
namespace {

// The machines that may exist by what the writer knows; the ledger has to come to the same.
std::uint64_t CountByState(const State& state) {
  std::uint64_t machines = 0;
  for (const auto& [epu_number, epu] : state.epus) {
    for (const auto& [number, worker] : epu.workers) machines += MayHaveMachine(worker) ? 1 : 0;
  }
  return machines;
}

std::string Balance(const View& view, const Ledger& ledger, Zone zone) {
  std::string text = fmt::format(
      "run {} ({}) at {}, {}: {} machines opened, {} ended, {} open", view.run,
      view.fold.state.log_id, view.position.sequence, FormatSeconds(view.position.time, zone),
      WithThousands(ledger.opened), WithThousands(ledger.closed), WithThousands(CountOpen(ledger)));
  if (ledger.disowned > 0) {
    text += fmt::format(", {} left to the log that this is a copy of", ledger.disowned);
  }
  return fmt::format("{}; {} of another history\n", text, CountUnexplained(view.fold.state));
}

std::string OpenTable(const View& view, const Ledger& ledger, const Terminal& terminal) {
  Names& names = *view.names;
  Table table{{"MACHINE", "WORKER", "STATE", "SITE", "TOKEN", "OPENED", "FOR"}, {}};
  for (const auto& [worker, entry] : ledger.entries) {
    if (entry.opened == 0) continue;
    table.rows.push_back({EscapeAndCut(entry.machine, kDetailShown), names.Worker(worker),
                          std::string(StateName(entry.state)), names.Site(entry.site),
                          TokenOf(view.fold.state, entry.launch), std::to_string(entry.opened),
                          AgeText(view.position.time - entry.since)});
  }
  for (const auto& [launch, stranger] : view.fold.state.strangers) {
    table.rows.push_back({EscapeAndCut(stranger.machine, kDetailShown), "",
                          fmt::format("{} stranger", FateName(stranger.fate)),
                          names.Site(stranger.site), TokenOf(view.fold.state, launch),
                          std::to_string(stranger.event),
                          AgeText(view.position.time - stranger.since)});
  }
  return table.rows.empty() ? "" : "\n" + FormatTable(table, terminal);
}

Json LeaksJson(const View& view, const Ledger& ledger) {
  Names& names = *view.names;
  Json json = {{"sequence", view.position.sequence},
               {"time", FormatTime(view.position.time)},
               {"opened", ledger.opened},
               {"ended", ledger.closed},
               {"disowned", ledger.disowned}};
  json["open"] = Json::array();
  for (const auto& [worker, entry] : ledger.entries) {
    if (entry.opened == 0) continue;
    json["open"].push_back({{"machine", TextOrNull(entry.machine)},
                            {"worker", names.Worker(worker)},
                            {"state", StateName(entry.state)},
                            {"site", names.Site(entry.site)},
                            {"token", TokenOf(view.fold.state, entry.launch)},
                            {"request", entry.request},
                            {"opened", entry.opened},
                            {"since", FormatTime(entry.since)}});
  }
  json["strangers"] = Json::array();
  for (const auto& [launch, stranger] : view.fold.state.strangers) {
    json["strangers"].push_back({{"machine", TextOrNull(stranger.machine)},
                                 {"site", names.Site(stranger.site)},
                                 {"token", TokenOf(view.fold.state, launch)},
                                 {"fate", FateName(stranger.fate)},
                                 {"event", stranger.event}});
  }
  return json;
}

}  // namespace

void BindLeaks(CLI::App& app, LeaksArguments& arguments) {
  app.add_option("--at", arguments.at, "as of then: a time or a sequence")->type_name("TIME|SEQ");
  app.add_flag("--check", arguments.check, "exit 4 while any machine is open or unexplained");
}

Exit RunLeaks(Context& context, const LeaksArguments& arguments) {
  const absl::StatusOr<View> view = LookAndFold(context, arguments.at);
  if (!view.ok()) return context.Fail(view.status());
  Projection<Ledger> fold;
  const absl::Status folded = CatchUp(*view->log, fold, view->position.sequence, &ConcernsLedger);
  if (!folded.ok()) return context.Fail(folded);
  const Ledger& ledger = fold.state;
  if (const std::uint64_t known = CountByState(view->fold.state); known != CountOpen(ledger)) {
    return context.Fail(Exit::kBug,
                        fmt::format("the ledger has {} open machines, the state {}; please report "
                                    "this with the log directory",
                                    CountOpen(ledger), known));
  }
  if (context.GetOptions().json) {
    context.Out() << ToLine(LeaksJson(*view, ledger)) << "\n";
  } else {
    context.Print(Balance(*view, ledger, ZoneOf(context.GetOptions())) +
                  OpenTable(*view, ledger, context.GetTerminal()));
  }
  const bool balanced = CountOpen(ledger) == 0 && CountUnexplained(view->fold.state) == 0;
  return arguments.check && !balanced ? Exit::kRefused : Exit::kDone;
}

}  // namespace epu
