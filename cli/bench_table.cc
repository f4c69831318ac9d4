#include "cli/bench_table.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "eventlog/check.h"

namespace epu {
namespace {

// Three significant digits, with a thousands' letter: "0.412", "38.1", "151k", "1.31M".
std::string Short(double value) {
  std::string_view suffix;
  if (value >= 1e6) {
    value /= 1e6;
    suffix = "M";
  } else if (value >= 1e4) {
    value /= 1e3;
    suffix = "k";
  }
  const int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;
  return fmt::format("{:.{}f}{}", value, digits, suffix);
}

std::string BarText(const BenchRow& row) {
  switch (row.bar.kind) {
    case BarKind::kNone:
      break;
    case BarKind::kRatioAtMost:
      return fmt::format("≤ {}×", row.bar.limit);
    case BarKind::kRatioAtLeast:
      return fmt::format("≥ {}×", row.bar.limit);
    case BarKind::kBelow:
      return fmt::format("< {} {}", row.bar.limit, row.unit);
    case BarKind::kAtLeast:
      return fmt::format("≥ {} {}", Short(row.bar.limit), row.unit);
  }
  return "-";
}

}  // namespace

Spread SpreadOf(std::vector<double> samples) {
  CHECK(!samples.empty());
  std::sort(samples.begin(), samples.end());
  const std::size_t half = samples.size() / 2;
  const double median =
      samples.size() % 2 == 1 ? samples[half] : (samples[half - 1] + samples[half]) / 2;
  return {median, samples.front(), samples.back()};
}

double PercentileOf(std::vector<double> samples, double part) {
  CHECK(!samples.empty());
  std::sort(samples.begin(), samples.end());
  const auto last = static_cast<double>(samples.size() - 1);
  return samples[static_cast<std::size_t>(std::lround(last * part))];
}

BenchRow CompareRounds(std::string_view name, std::string_view unit,
                       const std::vector<double>& ours, const std::vector<double>& raw,
                       const Bar& bar) {
  CHECK(ours.size() == raw.size());
  std::vector<double> ratios;
  for (std::size_t i = 0; i < ours.size(); ++i) ratios.push_back(ours[i] / raw[i]);
  BenchRow row;
  row.name = name;
  row.unit = unit;
  row.ours = SpreadOf(ours).median;
  row.raw = SpreadOf(raw);
  row.ratio = SpreadOf(ratios).median;
  row.bar = bar;
  return row;
}

std::string_view VerdictOf(const BenchRow& row) {
  switch (row.bar.kind) {
    case BarKind::kNone:
      break;
    case BarKind::kRatioAtMost:
      return row.ratio <= row.bar.limit ? "ok" : "below";
    case BarKind::kRatioAtLeast:
      return row.ratio >= row.bar.limit ? "ok" : "below";
    case BarKind::kBelow:
      return row.ours < row.bar.limit ? "ok" : "below";
    case BarKind::kAtLeast:
      return row.ours >= row.bar.limit ? "ok" : "below";
  }
  return "-";
}

std::string FormatRows(const std::vector<BenchRow>& rows, const Terminal& terminal) {
  Table table{{"WHAT", "MEASURED", "RAW LOOP", "RATIO", "BAR", "VERDICT", "RAW FROM..TO"}, {}};
  for (const BenchRow& row : rows) {
    const std::string_view verdict = VerdictOf(row);
    const Color color = verdict == "below" ? Color::kWarning
                        : verdict == "ok"  ? Color::kGood
                                           : Color::kNone;
    table.rows.push_back(
        {row.name, fmt::format("{} {}", Short(row.ours), row.unit),
         row.raw ? Short(row.raw->median) : "-", row.raw ? fmt::format("{:.2f}×", row.ratio) : "-",
         BarText(row), Colored(verdict, color, terminal),
         row.raw ? fmt::format("{}..{}", Short(row.raw->least), Short(row.raw->most)) : "-"});
  }
  std::string text = FormatTable(table, terminal);
  for (const BenchRow& row : rows) {
    if (!row.note.empty()) text += fmt::format("{}: {}\n", row.name, row.note);
  }
  return text;
}

Json RowsJson(const std::vector<BenchRow>& rows) {
  Json json = Json::array();
  for (const BenchRow& row : rows) {
    Json one = {{"name", row.name}, {"unit", row.unit}, {"measured", row.ours}};
    one["raw"] =
        row.raw
            ? Json{{"median", row.raw->median}, {"least", row.raw->least}, {"most", row.raw->most}}
            : Json();
    one["ratio"] = row.raw ? Json(row.ratio) : Json();
    one["bar"] = TextOrNull(row.bar.kind == BarKind::kNone ? "" : BarText(row));
    one["verdict"] = TextOrNull(row.bar.kind == BarKind::kNone ? "" : VerdictOf(row));
    one["note"] = TextOrNull(row.note);
    json.push_back(std::move(one));
  }
  return json;
}

}  // namespace epu
