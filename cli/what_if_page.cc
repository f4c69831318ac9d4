#include "cli/what_if_page.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cli/html_page.h"
#include "cli/markup.h"
#include "cli/svg_plot.h"

namespace epu {
namespace {

constexpr std::string_view kStyle =
    "th,td{text-align:right;white-space:nowrap}th:first-child,td:first-child{text-align:left}\n";

// Which of a policy's points a plot is of.
using Points = std::vector<PoolOutcome::Point> PoolOutcome::*;

Plot PlotOf(const std::vector<NamedOutcome>& outcomes, Points points, std::string title,
            Zone zone) {
  Plot plot;
  plot.title = std::move(title);
  plot.zone = zone;
  plot.from = outcomes.front().result.outcome.from;
  plot.to = std::max(outcomes.front().result.outcome.time, plot.from + Duration(1));
  plot.mark_name = "from here on modelled";
  for (const NamedOutcome& outcome : outcomes) {
    PlotSeries series{outcome.name, PlotForm::kStep, {}};
    for (const PoolOutcome::Point& point : outcome.result.outcome.*points) {
      series.points.push_back({point.time, point.value});
    }
    plot.series.push_back(std::move(series));
    if (const auto& from = outcome.result.modelled_from) {
      plot.marks.push_back({*from, MarkForm::kOther, outcome.name + " is modelled from here on"});
    }
  }
  std::sort(plot.marks.begin(), plot.marks.end(),
            [](const PlotMark& left, const PlotMark& right) { return left.time < right.time; });
  return plot;
}

Plot WorkersOf(const std::vector<NamedOutcome>& outcomes, Zone zone) {
  return PlotOf(outcomes, &PoolOutcome::sizes, "workers", zone);
}

Plot QueueOf(const std::vector<NamedOutcome>& outcomes, Zone zone) {
  Plot plot = PlotOf(outcomes, &PoolOutcome::queue, "queue", zone);
  if (const auto& mark = outcomes.front().result.outcome.mark) {
    plot.levels.push_back({fmt::format("mark {}", *mark), *mark});
  }
  return plot;
}

}  // namespace

std::string WhatIfSvg(const std::vector<NamedOutcome>& outcomes, Zone zone) {
  return PlotSvgFile(WorkersOf(outcomes, zone), kPlotWide);
}

std::string WhatIfPage(const std::vector<NamedOutcome>& outcomes, const Workload& work,
                       std::string_view heading, Zone zone) {
  std::string rows;
  const Table table = WhatIfTable(outcomes, zone);
  const auto row = [&](const char* cell, const std::vector<std::string>& texts) {
    rows += "<tr>";
    for (const std::string& text : texts) {
      rows += fmt::format("<{0}>{1}</{0}>", cell, EscapeMarkup(text));
    }
    rows += "</tr>\n";
  };
  rows += "<thead>";
  row("th", table.heading);
  rows += "</thead>\n<tbody>\n";
  for (const std::vector<std::string>& texts : table.rows) row("td", texts);
  return HtmlPage(
      heading, kStyle,
      fmt::format("<div class=\"wide\"><table>\n{}</tbody></table></div>\n"
                  "<h2>Workers</h2>\n{}\n<h2>Queue</h2>\n{}\n<h2>Model</h2>\n"
                  "<p>{}</p>\n",
                  rows, PlotSvg(WorkersOf(outcomes, zone), kPlotWide),
                  PlotSvg(QueueOf(outcomes, zone), kPlotWide), EscapeMarkup(WorkloadText(work))));
}

}  // namespace epu
