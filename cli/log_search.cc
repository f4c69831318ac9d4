#include "cli/log_search.h"

#include <algorithm>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::size_t kChunk = 4096;  // Records of one visit.

// How many records are looked at only to say how many more there would be: some milliseconds.
constexpr std::size_t kCountedMax = 16'384;

constexpr std::size_t KindOf(std::string_view name) {
  constexpr std::size_t kReading = 11;
  constexpr std::size_t kPolicy = 7;
  return name == "reading" ? kReading : kPolicy;
}
static_assert(std::is_same_v<std::variant_alternative_t<KindOf("reading"), Payload>, ReadingTaken>);
static_assert(std::is_same_v<std::variant_alternative_t<KindOf("policy"), Payload>, EpuDefined>);

absl::StatusOr<Time> TimeAt(const EventLog& log, Sequence sequence) {
  absl::StatusOr<Head> head = absl::OutOfRangeError(fmt::format("there is no event {}", sequence));
  const absl::StatusOr<Sequence> seen =
      log.Visit(sequence - 1, ReadLimit{.records = 1}, [&](Sequence, RecordView record) {
        head = DecodeHead(record);
        return false;
      });
  if (!seen.ok()) return seen.status();
  if (!head.ok()) return head.status();
  return head->time;
}

bool HasKind(const EventFilter& filter, std::size_t kind) {
  return filter.kinds.empty() ||
         std::find(filter.kinds.begin(), filter.kinds.end(), kind) != filter.kinds.end();
}

absl::StatusOr<Candidate> ToCandidate(const EventFilter& filter, RecordView record) {
  const absl::StatusOr<Head> head = DecodeHead(record);
  if (!head.ok()) return head.status();
  Candidate candidate{*head, SensorNumber{}};
  const bool wants_sensor = filter.about && std::holds_alternative<SensorOf>(*filter.about);
  if (wants_sensor && head->kind == KindOf("reading")) {
    const absl::StatusOr<Event> event = Decode(record);
    if (!event.ok()) return event.status();
    candidate.sensor = std::get<ReadingTaken>(event->payload).sensor;
  }
  return candidate;
}

// The candidates of one chunk that have a kind of the filter's.
absl::StatusOr<std::vector<Candidate>> ReadCandidates(const EventLog& log,
                                                      const EventFilter& filter,
                                                      SequenceRange range) {
  std::vector<Candidate> candidates;
  Sequence after = range.first - 1;
  absl::Status fault;
  while (after < range.last) {
    const ReadLimit limit{.records = static_cast<std::size_t>(range.last - after)};
    const absl::StatusOr<Sequence> seen = log.Visit(after, limit, [&](Sequence, RecordView record) {
      absl::StatusOr<Candidate> candidate = ToCandidate(filter, record);
      if (!candidate.ok()) {
        fault = candidate.status();
        return false;
      }
      if (HasKind(filter, candidate->head.kind)) candidates.push_back(*candidate);
      return true;
    });
    if (!seen.ok()) return seen.status();
    if (!fault.ok()) return fault;
    if (*seen == after) break;
    after = *seen;
  }
  return candidates;
}

// The range that a reference to a command narrows `range` to.
absl::StatusOr<SequenceRange> Narrowed(const EventLog& log, const EventFilter& filter,
                                       SequenceRange range) {
  const auto* about = filter.about ? std::get_if<SequenceOf>(&*filter.about) : nullptr;
  if (about == nullptr) return range;
  const std::optional<Event> event = ReadEvent(log, about->sequence);
  if (!event) return absl::OutOfRangeError(fmt::format("there is no event {}", about->sequence));
  const Sequence first = event->sequence - event->place.index;
  return SequenceRange{std::max(range.first, first),
                       std::min(range.last, first + event->place.count - 1)};
}

}  // namespace

absl::StatusOr<Sequence> FirstAt(const EventLog& log, Time time) {
  const absl::StatusOr<Sequence> head = log.Head();
  if (!head.ok()) return head.status();
  Sequence low = 1;
  Sequence high = *head + 1;  // The answer is in [low, high].
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    const absl::StatusOr<Time> there = TimeAt(log, middle);
    if (!there.ok()) return there.status();
    if (*there < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

absl::StatusOr<Position> Resolve(const EventLog& log, const Moment& moment) {
  if (const auto* sequence = std::get_if<Sequence>(&moment)) {
    const absl::StatusOr<Sequence> head = log.Head();
    if (!head.ok()) return head.status();
    if (*sequence > *head) {
      return absl::InvalidArgumentError(
          fmt::format("there is no event {} yet; the last is {}", *sequence, *head));
    }
    const absl::StatusOr<Time> time = TimeAt(log, *sequence);
    if (!time.ok()) return time.status();
    return Position{*sequence, *time};
  }
  const Time time = std::get<Time>(moment);
  const absl::StatusOr<Sequence> next = FirstAt(log, time + Duration(1));
  if (!next.ok()) return next.status();
  if (*next == 1) {
    const absl::StatusOr<Time> first = TimeAt(log, 1);
    if (!first.ok()) return absl::InvalidArgumentError("the log is empty");
    return absl::InvalidArgumentError(fmt::format("{} is before the first event, which was at {}",
                                                  FormatSeconds(time), FormatSeconds(*first)));
  }
  return Position{*next - 1, time};
}

bool AsksNothing(const EventFilter& filter) {
  return !filter.about && filter.kinds.empty() && filter.actor.empty();
}

bool Matches(const EventFilter& filter, const Candidate& candidate, Names& names) {
  const Head& head = candidate.head;
  if (!HasKind(filter, head.kind)) return false;
  if (!filter.actor.empty() && names.Actor(head.actor) != filter.actor) return false;
  if (!filter.about) return true;
  if (std::holds_alternative<SequenceOf>(*filter.about)) return true;  // The range says it all.
  if (head.subject.epu == EpuNumber{}) return false;
  const std::string& epu = names.Epu(head.subject.epu);
  if (const auto* about = std::get_if<EpuName>(&*filter.about)) return epu == about->epu;
  if (const auto* about = std::get_if<WorkerOf>(&*filter.about)) {
    return ToInteger(head.subject.number) == about->worker && epu == about->epu;
  }
  const auto& about = std::get<SensorOf>(*filter.about);
  return candidate.sensor != SensorNumber{} && epu == about.epu &&
         names.SensorAlone(candidate.sensor) == about.sensor;
}

absl::StatusOr<LastEvents> ReadLast(const EventLog& log, const EventFilter& filter,
                                    SequenceRange range, std::size_t count, Names& names) {
  const absl::StatusOr<SequenceRange> narrowed = Narrowed(log, filter, range);
  if (!narrowed.ok()) return narrowed.status();
  range = *narrowed;
  LastEvents last;
  std::vector<Sequence> found;  // Newest first.
  std::size_t counted = 0;      // Records looked at only for `earlier`.
  Sequence end = range.last;    // Not yet looked at: range.first to end.
  while (end >= range.first && range.first <= range.last) {
    if (found.size() == count && AsksNothing(filter)) {
      last.earlier += end - range.first + 1;
      break;
    }
    if (found.size() == count && counted >= kCountedMax) {
      last.earlier_exact = false;
      break;
    }
    const Sequence begin = end - range.first < kChunk ? range.first : end - kChunk + 1;
    const absl::StatusOr<std::vector<Candidate>> chunk = ReadCandidates(log, filter, {begin, end});
    if (!chunk.ok()) return chunk.status();
    if (found.size() == count) counted += end - begin + 1;
    for (auto candidate = chunk->rbegin(); candidate != chunk->rend(); ++candidate) {
      if (!Matches(filter, *candidate, names)) continue;
      if (found.size() < count) {
        found.push_back(candidate->head.sequence);
      } else {
        ++last.earlier;
      }
    }
    end = begin - 1;
  }
  for (auto sequence = found.rbegin(); sequence != found.rend(); ++sequence) {
    std::optional<Event> event = ReadEvent(log, *sequence);
    if (!event) return absl::DataLossError(fmt::format("damaged at {}: not readable", *sequence));
    last.events.push_back(*std::move(event));
  }
  return last;
}

absl::StatusOr<NextStored> ReadNextStored(const EventLog& log, const EventFilter& filter,
                                          SequenceRange range, Names& names) {
  const absl::StatusOr<SequenceRange> narrowed = Narrowed(log, filter, range);
  if (!narrowed.ok()) return narrowed.status();
  NextStored next;
  next.next = range.last + 1;
  if (narrowed->first > narrowed->last) return next;
  std::vector<Candidate> candidates;
  std::vector<StoredEvent> events;
  absl::Status fault;
  const Sequence after = narrowed->first - 1;
  const ReadLimit limit{
      .records = std::min<std::size_t>(kChunk, static_cast<std::size_t>(narrowed->last - after))};
  const absl::StatusOr<Sequence> seen = log.Visit(after, limit, [&](Sequence, RecordView record) {
    absl::StatusOr<Candidate> candidate = ToCandidate(filter, record);
    absl::StatusOr<Event> event = candidate.ok() && HasKind(filter, candidate->head.kind)
                                      ? Decode(record)
                                      : absl::StatusOr<Event>(absl::CancelledError());
    if (!candidate.ok() || (!event.ok() && !absl::IsCancelled(event.status()))) {
      fault = candidate.ok() ? event.status() : candidate.status();
      return false;
    }
    if (!event.ok()) return true;
    candidates.push_back(*candidate);
    events.push_back({*std::move(event), Record(record.begin(), record.end())});
    return true;
  });
  if (!seen.ok()) return seen.status();
  if (!fault.ok()) return fault;
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (Matches(filter, candidates[i], names)) next.events.push_back(std::move(events[i]));
  }
  if (after < *seen && *seen < narrowed->last) next.next = *seen + 1;
  return next;
}

absl::StatusOr<NextEvents> ReadNext(const EventLog& log, const EventFilter& filter,
                                    SequenceRange range, Names& names) {
  absl::StatusOr<NextStored> stored = ReadNextStored(log, filter, range, names);
  if (!stored.ok()) return stored.status();
  NextEvents next{{}, stored->next};
  for (StoredEvent& found : stored->events) next.events.push_back(std::move(found.event));
  return next;
}

absl::StatusOr<std::map<std::string, EpuNumber>> ReadEpuNames(const EventLog& log) {
  std::map<std::string, EpuNumber> names;
  Sequence after = 0;
  for (;;) {
    absl::Status fault;
    const absl::StatusOr<Sequence> seen =
        log.Visit(after, ReadLimit{}, [&](Sequence, RecordView record) {
          const absl::StatusOr<Head> head = DecodeHead(record);
          if (head.ok() && head->kind != KindOf("policy")) return true;
          const absl::StatusOr<Event> event = Decode(record);
          if (!event.ok()) {
            fault = event.status();
            return false;
          }
          const auto& fact = std::get<EpuDefined>(event->payload);
          names[fact.definition.name] = fact.epu;
          return true;
        });
    if (!seen.ok()) return seen.status();
    if (!fault.ok()) return fault;
    if (*seen == after) return names;
    after = *seen;
  }
}

}  // namespace epu
