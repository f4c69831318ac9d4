#include "provisioner/work_report.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>

#include <fmt/format.h>

namespace epu {
namespace {

// The first word of `text`, which loses it and the blanks around it.
std::string_view TakeWord(std::string_view& text) {
  constexpr std::string_view kBlanks = " \t\r";
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  const std::string_view word = text.substr(0, text.find_first_of(kBlanks));
  text.remove_prefix(word.size());
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  return word;
}

std::optional<Activity> ActivityOf(std::string_view word) {
  for (const Activity activity : {Activity::kUnknown, Activity::kIdle, Activity::kBusy}) {
    if (word == ActivityName(activity)) return activity;
  }
  return std::nullopt;
}

std::optional<double> NumberOf(std::string_view word) {
  double value = 0;
  const auto read = std::from_chars(word.data(), word.data() + word.size(), value);
  const bool whole = read.ec == std::errc() && read.ptr == word.data() + word.size();
  return whole && value - value == 0 ? std::optional(value) : std::nullopt;
}

// What is wrong with a line; empty where nothing is, and its word is in `report` and `metrics`.
std::string TakeLine(std::string_view line, WorkReport& report,
                     std::map<std::string, double>& metrics) {
  std::string_view rest = line;
  const std::string_view word = TakeWord(rest);
  if (word.empty() || word.front() == '#') return "";
  if (word == "activity") {
    const std::optional<Activity> activity = ActivityOf(rest);
    if (!activity) return fmt::format("activity is \"{}\"; busy or idle is due", rest);
    report.activity = *activity;
    return "";
  }
  if (word == "doing") {
    report.doing = CutText(rest);
    return "";
  }
  if (word != "metric") return fmt::format("\"{}\" is none of activity, doing, metric", word);
  const std::string name(TakeWord(rest));
  const std::optional<double> value = NumberOf(rest);
  if (name.empty() || name.size() > kMetricNameMax) return "a metric is due as: metric NAME NUMBER";
  if (!value) return fmt::format("metric {} is \"{}\"; a number is due", name, rest);
  if (!metrics.contains(name) && metrics.size() == kMetricsMax) {
    return fmt::format("metric {} is one too many; at most {}", name, kMetricsMax);
  }
  metrics[name] = *value;
  return "";
}

}  // namespace

absl::StatusOr<WorkReport> ParseWorkReport(std::string_view text) {
  if (text.empty() || text.back() != '\n') return absl::UnavailableError("it is being written");
  WorkReport report;
  std::map<std::string, double> metrics;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    const std::string fault = TakeLine(text.substr(0, end), report, metrics);
    if (!fault.empty())
      return absl::InvalidArgumentError(fmt::format("line {}: {}", number, fault));
    text.remove_prefix(end + 1);
  }
  for (const auto& [name, value] : metrics) report.metrics.push_back({name, value});
  return report;
}

}  // namespace epu
