#include "cli/report.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "cli/describe.h"
#include "cli/history_view.h"
#include "cli/html_page.h"
#include "cli/markup.h"
#include "engines/keys.h"

namespace epu {
namespace {

constexpr std::string_view kStyle = R"(
table{width:100%}td:nth-child(-n+2){white-space:nowrap}.more{color:#57606a}
@media(prefers-color-scheme:dark){.more{color:#a5b0bb}}
.phone{display:none}@media screen and (max-width:40rem){.phone{display:block}.desk{display:none}}
)";

bool IsStarting(WorkerState state) { return state < WorkerState::kRunning; }
bool IsRunning(WorkerState state) { return state == WorkerState::kRunning; }

// The event, or none where it cannot be read.
std::optional<Event> ReadNamed(Names& names, Sequence sequence) {
  const Event* const event = names.At(sequence);
  return event == nullptr ? std::nullopt : std::optional(*event);
}

// For a desk, for paper, and for a phone.
std::string Drawn(const Plot& plot) {
  return fmt::format("<div class=\"desk\">{}</div><div class=\"phone\">{}</div>",
                     PlotSvg(plot, kPlotWide), PlotSvg(plot, kPlotNarrow));
}

// A point where the value is another than before.
void Add(std::vector<PlotPoint>& points, Time time, double value) {
  if (!points.empty() && points.back().value == value) return;
  points.push_back({time, value});
}

}  // namespace

Report::Report(const Epu& pool, Time from, Names& names, Zone zone)
    : names_(names), zone_(zone), from_(from) {
  const bool named = HasKey(pool.definition, "sensor");
  for (const auto& [number, sensor] : pool.sensors) {
    const std::string& name = sensor.definition.name;
    if (named ? name != TextOf(pool.definition, "sensor") : !sensor_.empty()) continue;
    queue_ = number;
    sensor_ = name;
    if (const auto* value = std::get_if<double>(&sensor.latest.measure)) {
      readings_.push_back({from, *value});
    }
  }
  for (const auto& [key, name] : {std::pair("queuelen_high_water", "high water"),
                                  std::pair("queuelen_low_water", "low water")}) {
    if (!HasKey(pool.definition, key)) continue;
    const auto value = static_cast<double>(IntegerOf(pool.definition, key));
    levels_.push_back({fmt::format("{} {}", name, value), value});
  }
  for (const auto& [number, worker] : pool.workers) workers_[number] = worker.state;
  NoteWorkers(from);
}

void Report::NoteWorkers(Time time) {
  double starting = 0, running = 0, ending = 0;
  for (const auto& [number, state] : workers_) {
    (IsStarting(state) ? starting : IsRunning(state) ? running : ending) += 1;
  }
  // Areas stand on each other.
  Add(running_, time, running);
  Add(starting_, time, running + starting);
  Add(ending_, time, running + starting + ending);
}

void Report::TakeDecision(const Event& event, const DecisionMade& fact) {
  std::string inputs;
  for (const Sequence input : fact.inputs) {
    const std::optional<Event> told = ReadNamed(names_, input);
    inputs += (inputs.empty() ? "" : "; ") +
              (told ? fmt::format("{} {}", input, Describe(*told, names_, zone_))
                    : std::to_string(input));
  }
  const std::string text = DecisionText(fact, names_, zone_);
  const MarkForm form = fact.launches > 0           ? MarkForm::kUp
                        : !fact.retirements.empty() ? MarkForm::kDown
                                                    : MarkForm::kOther;
  marks_.push_back({event.time, form,
                    fmt::format("{} {}\n{}{}{}", event.sequence, FormatSeconds(event.time, zone_),
                                text, inputs.empty() ? "" : "\n", inputs)});
  decisions_.push_back({event.sequence, event.time, text, inputs});
}

void Report::Take(const Event& event) {
  if (const auto* reading = std::get_if<ReadingTaken>(&event.payload)) {
    if (reading->sensor != queue_) return;
    const auto* value = std::get_if<double>(&reading->measure);
    readings_.push_back({event.time, value == nullptr ? std::nullopt : std::optional(*value)});
  } else if (const auto* decision = std::get_if<DecisionMade>(&event.payload)) {
    TakeDecision(event, *decision);
  } else if (const auto* request = std::get_if<WorkerRequested>(&event.payload)) {
    workers_[request->worker] = WorkerState::kRequested;
    NoteWorkers(event.time);
  } else if (const auto* change = std::get_if<WorkerChanged>(&event.payload)) {
    const bool fails =
        change->to == WorkerState::kRunningFailed || change->to == WorkerState::kFailed;
    if (fails) {
      failures_.push_back({event.sequence, event.time, Describe(event, names_, zone_), ""});
    }
    workers_[change->worker] = change->to;
    if (change->to >= WorkerState::kTerminated) workers_.erase(change->worker);
    NoteWorkers(event.time);
  } else if (event.actor != kServer) {
    changes_.push_back({event.sequence, event.time, Describe(event, names_, zone_),
                        "by " + names_.Actor(event.actor)});
  }
}

Plot Report::QueuePlot(Time end) const {
  Plot plot{sensor_, from_,     std::max(end, from_ + Duration(1)), zone_, {}, levels_,
            marks_,  "decision"};
  plot.series.push_back({sensor_, PlotForm::kStep, readings_});
  return plot;
}

Plot Report::WorkersPlot(Time end) const {
  Plot plot{"workers", from_,     std::max(end, from_ + Duration(1)), zone_, {}, {},
            marks_,    "decision"};
  // Each stands before the one above: what shows of that is its own part.
  plot.series = {{"ending", PlotForm::kArea, ending_},
                 {"starting", PlotForm::kArea, starting_},
                 {"running", PlotForm::kArea, running_}};
  return plot;
}

std::string Report::Tables() const {
  std::string html;
  const auto table = [&](const char* title, const std::vector<Row>& rows) {
    html += fmt::format("<h2>{}</h2>\n", title);
    if (rows.empty()) {
      html += "<p>none</p>\n";
      return;
    }
    html +=
        "<div "
        "class=\"wide\"><table>\n<thead><tr><th>Event</th><th>Time</th><th>What</th></tr></"
        "thead>\n<tbody>\n";
    for (std::size_t i = 0; i < std::min(rows.size(), kReportRowsMax); ++i) {
      const Row& row = rows[i];
      html += fmt::format("<tr><td>{}</td><td>{}</td><td>{}", row.sequence,
                          FormatSeconds(row.time, zone_), EscapeMarkup(row.what));
      if (!row.more.empty()) {
        html += fmt::format("<div class=\"more\">{}</div>", EscapeMarkup(row.more));
      }
      html += "</td></tr>\n";
    }
    html += "</tbody></table></div>\n";
    if (rows.size() > kReportRowsMax) {
      html += fmt::format("<p>the first {} of {}; epumgmt history shows all</p>\n",
                          WithThousands(kReportRowsMax), WithThousands(rows.size()));
    }
  };
  table("Decisions", decisions_);
  table("Changes by people", changes_);
  table("Failures", failures_);
  return html;
}

std::string Report::Page(const Facts& facts, Time end) const {
  std::string html = fmt::format("<p>{} decisions, {} changes by people, {} failures</p>\n",
                                 WithThousands(decisions_.size()), WithThousands(changes_.size()),
                                 WithThousands(failures_.size()));
  if (!sensor_.empty()) {
    html += fmt::format("<h2>Backlog: {}</h2>\n{}\n", EscapeMarkup(sensor_), Drawn(QueuePlot(end)));
  }
  html += "<h2>Workers by state</h2>\n" + Drawn(WorkersPlot(end)) + "\n" + Tables();
  html += "<h2>Machines</h2>\n";
  for (const std::string& line : facts.ledger) {
    html += fmt::format("<p>{}</p>\n", EscapeMarkup(line));
  }
  if (!facts.checkpoint.empty()) {
    html +=
        fmt::format("<h2>The log it is from</h2>\n<pre>{}</pre>\n", EscapeMarkup(facts.checkpoint));
  }
  return HtmlPage(facts.title, kStyle, html);
}

}  // namespace epu
