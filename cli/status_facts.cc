#include "cli/status_facts.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/terminal.h"
#include "projections/pool.h"

namespace epu {
namespace {

// How old the engine of `epu` lets a reading of `sensor` be; none where it reads another, or any.
std::optional<Duration> ReadingAgeMax(const Epu& epu, const Sensor& sensor) {
  if (EngineSensor(epu) != &sensor) return std::nullopt;
  const Duration* limit = FindSetting<Duration>(epu.definition, "reading_age_max");
  return limit == nullptr ? std::nullopt : std::optional<Duration>(*limit);
}

void AddTroubles(const Site& site, std::vector<std::string>& troubles) {
  const std::string& name = site.definition.name;
  if (!site.enabled) troubles.push_back(fmt::format("launching is disabled at {}", name));
  if (!site.answering) {
    troubles.push_back(fmt::format("{} was not listed yet", name));
  } else if (!*site.answering) {
    troubles.push_back(
        fmt::format("{} does not answer: {}", name, EscapeAndCut(site.error, kDetailShown)));
  }
}

void AddTroubles(const StatusFacts& facts, std::vector<std::string>& troubles) {
  if (facts.unprovisioned) troubles.emplace_back(kUnprovisioned);
  if (facts.state.disk_full) troubles.emplace_back("the disk is full");
  if (!facts.state.enabled) troubles.emplace_back("launching is disabled");
}

void AddTroubles(const StatusFacts& facts, const Epu& epu, std::vector<std::string>& troubles) {
  const std::string& name = epu.definition.name;
  const std::string pool = PoolStateText(epu);
  if (pool != "STABLE") troubles.push_back(fmt::format("{} is {}", name, pool));
  if (HoldOut(epu, facts.now) != nullptr || HoldIn(epu, facts.now) != nullptr) {
    troubles.push_back(fmt::format("scaling of {} is paused", name));
  }
  if (!epu.engine_error.empty()) {
    troubles.push_back(fmt::format("{} cannot be decided for: {}", name,
                                   EscapeAndCut(epu.engine_error, kDetailShown)));
  }
  const Sensor* sensor = EngineSensor(epu);
  if (sensor != nullptr && !IsUsable(epu, *sensor, facts.now)) {
    troubles.push_back(fmt::format("{}: {}", name, SensorText(epu, *sensor, facts.now)));
  }
}

}  // namespace

PoolCounts CountPool(const Epu& epu) {
  PoolCounts counts;
  for (const auto& [number, worker] : epu.workers) {
    if (!IsValid(worker)) {
      ++counts.ending;
    } else if (IsUnhealthy(epu, worker)) {
      ++counts.unhealthy;
    } else if (IsPending(worker)) {
      ++counts.starting;
    } else {
      ++counts.running;
    }
  }
  return counts;
}

std::string PoolStateText(const Epu& epu) {
  return epu.removing ? "REMOVING" : std::string(PoolStateName(PoolStateOf(epu)));
}

std::uint64_t CountWorkersMax(const State& state) {
  std::uint64_t sites = 0;
  for (const auto& [number, site] : state.sites) sites += site.definition.max_workers;
  return std::min<std::uint64_t>(sites, state.max_workers);
}

std::size_t CountAnswering(const State& state) {
  return static_cast<std::size_t>(
      std::count_if(state.sites.begin(), state.sites.end(),
                    [](const auto& entry) { return entry.second.answering.value_or(false); }));
}

std::size_t CountUnexplained(const State& state) {
  return static_cast<std::size_t>(std::count_if(
      state.strangers.begin(), state.strangers.end(),
      [](const auto& entry) { return entry.second.fate == StrangerFate::kUndecided; }));
}

std::string UnexplainedText(std::size_t count) {
  return fmt::format(
      "{} machine{} from another history of this log {} left alone; epumgmt get strangers lists {}",
      count, count == 1 ? "" : "s", count == 1 ? "is" : "are", count == 1 ? "it" : "them");
}

std::vector<const Epu*> EpusByName(const State& state) {
  std::vector<const Epu*> epus;
  for (const auto& [number, epu] : state.epus) {
    if (!epu.removed) epus.push_back(&epu);
  }
  std::sort(epus.begin(), epus.end(), [](const Epu* left, const Epu* right) {
    return left->definition.name < right->definition.name;
  });
  return epus;
}

const Sensor* EngineSensor(const Epu& epu) {
  const auto* name = FindSetting<std::string>(epu.definition, "sensor");
  return name == nullptr ? nullptr : FindSensor(epu, *name);
}

std::string SensorText(const Epu& epu, const Sensor& sensor, Time now) {
  const Reading& reading = sensor.latest;
  const std::string text =
      ReadingText(sensor.definition.name, reading.measure, reading.in_progress);
  if (reading.sequence == 0) return text;
  const Duration age = AgeOf(reading, now);
  const std::optional<Duration> limit = ReadingAgeMax(epu, sensor);
  std::string aged = fmt::format("{}, {} old", text, AgeText(age));
  if (limit && age > *limit) aged += fmt::format(" (limit {})", FormatDuration(*limit));
  return aged;
}

bool IsUsable(const Epu& epu, const Sensor& sensor, Time now) {
  const Reading& reading = sensor.latest;
  if (!std::holds_alternative<double>(reading.measure)) return false;
  const std::optional<Duration> limit = ReadingAgeMax(epu, sensor);
  return !limit || AgeOf(reading, now) <= *limit;
}

std::optional<PolicyFacts> FindPolicy(Sequence policy, Names& names) {
  const Event* event = names.At(policy);
  if (event == nullptr) return std::nullopt;
  const bool defined = std::holds_alternative<EpuDefined>(event->payload);
  if (!defined && !std::holds_alternative<EpuReconfigured>(event->payload)) return std::nullopt;
  PolicyFacts facts{policy, event->time, names.Actor(event->actor),
                    defined ? "apply" : "reconfigure", event->note};
  // The note stands on the command's first event alone.
  if (const Sequence index = event->place.index; index > 0 && index < policy) {
    const Event* first = names.At(policy - index);
    if (first != nullptr) facts.note = first->note;
  }
  return facts;
}

Sequence FindDecision(Sequence request, Names& names) {
  const Event* event = names.At(request);
  if (event == nullptr) return 0;
  const WorkerId subject = SubjectOf(event->payload);
  for (Sequence back = 1; back <= event->place.index && back < request; ++back) {
    const std::optional<Event> before = names.Read(request - back);
    if (!before) return 0;
    const auto* decision = std::get_if<DecisionMade>(&before->payload);
    if (decision != nullptr && decision->epu == subject.epu) return before->sequence;
  }
  return 0;
}

std::vector<std::string> FindTroubles(const StatusFacts& facts) {
  std::vector<std::string> troubles;
  AddTroubles(facts, troubles);
  for (const auto& [number, site] : facts.state.sites) AddTroubles(site, troubles);
  for (const Epu* epu : EpusByName(facts.state)) AddTroubles(facts, *epu, troubles);
  if (const std::size_t unexplained = CountUnexplained(facts.state); unexplained > 0) {
    troubles.push_back(UnexplainedText(unexplained));
  }
  return troubles;
}

std::vector<std::string> FindTroubles(const StatusFacts& facts, const Epu& epu) {
  std::vector<std::string> troubles;
  AddTroubles(facts, troubles);
  const auto site = facts.state.sites.find(epu.definition.worker.site);
  if (site != facts.state.sites.end()) AddTroubles(site->second, troubles);
  AddTroubles(facts, epu, troubles);
  return troubles;
}

}  // namespace epu
