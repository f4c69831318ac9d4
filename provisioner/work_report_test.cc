#include "provisioner/work_report.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

// "busy, photo-17.jpg, load 0.73", or the refusal.
std::string Said(std::string_view text) {
  const absl::StatusOr<WorkReport> report = ParseWorkReport(text);
  if (!report.ok()) return std::string(report.status().message());
  std::string said(ActivityName(report->activity));
  if (!report->doing.empty()) said += ", " + report->doing;
  for (const Metric& metric : report->metrics) {
    said += ", " + metric.name + " " + std::to_string(metric.value).substr(0, 4);
  }
  return said;
}

TEST(WorkReport, IsReadLineByLine) {
  const struct {
    std::string text, said;
  } cases[] = {
      {"activity busy\n", "busy"},
      {"activity idle\n", "idle"},
      {"activity unknown\n", "unknown"},
      {"\n# a remark\n", "unknown"},
      {"activity busy\ndoing photo 17.jpg \nmetric load 0.73\n", "busy, photo 17.jpg, load 0.73"},
      {"  activity\tbusy\r\n", "busy"},
      {"doing\n", "unknown"},
      {"metric b 2\nmetric a 1\nmetric b 3\n", "unknown, a 1.00, b 3.00"},
      {"metric load -1e1\n", "unknown, load -10."},
      {"activity busy\nactivity idle\n", "idle"},
      // Not whole yet.
      {"", "it is being written"},
      {"activity bu", "it is being written"},
      // Wrong.
      {"activity\n", "line 1: activity is \"\"; busy or idle is due"},
      {"activity lazy\n", "line 1: activity is \"lazy\"; busy or idle is due"},
      {"\nstate busy\n", "line 2: \"state\" is none of activity, doing, metric"},
      {"metric\n", "line 1: a metric is due as: metric NAME NUMBER"},
      {"metric load\n", "line 1: metric load is \"\"; a number is due"},
      {"metric load 1 2\n", "line 1: metric load is \"1 2\"; a number is due"},
      {"metric load nan\n", "line 1: metric load is \"nan\"; a number is due"},
      {"metric load inf\n", "line 1: metric load is \"inf\"; a number is due"},
      {"metric load 1e999\n", "line 1: metric load is \"1e999\"; a number is due"},
      {"metric " + std::string(64, 'n') + " 1\n", "line 1: a metric is due as: metric NAME NUMBER"},
  };
  for (const auto& [text, said] : cases) EXPECT_EQ(Said(text), said) << text;
}

TEST(WorkReport, HoldsSoManyMetrics) {
  std::string text;
  for (std::size_t i = 0; i < kMetricsMax; ++i) text += "metric m" + std::to_string(i) + " 1\n";
  EXPECT_EQ(ParseWorkReport(text)->metrics.size(), kMetricsMax);
  EXPECT_EQ(Said(text + "metric m3 2\nmetric more 1\n"),
            "line 18: metric more is one too many; at most 16");
}

}  // namespace
}  // namespace epu
