#include "cli/svg_plot.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

const Time kNine{std::chrono::sys_days(std::chrono::year(2026) / 11 / 22) + 9h};

std::size_t CountOf(const std::string& text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

Plot Empty() {
  Plot plot;
  plot.title = "queue";
  plot.from = kNine;
  plot.to = kNine + 1h;
  return plot;
}

TEST(SvgPlot, DrawsLinesStepsAndAreas) {
  Plot plot = Empty();
  const std::vector<PlotPoint> points = {{kNine, 0.0}, {kNine + 30min, 100.0}};
  plot.series = {{"a", PlotForm::kLine, points},
                 {"b", PlotForm::kStep, points},
                 {"c", PlotForm::kArea, points}};
  // 400 wide, with 56 and 14 beside: the middle is at 221, the end at 386.
  const std::string svg = PlotSvg(plot, {400, 224});
  EXPECT_NE(svg.find("<path class=\"s l0\" d=\"M56 200L221 26\"/>"), std::string::npos) << svg;
  EXPECT_NE(svg.find("<path class=\"s l1\" d=\"M56 200H221V26H386\"/>"), std::string::npos) << svg;
  EXPECT_NE(svg.find("<path class=\"a l2\" d=\"M56 200V200H221V26H386V200z\"/>"), std::string::npos)
      << svg;
}

TEST(SvgPlot, LeavesOutWhatIsNotKnown) {
  Plot plot = Empty();
  plot.series = {{"queue",
                  PlotForm::kLine,
                  {{kNine, 50.0},
                   {kNine + 10min, 100.0},
                   {kNine + 20min, std::nullopt},
                   {kNine + 30min, 100.0}}}};
  const std::string svg = PlotSvg(plot, {400, 224});
  EXPECT_NE(svg.find("d=\"M56 113L111 26M221 26h1\""), std::string::npos) << svg;
}

TEST(SvgPlot, EscapesTextFromOutside) {
  const std::string evil = "<script>alert(1)</script>";
  Plot plot = Empty();
  plot.title = plot.mark_name = evil;
  plot.series = {{evil, PlotForm::kLine, {{kNine, 1.0}}}};
  plot.levels = {{evil, 2}};
  plot.marks = {{kNine + 1min, MarkForm::kUp, evil}};
  const std::string svg = PlotSvgFile(plot, kPlotWide);
  EXPECT_EQ(svg.find("<script"), std::string::npos);
  EXPECT_EQ(CountOf(svg, "&lt;script&gt;"), 5u);
}

TEST(SvgPlot, DrawsMarksThatCoverEachOtherAsOne) {
  Plot plot = Empty();
  for (int i = 0; i < 10; ++i) plot.marks.push_back({kNine + i * 1s, MarkForm::kUp, "up"});
  plot.marks.push_back({kNine + 30min, MarkForm::kDown, "down"});
  const std::string svg = PlotSvg(plot, kPlotWide);
  EXPECT_EQ(CountOf(svg, "<g class=\"mark\">"), 2u);
  EXPECT_NE(svg.find("<title>up\nup\nup\nup\nup\nup\n… 4 more</title>"), std::string::npos);
  EXPECT_NE(svg.find("<title>down</title>"), std::string::npos);
}

TEST(SvgPlot, KeepsTheExtremesOfALongRange) {
  std::vector<PlotPoint> points;
  for (int i = 0; i < 1'000'000; ++i) points.push_back({kNine + i * 1ms, i == 777'777 ? 9.0 : 1.0});
  points[123'456].value = -4;
  const std::vector<PlotPoint> thin = ThinPoints(points, kNine, kNine + 1000s, 900);
  EXPECT_LE(thin.size(), 900u * 2 + 2);
  EXPECT_NE(std::find(thin.begin(), thin.end(), points[777'777]), thin.end());
  EXPECT_NE(std::find(thin.begin(), thin.end(), points[123'456]), thin.end());
}

TEST(SvgPlot, BeginsWithWhatHoldsAtItsBeginning) {
  const std::vector<PlotPoint> points = {
      {kNine - 2h, 1.0}, {kNine - 1h, 3.0}, {kNine + 1h, 4.0}, {kNine + 9h, 5.0}};
  const std::vector<PlotPoint> expected = {{kNine, 3.0}, {kNine + 1h, 4.0}};
  EXPECT_EQ(ThinPoints(points, kNine, kNine + 2h, 100), expected);
  EXPECT_TRUE(ThinPoints({}, kNine, kNine + 2h, 100).empty());
}

}  // namespace
}  // namespace epu
