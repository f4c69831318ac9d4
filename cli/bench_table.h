#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json_view.h"
#include "cli/terminal.h"

// What a bench found, and how it is shown. A figure of ours stands beside that of a raw loop which
// does no more than what cannot be left out; their ratio says what our part costs, and the raw
// loop's own noise how far it is to be trusted.

namespace epu {

// Several rounds of one figure.
struct Spread {
  double median = 0;
  double least = 0;
  double most = 0;
};

// REQUIRES: there are samples.
Spread SpreadOf(std::vector<double> samples);

// The sample below which `part` (0 to 1) of them lie. REQUIRES: there are samples.
double PercentileOf(std::vector<double> samples, double part);

// What a figure is measured against.
enum class BarKind { kNone, kRatioAtMost, kRatioAtLeast, kBelow, kAtLeast };
struct Bar {
  BarKind kind = BarKind::kNone;
  double limit = 0;
};

struct BenchRow {
  std::string name;  // "one client, p50"
  std::string unit;  // "ms", "events/s"
  double ours = 0;   // The median of its rounds.
  std::optional<Spread> raw;
  double ratio = 0;  // The median of the rounds' ratios, ours to raw; each round has both.
  Bar bar;
  std::string note;  // What else was seen.
};

// A row from the rounds of both, in pairs: round i of ours was measured beside round i of the raw
// loop. REQUIRES: as many of one as of the other, at least one.
BenchRow CompareRounds(std::string_view name, std::string_view unit,
                       const std::vector<double>& ours, const std::vector<double>& raw,
                       const Bar& bar);

// "ok" or "below"; "-" without a bar.
std::string_view VerdictOf(const BenchRow& row);

// For people: a table, and the notes behind it.
std::string FormatRows(const std::vector<BenchRow>& rows, const Terminal& terminal);

// For programs.
Json RowsJson(const std::vector<BenchRow>& rows);

}  // namespace epu
