#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "eventlog/event.h"

// How a pool and its shadows got on: whether they wanted the same, and what each wanted. A fold of
// its own over the decisions of one EPU; sizes are those wanted, so that both are measured alike.

namespace epu {

// The size that one policy wanted, over time.
struct SizeRecord {
  std::optional<std::uint32_t> wanted;  // None before the first decision.
  std::uint64_t decisions = 0;          // Changes of that size.
  std::uint64_t launches = 0;           // By how much it grew in all.
  std::uint32_t most = 0;
  Duration worker_time{};  // Its size times the time it stood.
  bool operator==(const SizeRecord&) const = default;
};

struct ShadowRecord {
  std::string engine;
  SizeRecord own;
  SizeRecord live;      // Of the pool, since the shadow's first decision.
  Duration compared{};  // How long both stood side by side,
  Duration agreed{};    // and how long of that they wanted the same.
  // The event at which they first wanted different sizes; 0: they never did. What the shadow wants
  // after it is modelled: its inputs are those of the pool as it was.
  Sequence first_difference = 0;
  std::uint64_t failures = 0;
  std::string error;  // Of the last failure; empty when it decides.
  bool operator==(const ShadowRecord&) const = default;
};

struct ShadowRecords {
  EpuNumber epu{};  // Set by who folds.
  std::optional<std::uint32_t> wanted;
  Time time{};                                  // Up to where it is told.
  std::map<std::string, ShadowRecord> shadows;  // By name.
  bool operator==(const ShadowRecords&) const = default;
};

void Evolve(ShadowRecords& records, const Event& event);

// What stands goes on to `time`: the end of what is looked at.
void GoOnTo(ShadowRecords& records, Time time);

// The kinds of event that it is a fold of; for CatchUp.
bool ConcernsShadows(std::size_t kind);

}  // namespace epu
