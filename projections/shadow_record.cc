#include "projections/shadow_record.h"

#include <algorithm>
#include <variant>

#include "projections/projection.h"

namespace epu {
namespace {

void Count(SizeRecord& record, std::uint32_t wanted) {
  if (record.wanted == wanted) return;
  if (record.wanted) {
    ++record.decisions;
    if (wanted > *record.wanted) record.launches += wanted - *record.wanted;
  }
  record.wanted = wanted;
  record.most = std::max(record.most, wanted);
}

void NoteDifference(ShadowRecord& record, Sequence event) {
  const bool differs = record.live.wanted && record.own.wanted != record.live.wanted;
  if (differs && record.first_difference == 0) record.first_difference = event;
}

}  // namespace

void GoOnTo(ShadowRecords& records, Time time) {
  const Duration passed = time - records.time;
  for (auto& [name, record] : records.shadows) {
    if (!record.own.wanted || !record.live.wanted) continue;
    record.compared += passed;
    if (record.own.wanted == record.live.wanted) record.agreed += passed;
    record.own.worker_time += passed * *record.own.wanted;
    record.live.worker_time += passed * *record.live.wanted;
  }
  records.time = time;
}

void Evolve(ShadowRecords& records, const Event& event) {
  if (records.time == Time{}) records.time = event.time;
  if (SubjectOf(event.payload).epu != records.epu) return;
  GoOnTo(records, event.time);
  if (const auto* defined = std::get_if<EpuDefined>(&event.payload)) {
    std::erase_if(records.shadows, [&](const auto& entry) {
      const auto& kept = defined->definition.shadows;
      return std::none_of(kept.begin(), kept.end(), [&](const ShadowDefinition& shadow) {
        return shadow.name == entry.first;
      });
    });
  } else if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) {
    records.wanted = decision->wanted;
    for (auto& [name, record] : records.shadows) {
      Count(record.live, decision->wanted);
      NoteDifference(record, event.sequence);
    }
  } else if (const auto* shadow = std::get_if<ShadowDecided>(&event.payload)) {
    ShadowRecord& record = records.shadows[shadow->shadow];
    record.engine = shadow->engine;
    record.error = shadow->error;
    if (!shadow->error.empty()) {
      ++record.failures;
      return;
    }
    if (records.wanted && !record.live.wanted) Count(record.live, *records.wanted);
    Count(record.own, shadow->wanted);
    NoteDifference(record, event.sequence);
  }
}

bool ConcernsShadows(std::size_t kind) {
  return IsKindOf<EpuDefined, DecisionMade, ShadowDecided>(kind);
}

}  // namespace epu
