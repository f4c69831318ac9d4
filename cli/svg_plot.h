#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/zone.h"
#include "eventlog/time.h"

// A plot of values over time as SVG: lines or steps, levels, marks that tell more when one points
// at them, axes with round ticks, a legend. Pure. All text is escaped. Colours are those of
// PlotCss, for a light and a dark background; what they tell is told by dashes and names as well.
//
// However long the range, the SVG stays small: of each pixel's points the first, the least, the
// greatest and the last are drawn, and marks that would cover each other are one.

namespace epu {

struct PlotPoint {
  Time time{};
  std::optional<double> value;  // None: unknown from here to the next point.
  bool operator==(const PlotPoint&) const = default;
};

// A line goes from point to point; a step keeps a point's value until the next. An area is a step
// that is filled down to 0: later series stand before earlier ones.
enum class PlotForm { kLine, kStep, kArea };

struct PlotSeries {
  std::string name;
  PlotForm form = PlotForm::kLine;
  std::vector<PlotPoint> points;  // By time.
};

// A value that matters throughout: "high water 100".
struct PlotLevel {
  std::string name;
  double value = 0;
};

enum class MarkForm { kUp, kDown, kOther };

struct PlotMark {
  Time time{};
  MarkForm form = MarkForm::kOther;
  std::string title;  // Shown when pointed at; may have several lines.
};

struct Plot {
  std::string title;  // For who cannot see it, too.
  Time from{};
  Time to{};  // After `from`.
  Zone zone = Zone::kUtc;
  std::vector<PlotSeries> series;  // At most kPlotSeriesMax have looks of their own.
  std::vector<PlotLevel> levels;
  std::vector<PlotMark> marks;  // By time.
  std::string mark_name;        // Of the marks, for the legend: "decision".
};
inline constexpr std::size_t kPlotSeriesMax = 6;

// In the units of text sizes: a plot is scaled to the width it is shown at.
struct PlotSize {
  int width = 960;
  int height = 260;
};
inline constexpr PlotSize kPlotWide{960, 260};
inline constexpr PlotSize kPlotNarrow{400, 260};  // For a phone.

// The <svg> element, to stand in a page that has PlotCss in its style.
std::string PlotSvg(const Plot& plot, PlotSize size);

// The same as a file of its own; plots stand one below the other.
std::string PlotSvgFile(const Plot& plot, PlotSize size);
std::string PlotSvgFile(const std::vector<Plot>& plots, PlotSize each);

// The style of plots.
std::string_view PlotCss();

// The points that are worth drawing in `columns` columns from `from` to `to`, with the one that
// holds at `from` moved there.
std::vector<PlotPoint> ThinPoints(const std::vector<PlotPoint>& points, Time from, Time to,
                                  int columns);

}  // namespace epu
