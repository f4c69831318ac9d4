#include "cli/verb_replay.h"

#include <chrono>
#include <ostream>
#include <utility>

#include <fmt/format.h>

#include "cli/look.h"
#include "cli/progress_bar.h"
#include "cli/replay_view.h"
#include "commands/replay.h"
#include "engines/catalog.h"
#include "eventlog/read_events.h"

namespace epu {
namespace {

// Hands the events of `range` to `replay`, and those before it that its fold lacks.
absl::Status Feed(const EventLog& log, SequenceRange range, Sequence position, Replay& replay,
                  ProgressBar& bar) {
  const Sequence begun = position;
  return ReadEvents(log, position, range.last, EveryEvent(),
                    [&](Event event, RecordView) {
                      bar.Show(event.sequence - begun, range.last - begun);
                      replay.Take(std::move(event));
                      return true;
                    })
      .status();
}

// Whether no batch is cut by the end of `range`: times tell batches apart.
absl::StatusOr<bool> EndsWithBatch(const EventLog& log, SequenceRange range, Sequence head) {
  if (range.last >= head) return true;
  Time times[2] = {};
  int count = 0;
  absl::Status fault;
  const auto seen = log.Visit(range.last - 1, {2, 1 << 20}, [&](Sequence, RecordView record) {
    const absl::StatusOr<Head> fields = DecodeHead(record);
    fault = fields.status();
    if (fields.ok() && count < 2) times[count++] = fields->time;
    return fault.ok();
  });
  if (!seen.ok()) return seen.status();
  if (!fault.ok()) return fault;
  return count < 2 || times[0] != times[1];
}

}  // namespace

void BindReplay(CLI::App& app, ReplayArguments& arguments) {
  app.add_option("--from", arguments.from, "from then, included")->type_name("TIME|SEQ");
  app.add_option("--to", arguments.to, "to then, excluded")->type_name("TIME|SEQ");
  app.add_option("--epu", arguments.epu, "the decisions of one EPU")->type_name("EPU");
  app.add_flag("--skip-versions", arguments.skip_versions,
               "decisions of engine versions that this build does not have are no failure");
}

Exit RunReplay(Context& context, const ReplayArguments& arguments) {
  const Options& options = context.GetOptions();
  const Zone zone = options.json ? Zone::kUtc : ZoneOf(options);
  const absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return context.Fail(view.status());
  const absl::StatusOr<SequenceRange> range =
      ParseRange(*view, arguments.from, arguments.to, context.Now(), ZoneOf(options));
  if (!range.ok()) return context.Fail(range.status());
  if (range->first > range->last) {
    return context.Fail(Exit::kTyped,
                        fmt::format("there is no event from {} to {}; the log ends at {}, {}",
                                    range->first, range->last, view->position.sequence,
                                    FormatSeconds(view->position.time, zone)));
  }
  ReplayScope scope{range->first, std::nullopt};
  if (!arguments.epu.empty()) {
    const absl::StatusOr<EpuNumber> epu = RequireEpuOfLog(*view->log, arguments.epu);
    if (!epu.ok()) return context.Fail(epu.status());
    scope.epu = *epu;
  }
  const auto begun = std::chrono::steady_clock::now();
  const EngineCatalog catalog = BuiltInEngines();
  Projection<State> known = NearestFold(context, *view->log, range->first - 1);
  const Sequence position = known.position;
  Replay replay(catalog, std::move(known), scope);
  ProgressBar bar(context);
  absl::Status fed = Feed(*view->log, *range, position, replay, bar);
  bar.Clear();
  if (!fed.ok()) return context.Fail(fed);
  const absl::StatusOr<bool> whole = EndsWithBatch(*view->log, *range, view->position.sequence);
  if (!whole.ok()) return context.Fail(whole.status());
  if (*whole) replay.Finish();

  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  const ReplayTally& tally = replay.tally();
  if (options.json) {
    context.Out() << ToLine(ReplayJson(replay, took.count(), *view->names)) << "\n";
  } else {
    context.Print(ReplayText(tally, took.count()));
    if (const auto& difference = replay.first_difference()) {
      context.Print("\n" + DifferenceText(*difference, *view->names, zone));
    }
  }
  const bool skipped = !tally.skipped.empty() && !arguments.skip_versions;
  return tally.differences() > 0 || skipped ? Exit::kRefused : Exit::kDone;
}

}  // namespace epu
