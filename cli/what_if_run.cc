#include "cli/what_if_run.h"

#include <algorithm>
#include <memory>
#include <utility>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "cli/progress_bar.h"
#include "engines/catalog.h"
#include "eventlog/codec.h"

namespace epu {
namespace {

// Hands `take` the events of `range` about `epu`, or all of them; ends early where it says so.
template <typename Take>
absl::Status Feed(const EventLog& log, SequenceRange range, std::optional<EpuNumber> epu,
                  ProgressBar& bar, Take take) {
  Sequence position = range.first - 1;
  bool more = true;
  while (more && position < range.last) {
    const Sequence before = position;
    absl::Status fault;
    const absl::StatusOr<Sequence> seen =
        log.Visit(before, ReadLimit{}, [&](Sequence sequence, RecordView record) {
          if (sequence > range.last) return false;
          position = sequence;
          if (epu) {
            const absl::StatusOr<Head> head = DecodeHead(record);
            fault = head.status();
            if (head.ok() && head->subject.epu != *epu) return true;
          }
          const absl::StatusOr<Event> event = fault.ok() ? Decode(record) : fault;
          if (!event.ok()) {
            fault = absl::DataLossError(
                fmt::format("damaged at {}: {}", sequence, std::string(event.status().message())));
            return false;
          }
          more = take(*event);
          return more;
        });
    if (!seen.ok()) return seen.status();
    if (!fault.ok()) return fault;
    if (position == before) break;
    bar.Show(position - range.first + 1, range.last - range.first + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<Workload> Fit(const EventLog& log, SequenceRange range, const Epu& epu, Time end,
                             ProgressBar& bar) {
  WorkloadFit fit;
  fit.epu = epu.number;
  fit.sensor = QueueOf(epu).value_or(SensorNumber{});
  const absl::Status fed = Feed(log, range, epu.number, bar, [&](const Event& event) {
    Evolve(fit, event);
    return true;
  });
  if (!fed.ok()) return fed;
  return WorkloadOf(fit, end);
}

}  // namespace

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
  absl::StatusOr<Workload> work = Fit(*view.log, range, epu, answer.end, bar);
  if (!work.ok()) return work.status();
  answer.work = *std::move(work);
  std::vector<std::pair<std::string, std::unique_ptr<WhatIf>>> runs;
  const auto add = [&](std::string name, CandidatePolicy candidate, bool forced) {
    const WhatIf::Setting setting{request.epu, std::move(candidate), known.state.time,
                                  answer.end,  request.mark,         forced};
    runs.emplace_back(std::move(name),
                      std::make_unique<WhatIf>(known, setting, answer.work, catalog));
  };
  add("recorded", {}, false);
  for (NamedCandidate& named : request.candidates) {
    add(request.forced ? named.name + ", modelled" : named.name, std::move(named.candidate),
        request.forced);
  }
  const absl::Status fed = Feed(*view.log, range, std::nullopt, bar, [&](const Event& event) {
    for (auto& [name, run] : runs) run->Take(event);
    return true;
  });
  if (!fed.ok()) return fed;
  std::uint64_t done = 0;
  for (auto& [name, run] : runs) {
    answer.outcomes.push_back({name, run->Finish()});
    bar.Show(++done, runs.size());
  }
  return answer;
}

}  // namespace epu
