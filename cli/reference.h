#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "cli/zone.h"
#include "eventlog/ids.h"
#include "eventlog/time.h"

// What operators type for things, times and spans. Every error is kInvalidArgument and says what
// was typed, the rule, and an example. Pure, but for the machine's zone where that is asked for.

namespace epu {

// ---- Names ----

// A letter or digit, then letters, digits, `.`, `_`, `-`; at most 63 of them; not only digits,
// which are sequences. `what` begins the error: "EPU".
absl::Status CheckName(std::string_view what, std::string_view name);

// ---- REF: the shape tells which ----

struct EpuName {
  std::string epu;
  bool operator==(const EpuName&) const = default;
};
struct WorkerOf {  // "crunch/12"
  std::string epu;
  std::uint32_t worker = 0;
  bool operator==(const WorkerOf&) const = default;
};
struct SensorOf {  // "crunch/queue"
  std::string epu;
  std::string sensor;
  bool operator==(const SensorOf&) const = default;
};
struct SequenceOf {  // "18181"
  Sequence sequence = 0;
  bool operator==(const SequenceOf&) const = default;
};
using Reference = std::variant<EpuName, WorkerOf, SensorOf, SequenceOf>;

absl::StatusOr<Reference> ParseReference(std::string_view text);

// As it was typed.
std::string FormatReference(const Reference& reference);

// Digits only, without leading zeros, from 1.
absl::StatusOr<Sequence> ParseSequence(std::string_view text);

// ---- Durations ----

inline constexpr Duration kDurationMax = std::chrono::days(36500);  // A hundred years: no typing
                                                                    // error overflows a time.

// "500ms", "10s", "5m", "2h", "3d", and as durations are printed: "2h11m". Zero is a duration; a
// number without a unit is refused.
absl::StatusOr<Duration> ParseDuration(std::string_view text);

// ---- TIME ----

// `now`; `15m` (ago); `09:12` and `09:12:30` (the last time it was); `2026-11-22`; `2026-11-22
// 09:12` with seconds, a fraction, `T`, `Z` or an offset where wanted, RFC 3339 among them. Without
// `Z` or an offset a time is meant in `zone`.
absl::StatusOr<Time> ParseTime(std::string_view text, Time now, Zone zone);

// `--at`: a TIME or a sequence.
using Moment = std::variant<Time, Sequence>;
absl::StatusOr<Moment> ParseMoment(std::string_view text, Time now, Zone zone);

}  // namespace epu
