#include "cli/scenario_view.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include "cli/expectations_file.h"
#include "cli/svg_plot.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

std::string_view VerdictName(StepVerdict verdict) {
  switch (verdict) {
    case StepVerdict::kNotReached:
      return "undecided";
    case StepVerdict::kDone:
      return "done";
    case StepVerdict::kLeftOut:
      return "left out";
    case StepVerdict::kFailed:
      return "failed";
    case StepVerdict::kHeld:
      return "held";
    case StepVerdict::kMissed:
      return "missed";
  }
  return "";
}

// What went wrong is told by capitals, so that it is found without colours.
std::string VerdictCell(StepVerdict verdict, const Terminal& terminal) {
  std::string name(VerdictName(verdict));
  if (verdict == StepVerdict::kLeftOut) return Colored(name, Color::kFaint, terminal);
  if (verdict == StepVerdict::kHeld || verdict == StepVerdict::kDone) {
    return Colored(name, Color::kGood, terminal);
  }
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return Colored(name, Color::kBad, terminal);
}

// "12.3s": a scenario is followed by who watches a clock.
std::string SecondsText(Duration since) {
  return fmt::format("{:.1f}s", std::chrono::duration<double>(since).count());
}

std::string CellOf(const std::optional<Time>& time, Time begin) {
  return time ? SecondsText(*time - begin) : "";
}

std::string Jobs(std::uint32_t count) {
  return fmt::format("{} job{}", count, count == 1 ? "" : "s");
}

std::string ExpectationText(const PoolExpectation& expected) {
  std::vector<std::string> parts;
  if (expected.running_at_least && expected.running_at_least == expected.running_at_most) {
    parts.push_back(fmt::format("{} running", *expected.running_at_least));
  } else {
    if (expected.running_at_least) {
      parts.push_back(fmt::format("{} running or more", *expected.running_at_least));
    }
    if (expected.running_at_most) {
      parts.push_back(fmt::format("{} running or fewer", *expected.running_at_most));
    }
  }
  if (expected.queue_at_most) parts.push_back(fmt::format("queue ≤ {}", *expected.queue_at_most));
  if (expected.jobs_done) parts.push_back("all jobs done");
  return fmt::format("{}{}", fmt::join(parts, ", "),
                     expected.within == Duration{}
                         ? ", at once"
                         : fmt::format(", within {}", FormatDuration(expected.within)));
}

std::string ThroughoutText(const Expectations& expected) {
  std::vector<std::string> parts;
  if (expected.never_above) parts.push_back(fmt::format("never above {}", *expected.never_above));
  if (expected.queue_under) {
    parts.push_back(fmt::format(
        "queue under {}{}", *expected.queue_under,
        expected.within == Duration{} ? "" : " within " + FormatDuration(expected.within)));
  }
  if (expected.no_flap) parts.push_back("no flap");
  return fmt::format("{}", fmt::join(parts, ", "));
}

bool ExpectsThroughout(const LaunchScenario& scenario) {
  return scenario.throughout != Expectations{};
}

// How many things were to be done or to come about, and how many were not; and those left out.
struct Tally {
  std::size_t all = 0;
  std::size_t wrong = 0;
  std::size_t left_out = 0;
};
Tally Count(const PlayedScenario& played) {
  Tally tally;
  for (const StepOutcome& step : played.outcome.steps) {
    if (step.verdict == StepVerdict::kLeftOut) {
      ++tally.left_out;
      continue;
    }
    ++tally.all;
    tally.wrong += step.verdict == StepVerdict::kDone || step.verdict == StepVerdict::kHeld ? 0 : 1;
  }
  if (ExpectsThroughout(played.scenario)) ++tally.all;
  if (played.outcome.breach) ++tally.wrong;
  return tally;
}

std::string SensorName(const PlayedScenario& played) {
  return played.sensor.empty() ? "reading" : played.sensor;
}

// ---- Plots ----

PlotSeries SeriesOf(std::string name, const std::vector<PoolOutcome::Point>& points) {
  PlotSeries series{std::move(name), PlotForm::kStep, {}};
  for (const PoolOutcome::Point& point : points) series.points.push_back({point.time, point.value});
  return series;
}

Plot PlotOf(const PlayedScenario& played, std::string title, Zone zone) {
  Plot plot;
  plot.title = std::move(title);
  plot.zone = zone;
  plot.from = played.outcome.begin;
  plot.to = std::max(played.outcome.end, plot.from + Duration(1));
  plot.mark_name = "step";
  for (std::size_t i = 0; i < played.scenario.steps.size(); ++i) {
    const StepOutcome& step = played.outcome.steps[i];
    if (!step.began) continue;
    const bool expects = IsExpectation(played.scenario.steps[i]);
    const bool failed =
        step.verdict == StepVerdict::kMissed || step.verdict == StepVerdict::kFailed;
    plot.marks.push_back({expects && step.ended ? *step.ended : *step.began,
                          failed    ? MarkForm::kDown
                          : expects ? MarkForm::kUp
                                    : MarkForm::kOther,
                          StepLine(played.scenario.steps[i], step, plot.from)});
  }
  std::stable_sort(
      plot.marks.begin(), plot.marks.end(),
      [](const PlotMark& left, const PlotMark& right) { return left.time < right.time; });
  return plot;
}

Json PointsJson(const std::vector<PoolOutcome::Point>& points, Time begin) {
  Json json = Json::array();
  for (const PoolOutcome::Point& point : points) {
    json.push_back({InSeconds(point.time - begin), Number(point.value)});
  }
  return json;
}

Json SinceOrNull(const std::optional<Time>& time, Time begin) {
  return time ? Json(InSeconds(*time - begin)) : Json();
}

}  // namespace

std::string StepText(const ScenarioStep& step) {
  return std::visit(
      Overloaded{[](const SubmitJobs& submit) {
                   return fmt::format(
                       "submit {} of {}{}", Jobs(submit.count), FormatDuration(submit.runs),
                       submit.batch.empty() ? "" : fmt::format(" ({})", Escape(submit.batch)));
                 },
                 [](const KillWorkers& kill) {
                   return fmt::format("kill {} worker{}", kill.count, kill.count == 1 ? "" : "s");
                 },
                 [](const KillController& kill) {
                   return fmt::format("kill controller {}", Escape(kill.service));
                 },
                 [](const PoolExpectation& expected) { return ExpectationText(expected); }},
      step.what);
}

std::string StepLine(const ScenarioStep& step, const StepOutcome& outcome, Time begin) {
  return fmt::format("{:>8}  {:<9}  {}{}",
                     CellOf(outcome.ended ? outcome.ended : outcome.began, begin),
                     outcome.began && !outcome.ended ? "…" : VerdictName(outcome.verdict),
                     StepText(step), outcome.said.empty() ? "" : ": " + Escape(outcome.said));
}

std::string ScenarioText(const PlayedScenario& played, const Terminal& terminal, Zone zone) {
  const ScenarioOutcome& outcome = played.outcome;
  Table table;
  table.heading = {"VERDICT", "AT", "BEGAN", "ENDED", "WHAT", "OUTCOME"};
  for (std::size_t i = 0; i < played.scenario.steps.size(); ++i) {
    const StepOutcome& step = outcome.steps[i];
    table.rows.push_back({VerdictCell(step.verdict, terminal),
                          FormatDuration(played.scenario.steps[i].at),
                          CellOf(step.began, outcome.begin), CellOf(step.ended, outcome.begin),
                          StepText(played.scenario.steps[i]), Escape(step.said)});
  }
  if (ExpectsThroughout(played.scenario)) {
    const std::optional<Breach>& breach = outcome.breach;
    table.rows.push_back({VerdictCell(breach ? StepVerdict::kMissed : StepVerdict::kHeld, terminal),
                          "", "", breach ? SecondsText(breach->time - outcome.begin) : "",
                          "throughout: " + ThroughoutText(played.scenario.throughout),
                          breach ? BreachText(*breach, played.scenario.throughout)
                                 : fmt::format("{} workers at most", outcome.pool.most)});
  }
  const Tally tally = Count(played);
  std::string text =
      fmt::format("{} on {} of run {}, {} from {}\n\n{}\n", Escape(played.file),
                  played.scenario.pool, played.run, played.model ? "modelled" : "in real time",
                  FormatSeconds(outcome.begin, zone), FormatTable(table, terminal));
  if (outcome.breach && outcome.breach->decision) {
    text += fmt::format("the decision before it: {}\n\n",
                        DecisionLine(*outcome.breach->decision, SensorName(played), zone));
  }
  text += fmt::format(
      "{} of {} as expected{}, in {}: {} launched, {} at most", tally.all - tally.wrong, tally.all,
      tally.left_out == 0 ? "" : fmt::format(", {} left out", tally.left_out),
      SecondsText(outcome.end - outcome.begin), outcome.pool.launches, outcome.pool.most);
  if (!played.sensor.empty()) {
    text += fmt::format("; {} at most {}", Escape(played.sensor), outcome.pool.peak);
  }
  return text + "\n";
}

Json ScenarioJson(const PlayedScenario& played) {
  const ScenarioOutcome& outcome = played.outcome;
  Json steps = Json::array();
  for (std::size_t i = 0; i < played.scenario.steps.size(); ++i) {
    const StepOutcome& step = outcome.steps[i];
    steps.push_back({{"what", StepText(played.scenario.steps[i])},
                     {"at_s", InSeconds(played.scenario.steps[i].at)},
                     {"verdict", VerdictName(step.verdict)},
                     {"began_s", SinceOrNull(step.began, outcome.begin)},
                     {"ended_s", SinceOrNull(step.ended, outcome.begin)},
                     {"outcome", TextOrNull(step.said)}});
  }
  Json throughout;
  if (ExpectsThroughout(played.scenario)) {
    throughout = {
        {"what", ThroughoutText(played.scenario.throughout)},
        {"verdict", outcome.breach ? "missed" : "held"},
        {"ended_s",
         outcome.breach ? Json(InSeconds(outcome.breach->time - outcome.begin)) : Json()},
        {"outcome",
         outcome.breach ? Json(BreachText(*outcome.breach, played.scenario.throughout)) : Json()}};
  }
  const Tally tally = Count(played);
  return {{"scenario", played.file},
          {"pool", played.scenario.pool},
          {"run", played.run},
          {"model", played.model},
          {"begin", FormatTime(outcome.begin)},
          {"took_s", InSeconds(outcome.end - outcome.begin)},
          {"held", outcome.Held()},
          {"all", tally.all},
          {"wrong", tally.wrong},
          {"left_out", tally.left_out},
          {"steps", std::move(steps)},
          {"throughout", std::move(throughout)},
          {"launches", outcome.pool.launches},
          {"workers_most", outcome.pool.most},
          {"queue_peak", Number(outcome.pool.peak)},
          {"workers", PointsJson(outcome.pool.sizes, outcome.begin)},
          {"wanted", PointsJson(outcome.pool.decided, outcome.begin)},
          {"queue", PointsJson(outcome.pool.queue, outcome.begin)}};
}

std::string ScenarioSvg(const PlayedScenario& played, Zone zone) {
  Plot workers = PlotOf(played, "workers of " + played.scenario.pool, zone);
  workers.series = {SeriesOf("workers", played.outcome.pool.sizes),
                    SeriesOf("wanted", played.outcome.pool.decided)};
  if (const auto& most = played.scenario.throughout.never_above) {
    workers.levels.push_back({fmt::format("never above {}", *most), static_cast<double>(*most)});
  }
  Plot backlog = PlotOf(played, "backlog of " + played.scenario.pool, zone);
  backlog.series = {SeriesOf(played.sensor.empty() ? "backlog" : Escape(played.sensor),
                             played.outcome.pool.queue)};
  if (const auto& under = played.scenario.throughout.queue_under) {
    backlog.levels.push_back({fmt::format("under {}", *under), *under});
  }
  return PlotSvgFile({workers, backlog}, kPlotWide);
}

}  // namespace epu
