#include "cli/what_if_view.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include <fmt/format.h>

#include "cli/history_view.h"
#include "cli/replay_view.h"

namespace epu {
namespace {

double InHours(Duration duration) {
  return std::chrono::duration<double, std::ratio<3600>>(duration).count();
}

Duration MeanOf(const std::vector<Duration>& values) {
  if (values.empty()) return {};
  Duration sum{};
  for (const Duration value : values) sum += value;
  return sum / static_cast<std::int64_t>(values.size());
}

// What 95 of 100 did not exceed.
Duration MostOf(std::vector<Duration> values) {
  if (values.empty()) return {};
  const auto place = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) * 95 / 100);
  std::nth_element(values.begin(), place, values.end());
  return *place;
}

Duration WholeSeconds(Duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration);
}

// The figures of one policy, for all three forms.
struct Figure {
  const char* key;    // In JSON and CSV.
  const char* title;  // In a table.
  std::function<std::string(const WhatIfOutcome&)> text;
  std::function<Json(const WhatIfOutcome&)> json;
};

Figure CountFigure(const char* key, const char* title,
                   std::function<std::uint64_t(const WhatIfOutcome&)> count) {
  return {key, title, [count](const auto& result) { return WithThousands(count(result)); },
          [count](const auto& result) { return Json(count(result)); }};
}

Figure TimeFigure(const char* key, const char* title,
                  std::function<Duration(const WhatIfOutcome&)> time) {
  return {key, title,
          [time](const auto& result) { return FormatDuration(WholeSeconds(time(result))); },
          [time](const auto& result) { return Json(InSeconds(time(result))); }};
}

const std::vector<Figure>& Figures() {
  static const std::vector<Figure> figures = {
      CountFigure("decisions", "decisions", [](const auto& r) { return r.outcome.decisions; }),
      {"worker_s", "worker-hours",
       [](const auto& r) { return fmt::format("{:.1f}", InHours(r.outcome.worker_time)); },
       [](const auto& r) { return Json(InSeconds(r.outcome.worker_time)); }},
      CountFigure("launches", "launches", [](const auto& r) { return r.outcome.launches; }),
      CountFigure("ends", "ends", [](const auto& r) { return r.outcome.ends; }),
      CountFigure("flaps", "flaps", [](const auto& r) { return r.outcome.flaps; }),
      CountFigure("most_workers", "most workers", [](const auto& r) { return r.outcome.most; }),
      CountFigure("jobs_done", "jobs done", [](const auto& r) { return r.done; }),
      TimeFigure("waited_mean_s", "waited, on average",
                 [](const auto& r) { return MeanOf(r.waited); }),
      TimeFigure("waited_95_s", "waited, 95 of 100",
                 [](const auto& r) { return MostOf(r.waited); }),
      {"above_s", "above the mark",
       [](const auto& r) {
         if (!r.outcome.mark) return std::string();
         return FormatDuration(WholeSeconds(r.outcome.above));
       },
       [](const auto& r) { return r.outcome.mark ? Json(InSeconds(r.outcome.above)) : Json(); }},
      {"peak", "greatest reading", [](const auto& r) { return fmt::format("{}", r.outcome.peak); },
       [](const auto& r) { return Number(r.outcome.peak); }},
  };
  return figures;
}

std::string ModelCell(const WhatIfOutcome& result, Zone zone) {
  return result.modelled_from ? FormatSeconds(*result.modelled_from, zone) : "never";
}

}  // namespace

std::string WorkloadText(const Workload& work) {
  Duration sum{};
  for (const Job& job : work.jobs) sum += job.runs;
  const auto count = static_cast<std::int64_t>(work.jobs.size());
  std::string text = fmt::format(
      "{} jobs of {} on average; a worker boots in {}, is gone {} after its retirement, and fails "
      "{:.3g} times an hour; read every {}",
      WithThousands(work.jobs.size()),
      FormatDuration(WholeSeconds(count == 0 ? Duration::zero() : sum / count)),
      FormatDuration(WholeSeconds(work.boots)), FormatDuration(WholeSeconds(work.ends)),
      work.failures_per_hour, FormatDuration(WholeSeconds(work.every)));
  if (!work.tells_in_progress) {
    text +=
        "; the readings tell nothing of work in progress: while any waits, all workers are "
        "taken to be busy";
  }
  return text;
}

Table WhatIfTable(const std::vector<NamedOutcome>& outcomes, Zone zone) {
  Table table;
  table.heading.emplace_back("POLICY");
  for (const NamedOutcome& outcome : outcomes) table.heading.push_back(outcome.name);
  for (const Figure& figure : Figures()) {
    std::vector<std::string> row = {figure.title};
    for (const NamedOutcome& outcome : outcomes) row.push_back(figure.text(outcome.result));
    table.rows.push_back(std::move(row));
  }
  std::vector<std::string> row = {"modelled from"};
  for (const NamedOutcome& outcome : outcomes) row.push_back(ModelCell(outcome.result, zone));
  table.rows.push_back(std::move(row));
  return table;
}

std::string WhatIfText(const std::vector<NamedOutcome>& outcomes, Names* names,
                       const Terminal& terminal, Zone zone) {
  std::string text = FormatTable(WhatIfTable(outcomes, zone), terminal);
  for (const NamedOutcome& outcome : outcomes) {
    const auto& difference = outcome.result.difference;
    if (!difference || names == nullptr) continue;
    text += fmt::format("\n{} leaves the record after {}:\n{}", outcome.name, difference->after,
                        DifferenceText(*difference, *names, zone));
  }
  return text;
}

Json WhatIfJson(const std::vector<NamedOutcome>& outcomes, const Workload& work) {
  Json policies = Json::array();
  for (const NamedOutcome& outcome : outcomes) {
    Json policy = {{"policy", outcome.name}};
    for (const Figure& figure : Figures()) policy[figure.key] = figure.json(outcome.result);
    policy["modelled_after"] = SequenceOrNull(outcome.result.modelled_after);
    policy["modelled_from"] = TimeOrNull(outcome.result.modelled_from);
    policies.push_back(std::move(policy));
  }
  return {{"model", Json{{"jobs", work.jobs.size()},
                         {"boot_s", InSeconds(work.boots)},
                         {"end_s", InSeconds(work.ends)},
                         {"failures_per_hour", work.failures_per_hour},
                         {"every_s", InSeconds(work.every)},
                         {"tells_in_progress", work.tells_in_progress}}},
          {"policies", std::move(policies)}};
}

std::string WhatIfCsv(const std::vector<NamedOutcome>& outcomes) {
  std::string text = "policy";
  for (const Figure& figure : Figures()) text += fmt::format(",{}", figure.key);
  text += ",modelled_from\n";
  for (const NamedOutcome& outcome : outcomes) {
    std::string name = outcome.name;
    for (std::size_t at = 0; (at = name.find('"', at)) != name.npos; at += 2)
      name.insert(at, 1, '"');
    text += "\"" + name + "\"";
    for (const Figure& figure : Figures()) {
      const Json value = figure.json(outcome.result);
      text += "," + (value.is_null() ? std::string() : value.dump());
    }
    const auto& from = outcome.result.modelled_from;
    text += "," + (from ? FormatTime(*from) : std::string()) + "\n";
  }
  return text;
}

}  // namespace epu
