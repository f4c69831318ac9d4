#include "cli/verb_report.h"

#include <ostream>

#include <fmt/format.h>

#include "cli/checkpoints.h"
#include "cli/cloud_event.h"
#include "cli/history_view.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/new_file.h"
#include "cli/progress_bar.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "cli/what_if_run.h"
#include "projections/ledger.h"

namespace epu {
namespace {

// The machines of the EPU that may be open at the end, and the run's balance.
absl::StatusOr<std::vector<std::string>> LedgerLines(const View& view, EpuNumber epu,
                                                     Sequence last) {
  Projection<Ledger> fold;
  if (absl::Status status = CatchUp(*view.log, fold, last, &ConcernsLedger); !status.ok()) {
    return status;
  }
  const Ledger& ledger = fold.state;
  std::vector<std::string> open;
  for (const auto& [worker, entry] : ledger.entries) {
    if (worker.epu != epu || entry.opened == 0) continue;
    open.push_back(fmt::format(
        "{} is {}, {}, opened at {}", view.names->Worker(worker), StateName(entry.state),
        entry.machine.empty() ? "no machine known" : entry.machine, entry.opened));
  }
  std::vector<std::string> lines = {
      fmt::format("At {}, the end of this report: {} machine{} of this EPU open; of the whole run "
                  "{} opened, {} "
                  "ended, {} open.",
                  last, open.size(), open.size() == 1 ? "" : "s", WithThousands(ledger.opened),
                  WithThousands(ledger.closed), WithThousands(CountOpen(ledger)))};
  lines.insert(lines.end(), open.begin(), open.end());
  return lines;
}

absl::StatusOr<std::string> CheckpointText(const View& view, Sequence last) {
  const absl::StatusOr<EventSource> source = SourceOf(*view.log, view.position.sequence);
  if (!source.ok()) return source.status();
  const absl::StatusOr<Checkpoint> checkpoint = CheckpointAt(*view.log, source->log_id, last, {});
  if (!checkpoint.ok()) return checkpoint.status();
  return fmt::format("{}\nsigned: epumgmt checkpoint --at {}", FormatCheckpoint(*checkpoint), last);
}

}  // namespace

void BindReport(CLI::App& app, ReportArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_option("--from", arguments.from, "from then, included")->type_name("TIME|SEQ");
  app.add_option("--to", arguments.to, "to then, excluded")->type_name("TIME|SEQ");
  app.add_option("--html", arguments.html, "into this new file")->required()->type_name("FILE");
  app.add_flag("--force", arguments.force, "replace the file where it is there");
}

Exit RunReport(Context& context, const ReportArguments& arguments) {
  const Options& options = context.GetOptions();
  const Zone zone = ZoneOf(options);
  const absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return context.Fail(view.status());
  const absl::StatusOr<EpuNumber> epu = RequireEpuOfLog(*view->log, arguments.epu);
  if (!epu.ok()) return context.Fail(epu.status());
  absl::StatusOr<SequenceRange> range =
      RequireRange(*view, arguments.from, arguments.to, context.Now(), zone);
  if (!range.ok()) return context.Fail(range.status());
  const absl::StatusOr<Projection<State>> known = BeginRange(context, *view, *epu, *range);
  if (!known.ok()) return context.Fail(known.status());
  const absl::StatusOr<Position> last = Resolve(*view->log, range->last);
  if (!last.ok()) return context.Fail(last.status());

  Report report(known->state.epus.at(*epu), known->state.time, *view->names, zone);
  EventFilter filter;
  filter.about = EpuName{arguments.epu};
  ProgressBar bar(context);
  std::uint64_t count = 0;
  for (SequenceRange left = *range; left.first <= left.last;) {
    const absl::StatusOr<NextEvents> next = ReadNext(*view->log, filter, left, *view->names);
    if (!next.ok()) return context.Fail(next.status());
    for (const Event& event : next->events) report.Take(event);
    count += next->events.size();
    left.first = next->next;
    bar.Show(left.first - range->first, range->last - range->first + 1);
  }
  bar.Clear();
  const auto ledger = LedgerLines(*view, *epu, range->last);
  if (!ledger.ok()) return context.Fail(ledger.status());
  const auto checkpoint = CheckpointText(*view, range->last);
  if (!checkpoint.ok()) return context.Fail(checkpoint.status());
  const std::string title = fmt::format("{} from {} to {} (events {} to {})", arguments.epu,
                                        FormatSeconds(known->state.time, zone),
                                        FormatSeconds(last->time, zone), range->first, range->last);
  const absl::Status written =
      WriteNewFile(arguments.html, report.Page({title, *ledger, *checkpoint}, last->time),
                   arguments.force ? Existing::kReplace : Existing::kRefuse);
  if (!written.ok()) return context.Fail(written);
  if (options.json) {
    context.Out() << ToLine({{"epu", arguments.epu},
                             {"from", range->first},
                             {"to", range->last},
                             {"events", count},
                             {"file", arguments.html}})
                  << "\n";
  } else if (!options.quiet) {
    context.Print(fmt::format("{} events of {} are told in {}\n", WithThousands(count),
                              arguments.epu, Escape(arguments.html)));
  }
  return Exit::kDone;
}

}  // namespace epu
