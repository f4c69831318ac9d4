#include "cli/slice_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cli/cloud_event.h"
#include "cli/json_view.h"
#include "cli/reference.h"
#include "eventlog/read_events.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr std::string_view kType = "epu.slice";

// What every pool of a run shares, and is no matter of a site's moods.
bool IsShared(std::size_t kind) {
  return IsKindOf<ServerStarted, ActorIntroduced, RunLimited, SiteDefined, LaunchingSwitched,
                  DiskFilled>(kind);
}

bool IsPolicy(std::size_t kind) {
  return IsKindOf<EpuDefined, EpuReconfigured, RemovalBegun, EpuRemoved, ScalingPaused,
                  ScalingResumed>(kind);
}

// Which events before the slice make the pool.
struct Preamble {
  EpuNumber epu{};
  std::set<WorkerNumber> workers;  // Those that are there at the beginning.
  std::set<Sequence> named;        // What the pool knows something from.
  Sequence since = 0;              // From here on everything of the pool.

  bool Has(const Head& head) const {
    if (IsShared(head.kind)) return true;
    if (head.subject.epu != epu) return false;
    return IsPolicy(head.kind) || workers.contains(head.subject.number) ||
           named.contains(head.sequence) || head.sequence >= since;
  }
};

template <typename Wanted>
absl::StatusOr<std::vector<StoredEvent>> Collect(const EventLog& log, SequenceRange range,
                                                 Wanted wanted) {
  std::vector<StoredEvent> found;
  const auto read =
      ReadEvents(log, range.first - 1, range.last, wanted, [&](Event event, RecordView record) {
        found.push_back({std::move(event), Record(record.begin(), record.end())});
        return true;
      });
  if (!read.ok()) return read.status();
  return found;
}

// As little of the pool's past as makes the pool what it was.
absl::StatusOr<std::vector<StoredEvent>> FindPreamble(const EventLog& log, EpuNumber epu,
                                                      Sequence first, const State& known) {
  const Epu& pool = known.epus.at(epu);
  Preamble preamble{epu, {}, {pool.decision, pool.scaling, pool.back_off.event}, 0};
  for (const auto& [number, sensor] : pool.sensors) {
    preamble.named.insert(sensor.latest.sequence);
  }
  for (const auto& [number, worker] : pool.workers) preamble.workers.insert(number);
  for (Sequence back = 256;; back *= 2) {
    preamble.since = first > back ? first - back : 1;
    absl::StatusOr<std::vector<StoredEvent>> found =
        Collect(log, {1, first - 1}, [&](const Head& head) { return preamble.Has(head); });
    if (!found.ok()) return found;
    State state;
    for (const StoredEvent& stored : *found) Evolve(state, stored.event);
    const Epu* const made = FindEpu(state, epu);
    if ((made != nullptr && *made == pool) || preamble.since == 1) return found;
  }
}

// A command keeps what is about the pool and about all pools; its events are counted anew.
void CountAnew(std::vector<Event>& events) {
  const auto first_of = [](const Event& event) { return event.sequence - event.place.index; };
  for (std::size_t begin = 0; begin < events.size();) {
    const Sequence first = first_of(events[begin]);
    std::size_t end = begin;
    while (end < events.size() && first_of(events[end]) == first) ++end;
    for (std::size_t i = begin; i < end; ++i) {
      events[i].place = {static_cast<std::uint16_t>(i - begin),
                         static_cast<std::uint16_t>(end - begin)};
    }
    begin = end;
  }
}

absl::Status BadLine(std::uint64_t line, std::string_view what) {
  return absl::InvalidArgumentError(fmt::format("line {}: {}", line, what));
}

}  // namespace

absl::StatusOr<std::uint64_t> WriteSlice(const View& view, EpuNumber epu, SequenceRange range,
                                         const State& known, std::ostream& out) {
  const absl::StatusOr<EventSource> source = SourceOf(*view.log, view.position.sequence);
  if (!source.ok()) return source.status();
  const auto preamble = FindPreamble(*view.log, epu, range.first, known);
  if (!preamble.ok()) return preamble.status();
  const auto events = Collect(*view.log, range, [&](const Head& head) {
    return IsShared(head.kind) || head.subject.epu == epu;
  });
  if (!events.ok()) return events.status();
  const Time end = events->empty() ? known.time : events->back().event.time;
  out << ToLine({{"specversion", "1.0"},
                 {"id", fmt::format("{}-{}", range.first, range.last)},
                 {"source", "epu:log/" + source->log_id},
                 {"type", kType},
                 {"time", FormatTime(known.time)},
                 {"subject", view.names->Epu(epu)},
                 {"datacontenttype", "application/json"},
                 {"data", Json{{"epu", view.names->Epu(epu)},
                               {"from", range.first},
                               {"to", range.last},
                               {"end", FormatTime(end)}}}})
      << "\n";
  for (const auto* part : {&*preamble, &*events}) {
    for (const StoredEvent& stored : *part) {
      out << ToLine(CloudEventJson(stored.event, stored.record, *source, *view.names)) << "\n";
    }
  }
  return preamble->size() + events->size();
}

absl::StatusOr<Slice> ReadSlice(std::istream& in) {
  std::string line;
  if (!std::getline(in, line)) return absl::InvalidArgumentError("it is empty");
  const Json heading = Json::parse(line, nullptr, false);
  if (!heading.is_object() || heading.value("type", "") != kType || !heading.contains("data")) {
    return BadLine(1, "it is no slice; epumgmt export --slice makes one");
  }
  const Json& data = heading["data"];
  if (!data.is_object() || !data.contains("from") || !data["from"].is_number_unsigned() ||
      !data.contains("end") || !data["end"].is_string()) {
    return BadLine(1, "it does not say what it is a slice of");
  }
  Slice slice;
  slice.epu = data.value("epu", "");
  const Sequence from = data["from"];
  const absl::StatusOr<Time> end = ParseTime(data["end"].get<std::string>(), Time{}, Zone::kUtc);
  if (!end.ok()) return BadLine(1, "its end is no time");
  slice.end = *end;
  Sequence last = 0;
  for (std::uint64_t number = 2; std::getline(in, line); ++number) {
    const Json json = Json::parse(line, nullptr, false);
    if (!json.is_object()) return BadLine(number, "it is no JSON object");
    const absl::StatusOr<Record> record = RecordOf(json);
    if (!record.ok()) return BadLine(number, std::string(record.status().message()));
    absl::StatusOr<Event> event = Decode(*record);
    if (!event.ok()) return BadLine(number, std::string(event.status().message()));
    if (event->sequence <= last) return BadLine(number, "it is not behind the line before it");
    last = event->sequence;
    if (event->sequence < from) {
      Evolve(slice.known.state, *event);
      slice.known.position = event->sequence;
    } else {
      slice.events.push_back(*std::move(event));
    }
  }
  CountAnew(slice.events);
  const Epu* const pool = FindEpu(slice.known.state, slice.epu);
  if (pool == nullptr) {
    return absl::InvalidArgumentError(
        fmt::format("there is no EPU \"{}\" where it begins", slice.epu));
  }
  slice.number = pool->number;
  return slice;
}

}  // namespace epu
