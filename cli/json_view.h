#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "cli/names.h"
#include "eventlog/event.h"

// What --json prints. Names in snake_case, times RFC 3339 in UTC with microseconds, durations in
// seconds with names that end in _s, nothing as null. Fields may be added, never renamed: a golden
// test holds them.

namespace epu {

using Json = nlohmann::ordered_json;  // In the order in which fields are written.

// One event: sequence, time, kind, epu, actor, what its kind has, command, note.
Json EventJson(const Event& event, Names& names);

// One definition, settings by key.
Json DefinitionJson(const EpuDefinition& definition);
Json DefinitionJson(const SiteDefinition& definition);
Json DefinitionJson(const ServiceDefinition& service);

// By name; a secret as {"secret": the name of its file}.
Json VariablesJson(const std::vector<Variable>& variables);

// One line, without its end; text that is no UTF-8 is mended.
std::string ToLine(const Json& json);

// ---- Values ----

Json TextOrNull(std::string_view text);  // null for the empty one.
Json TimeOrNull(const std::optional<Time>& time);
Json SequenceOrNull(Sequence sequence);  // null for 0.
Json Number(double value);               // Whole ones without a fraction: 132.
double InSeconds(Duration duration);     // 0.2

// {"kind", "value", "limit", "until"}
Json ConstraintJson(const Constraint& constraint);

// Adds "value" (a number or null), "absent" and "error".
// What a worker says of itself: activity, doing, metrics, report_error, report_age_s.
void AddWork(Json& json, const WorkReport& report);

void AddMeasure(Json& json, const Measure& measure);

}  // namespace epu
