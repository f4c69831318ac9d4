#include "cli/what_if_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "engines/catalog.h"
#include "eventlog/read_events.h"

namespace epu {

absl::StatusOr<Workload> FitWorkload(const EventLog& log, SequenceRange range, const Epu& epu,
                                     Time end, ProgressBar& bar) {
  WorkloadFit fit;
  fit.epu = epu.number;
  fit.sensor = QueueOf(epu).value_or(SensorNumber{});
  const auto read = ReadEvents(
      log, range.first - 1, range.last,
      [&](const Head& head) {
        bar.Show(head.sequence - range.first, range.last - range.first + 1);
        return head.subject.epu == epu.number;
      },
      [&](const Event& event, RecordView) {
        Evolve(fit, event);
        return true;
      });
  if (!read.ok()) return read.status();
  return WorkloadOf(fit, end);
}

std::optional<double> HighWaterOf(const EpuDefinition& definition) {
  constexpr std::string_view kHighWater = "queuelen_high_water";
  if (!HasKey(definition, kHighWater)) return std::nullopt;
  return static_cast<double>(IntegerOf(definition, kHighWater));
}

absl::StatusOr<Projection<State>> BeginRange(Context& context, const View& view, EpuNumber epu,
                                             SequenceRange& range) {
  range.first = std::max(range.first, ToInteger(epu) + 1);
  if (range.first > range.last) {
    return absl::InvalidArgumentError(fmt::format("{} has no event up to {}; it was defined at {}",
                                                  view.names->Epu(epu), range.last,
                                                  ToInteger(epu)));
  }
  Projection<State> known = NearestFold(context, *view.log, range.first - 1);
  if (absl::Status status = CatchUp(*view.log, known, range.first - 1); !status.ok()) return status;
  return known;
}

absl::StatusOr<WhatIfAnswer> RunCandidates(Context& context, const View& view, SequenceRange range,
                                           Projection<State> known, WhatIfRequest request) {
  const EngineCatalog catalog = BuiltInEngines();
  const Epu& epu = known.state.epus.at(request.epu);
  const absl::StatusOr<Position> last = Resolve(*view.log, range.last);
  if (!last.ok()) return last.status();
  WhatIfAnswer answer;
  answer.end = range.last == view.position.sequence ? view.position.time : last->time;
  ProgressBar bar(context);
  absl::StatusOr<Workload> work = FitWorkload(*view.log, range, epu, answer.end, bar);
  if (!work.ok()) return work.status();
  answer.work = *std::move(work);
  std::vector<std::pair<std::string, std::unique_ptr<WhatIf>>> runs;
  const auto add = [&](std::string name, CandidatePolicy candidate, bool forced) {
    const WhatIf::Trial trial{request.epu, std::move(candidate), known.state.time,
                              answer.end,  request.mark,         forced};
    runs.emplace_back(std::move(name),
                      std::make_unique<WhatIf>(known, trial, answer.work, catalog));
  };
  add("recorded", {}, false);
  for (NamedCandidate& named : request.candidates) {
    add(request.forced ? named.name + ", modelled" : named.name, std::move(named.candidate),
        request.forced);
  }
  const auto read = ReadEvents(
      *view.log, range.first - 1, range.last, EveryEvent(), [&](const Event& event, RecordView) {
        bar.Show(event.sequence - range.first, range.last - range.first + 1);
        for (auto& [name, run] : runs) run->Take(event);
        return true;
      });
  if (!read.ok()) return read.status();
  std::uint64_t done = 0;
  for (auto& [name, run] : runs) {
    answer.outcomes.push_back({name, run->Finish()});
    bar.Show(++done, runs.size());
  }
  return answer;
}

}  // namespace epu
