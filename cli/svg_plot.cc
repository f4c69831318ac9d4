#include "cli/svg_plot.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "cli/markup.h"
#include "cli/plot_scale.h"
#include "cli/terminal.h"

namespace epu {
namespace {

constexpr int kLeft = 56;    // Room for the values,
constexpr int kRight = 14;   // half of the last time,
constexpr int kBottom = 24;  // the times,
constexpr int kLegendRow = 18;
constexpr int kMarkRow = 16;  // and the marks, above everything.
constexpr double kMarkApart = 5;
constexpr std::size_t kMarksNamed = 6;  // Of those that are drawn as one.
constexpr double kLetter = 6.6;         // The width of one, about.

constexpr std::string_view kCss =
    R"(.plot{width:100%;height:auto;display:block;font:11px system-ui,sans-serif;
--ink:#24292f;--faint:#d5d9de;--mark:#8250df;--s0:#0b62c4;--s1:#c2410c;--s2:#157347;--s3:#a3126b;--s4:#6e5a00;--s5:#57606a}
@media(prefers-color-scheme:dark){.plot{--ink:#d8dee6;--faint:#3a424c;--mark:#c297ff;--s0:#6cb2ff;--s1:#ff9d5c;--s2:#5fd38d;--s3:#ff8ac9;--s4:#e3c341;--s5:#a5b0bb}}
@media print{.plot{--ink:#000;--faint:#ccc;--mark:#6a35c9;--s0:#0b62c4;--s1:#c2410c;--s2:#157347;--s3:#a3126b;--s4:#6e5a00;--s5:#57606a}}
.plot text{fill:var(--ink)}.plot .grid{stroke:var(--faint);stroke-width:1}
.plot .level{stroke:var(--ink);stroke-width:1;stroke-dasharray:2 4}
.plot .mark line{stroke:var(--mark);stroke-width:1;opacity:.45}.plot .mark path,.plot path.mark{fill:var(--mark)}
.plot .mark rect{fill:transparent}.plot .mark:hover line{opacity:1;stroke-width:2}
.plot .s{fill:none;stroke-width:1.6;stroke-linejoin:round}
.plot .a{stroke:none}
)";

// One look a series; written out once here so that the style and the shapes agree.
std::string LookCss() {
  constexpr std::string_view kDashes[] = {"none", "7 3", "3 2", "9 3 2 3", "1 3", "12 4"};
  std::string css;
  for (std::size_t i = 0; i < kPlotSeriesMax; ++i) {
    css += fmt::format(
        ".plot .s.l{0}{{stroke:var(--s{0});stroke-dasharray:{1}}}.plot "
        ".a.l{0}{{fill:var(--s{0})}}\n",
        i, kDashes[i]);
  }
  return css;
}

// Where things stand in one SVG.
struct Frame {
  const Plot& plot;
  PlotSize size;
  int top = 0;
  std::vector<double> ticks;

  int Bottom() const { return size.height - kBottom; }
  int Right() const { return size.width - kRight; }
  double X(Time time) const {
    const double part = std::chrono::duration<double>(time - plot.from) /
                        std::chrono::duration<double>(plot.to - plot.from);
    return kLeft + std::clamp(part, 0.0, 1.0) * (Right() - kLeft);
  }
  double Y(double value) const {
    const double part = (value - ticks.front()) / (ticks.back() - ticks.front());
    return Bottom() - part * (Bottom() - top);
  }
};

// "12.3", and "12" for 12.0.
std::string Pixel(double value) {
  std::string text = fmt::format("{:.1f}", value);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string Text(double x, double y, std::string_view anchor, std::string_view text) {
  return fmt::format("<text x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>\n", Pixel(x), Pixel(y),
                     anchor, EscapeMarkup(text));
}

std::string Line(std::string_view look, double x1, double y1, double x2, double y2) {
  return fmt::format("<line class=\"{}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>\n", look,
                     Pixel(x1), Pixel(y1), Pixel(x2), Pixel(y2));
}

// A triangle or a diamond around (x, y).
std::string MarkShape(MarkForm form, double x, double y) {
  switch (form) {
    case MarkForm::kUp:
      return fmt::format("M{} {}l5 9h-10z", Pixel(x), Pixel(y - 5));
    case MarkForm::kDown:
      return fmt::format("M{} {}l5 -9h-10z", Pixel(x), Pixel(y + 5));
    case MarkForm::kOther:
      return fmt::format("M{} {}l5 5l-5 5l-5 -5z", Pixel(x), Pixel(y - 5));
  }
  return "";
}

// ---- Legend ----

struct LegendEntry {
  std::string shape;  // Drawn around (0, 0), 24 wide.
  std::string name;
};

std::vector<LegendEntry> LegendOf(const Plot& plot) {
  std::vector<LegendEntry> entries;
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    const std::size_t look = i % kPlotSeriesMax;
    entries.push_back({plot.series[i].form == PlotForm::kArea
                           ? fmt::format("<rect class=\"a l{}\" x=\"6\" y=\"-5\" width=\"12\" "
                                         "height=\"10\"/>",
                                         look)
                           : fmt::format("<path class=\"s l{}\" d=\"M0 0h20\"/>", look),
                       plot.series[i].name});
  }
  for (const PlotLevel& level : plot.levels) {
    entries.push_back({"<path class=\"level\" d=\"M0 0h20\"/>", level.name});
  }
  if (!plot.marks.empty() && !plot.mark_name.empty()) {
    entries.push_back(
        {fmt::format("<path class=\"mark\" d=\"{}\"/>", MarkShape(MarkForm::kOther, 12, 0)),
         plot.mark_name});
  }
  return entries;
}

// Its text, and how high it is.
std::pair<std::string, int> Legend(const Plot& plot, PlotSize size) {
  std::string text;
  double x = kLeft;
  int y = kLegendRow / 2;
  for (const LegendEntry& entry : LegendOf(plot)) {
    const double width = 26 + kLetter * static_cast<double>(DisplayWidth(entry.name)) + 12;
    if (x > kLeft && x + width > size.width - kRight) {
      x = kLeft;
      y += kLegendRow;
    }
    text += fmt::format("<g transform=\"translate({} {})\">{}</g>\n", Pixel(x), y, entry.shape);
    text += Text(x + 26, y + 4, "start", entry.name);
    x += width;
  }
  return {text, text.empty() ? 0 : y + kLegendRow / 2};
}

// ---- Series ----

// The path of points[begin, end), which are all known.
std::string Path(const Frame& frame, const std::vector<PlotPoint>& points, std::size_t begin,
                 std::size_t end, PlotForm form) {
  const double zero = frame.Y(std::clamp(0.0, frame.ticks.front(), frame.ticks.back()));
  const Time until = end < points.size() ? points[end].time : frame.plot.to;
  std::string path;
  for (std::size_t i = begin; i < end; ++i) {
    const std::string x = Pixel(frame.X(points[i].time));
    const std::string y = Pixel(frame.Y(*points[i].value));
    if (i == begin && form == PlotForm::kArea) path += fmt::format("M{} {}V{}", x, Pixel(zero), y);
    if (i == begin && form != PlotForm::kArea) path += fmt::format("M{} {}", x, y);
    if (i > begin && form == PlotForm::kLine) path += fmt::format("L{} {}", x, y);
    if (i > begin && form != PlotForm::kLine) path += fmt::format("H{}V{}", x, y);
  }
  if (form == PlotForm::kLine && end - begin == 1) path += "h1";  // A point alone is seen, too.
  if (form != PlotForm::kLine) path += fmt::format("H{}", Pixel(frame.X(until)));
  if (form == PlotForm::kArea) path += fmt::format("V{}z", Pixel(zero));
  return path;
}

std::string Series(const Frame& frame, const PlotSeries& series, std::size_t look) {
  const std::vector<PlotPoint> points =
      ThinPoints(series.points, frame.plot.from, frame.plot.to, frame.Right() - kLeft);
  std::string path;
  for (std::size_t begin = 0; begin < points.size();) {
    std::size_t end = begin;
    while (end < points.size() && points[end].value) ++end;
    if (end > begin) path += Path(frame, points, begin, end, series.form);
    begin = end + 1;
  }
  if (path.empty()) return "";
  return fmt::format("<path class=\"{} l{}\" d=\"{}\"/>\n",
                     series.form == PlotForm::kArea ? "a" : "s", look, path);
}

// ---- Marks ----

std::string Mark(const Frame& frame, double x, MarkForm form, const std::string& title) {
  const double y = frame.top - kMarkRow / 2.0;
  return fmt::format(
      "<g class=\"mark\"><title>{}</title><line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{bottom}\"/>"
      "<path d=\"{}\"/><rect x=\"{}\" y=\"{}\" width=\"8\" height=\"{}\"/></g>\n",
      EscapeMarkup(title), Pixel(y), MarkShape(form, x, y), Pixel(x - 4), Pixel(y - 6),
      Pixel(frame.Bottom() - y + 6), fmt::arg("x", Pixel(x)), fmt::arg("bottom", frame.Bottom()));
}

// Marks nearer to each other than kMarkApart are one.
std::string Marks(const Frame& frame) {
  const std::vector<PlotMark>& marks = frame.plot.marks;
  std::string text;
  for (std::size_t begin = 0; begin < marks.size();) {
    const double x = frame.X(marks[begin].time);
    std::size_t end = begin;
    std::string title;
    MarkForm form = marks[begin].form;
    for (; end < marks.size() && frame.X(marks[end].time) - x < kMarkApart; ++end) {
      if (marks[end].form != form) form = MarkForm::kOther;
      if (end - begin < kMarksNamed) title += (title.empty() ? "" : "\n") + marks[end].title;
    }
    if (end - begin > kMarksNamed) title += fmt::format("\n… {} more", end - begin - kMarksNamed);
    text += Mark(frame, x, form, title);
    begin = end;
  }
  return text;
}

// ---- Axes ----

std::string Axes(const Frame& frame) {
  std::string text;
  for (const double tick : frame.ticks) {
    const double y = frame.Y(tick);
    text += Line("grid", kLeft, y, frame.Right(), y);
    text += Text(kLeft - 6, y + 4, "end", ValueTickText(tick));
  }
  const int count_max = std::max(2, (frame.Right() - kLeft) / 80);
  for (const TimeTick& tick :
       TimeTicks(frame.plot.from, frame.plot.to, count_max, frame.plot.zone)) {
    const double x = frame.X(tick.time);
    text += Line("grid", x, frame.Bottom(), x, frame.Bottom() + 4);
    text += Text(x, frame.Bottom() + 16, "middle", tick.text);
  }
  return text;
}

std::vector<double> Ticks(const Plot& plot, int height) {
  double low = 0;
  double high = 0;
  for (const PlotSeries& series : plot.series) {
    for (const PlotPoint& point : series.points) {
      if (!point.value || point.time > plot.to) continue;
      low = std::min(low, *point.value);
      high = std::max(high, *point.value);
    }
  }
  for (const PlotLevel& level : plot.levels) high = std::max(high, level.value);
  return ValueTicks(low, high, std::max(2, height / 40));
}

std::string Svg(const Plot& plot, PlotSize size, std::string_view style) {
  const auto [legend, legend_height] = Legend(plot, size);
  Frame frame{plot, size, legend_height + (plot.marks.empty() ? 8 : kMarkRow + 4), {}};
  frame.ticks = Ticks(plot, frame.Bottom() - frame.top);
  std::string text = fmt::format(
      "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" role=\"img\" "
      "aria-label=\"{}\">\n{}",
      size.width, size.height, EscapeMarkup(plot.title), style);
  text += legend + Axes(frame);
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    text += Series(frame, plot.series[i], i % kPlotSeriesMax);
  }
  for (const PlotLevel& level : plot.levels) {
    text += Line("level", kLeft, frame.Y(level.value), frame.Right(), frame.Y(level.value));
  }
  return text + Marks(frame) + "</svg>\n";
}

}  // namespace

std::vector<PlotPoint> ThinPoints(const std::vector<PlotPoint>& points, Time from, Time to,
                                  int columns) {
  const auto column_of = [&](Time time) { return (time - from) * columns / (to - from); };
  std::vector<PlotPoint> thin;
  auto next = std::upper_bound(points.begin(), points.end(), from,
                               [](Time time, const PlotPoint& point) { return time < point.time; });
  if (next != points.begin()) thin.push_back({from, std::prev(next)->value});
  while (next != points.end() && next->time < to) {
    const auto column = column_of(next->time);
    auto end = next;
    auto least = next;
    auto greatest = next;
    for (; end != points.end() && end->time < to && column_of(end->time) == column; ++end) {
      if (end->value < least->value) least = end;
      if (end->value > greatest->value) greatest = end;
    }
    auto before = points.end();
    std::array kept = {next, least, greatest, std::prev(end)};
    std::sort(kept.begin(), kept.end());
    for (const auto point : kept) {
      if (point != before) thin.push_back(*point);
      before = point;
    }
    next = end;
  }
  return thin;
}

std::string PlotSvg(const Plot& plot, PlotSize size) { return Svg(plot, size, ""); }

std::string PlotSvgFile(const Plot& plot, PlotSize size) {
  return Svg(plot, size, fmt::format("<style>{}</style>\n", PlotCss()));
}

std::string PlotSvgFile(const std::vector<Plot>& plots, PlotSize each) {
  std::string text;
  int top = 0;
  for (const Plot& plot : plots) {
    text += fmt::format("<svg y=\"{}\" width=\"{}\" height=\"{}\">\n{}</svg>\n", top, each.width,
                        each.height, PlotSvg(plot, each));
    top += each.height;
  }
  return fmt::format(
      "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\">\n"
      "<style>{}</style>\n{}</svg>\n",
      each.width, top, PlotCss(), text);
}

std::string_view PlotCss() {
  static const std::string css = std::string(kCss) + LookCss();
  return css;
}

}  // namespace epu
