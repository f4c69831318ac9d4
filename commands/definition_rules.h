#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "commands/faults.h"
#include "eventlog/definition.h"

// What a definition has to be, whatever the run it comes to and whatever its engine: the rules for
// which neither the state nor an engine's keys are needed. Whoever declares one, by a file or by a
// message, is held to them; so whatever is in force can be written as a file and read again as
// itself. Pure.

namespace epu {

// ---- Limits ----

inline constexpr std::size_t kNameMax = 63;
inline constexpr std::uint32_t kMaxWorkersLimit =
    10'000;  // Of a site or a run; what a State is sized and tested for.
inline constexpr std::size_t kArgumentsMax = 256;  // Of a worker's command or a sensor's program.
inline constexpr std::size_t kVariablesMax = 256;  // Of one worker: its definition is one record.
inline constexpr std::size_t kVariableNameMax = 256;

// Of a definition as it is counted: it has to fit a record, beside what an event says of itself.
inline constexpr std::size_t kDefinitionBytesMax = 48 * 1024;

// Shorter windows are below what a busy machine can promise, longer ones a slip of the unit.
inline constexpr Duration kWindowMin = std::chrono::milliseconds(100);
inline constexpr Duration kWindowMax = std::chrono::days(7);
inline constexpr Duration kStopGraceMax = std::chrono::hours(1);
inline constexpr Duration kDrainTimeoutMax = std::chrono::days(7);
inline constexpr Duration kEveryMax = std::chrono::hours(24);

// A program that is asked holds back the other programs for so long.
inline constexpr Duration kExecTimeoutMax = std::chrono::minutes(1);

// ---- Parts ----

// What a name may be: a letter or digit, then letters, digits, `.`, `_`, `-`; at most kNameMax; not
// only digits.
bool IsName(std::string_view text);

// Whether a worker is told this variable by EPU itself: EPU_RUN, EPU_TOKEN, …
bool IsOwnVariable(std::string_view name);

// What may name a variable: 1 to kVariableNameMax bytes of UTF-8 without '=' and control
// characters, and not EPU's own.
bool IsVariableName(std::string_view name);

// Whether `program` can be found from any directory: an absolute path, or a name alone.
bool IsProgram(std::string_view program);

// ---- Checks: each fault with the path of its part ----

void CheckName(Faults& faults, const std::string& path, std::string_view name);

// Of a site or a run.
void CheckMaxWorkers(Faults& faults, const std::string& path, std::uint32_t max_workers);

// Everything but the driver, which is the build's, and whether it may change.
void CheckParts(Faults& faults, const std::string& path, const SiteDefinition& site);

// Everything but the site's name and the engine with its keys: of the settings only what they hold
// (texts, variables of unique instances, the size of all).
void CheckParts(Faults& faults, const std::string& path, const EpuDefinition& epu);

// `definition` with the engine and the settings of one of its shadows.
EpuDefinition UnderShadow(EpuDefinition definition, const ShadowDefinition& shadow);

// Shadows of one EPU: each decides on every event of it.
inline constexpr std::size_t kShadowsMax = 8;

}  // namespace epu
