#include "cli/verb_whatif.h"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <sstream>
#include <utility>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "cli/change_words.h"
#include "cli/history_view.h"
#include "cli/look.h"
#include "cli/new_file.h"
#include "cli/progress_bar.h"
#include "cli/reference.h"
#include "cli/trace_file.h"
#include "cli/what_if_page.h"
#include "cli/what_if_run.h"
#include "cli/what_if_view.h"
#include "commands/pool_model.h"
#include "commands/what_if.h"
#include "engines/catalog.h"
#include "engines/suggest.h"
#include "projections/pool.h"

namespace epu {
namespace {

constexpr Duration kBootDefault = std::chrono::seconds(60);
constexpr Duration kTraceReadEvery = std::chrono::seconds(30);
constexpr Duration kAfterLastJob = std::chrono::hours(1);
constexpr std::string_view kEngineWord = "engine=";

// ---- What is typed ----

absl::StatusOr<NamedCandidate> ParseCandidate(const Epu& epu, const EngineCatalog& catalog,
                                              std::string engine,
                                              const std::vector<std::string>& words) {
  NamedCandidate named;
  named.candidate.engine = std::move(engine);
  const std::string name =
      named.candidate.engine.empty() ? epu.definition.engine : named.candidate.engine;
  const EngineEntry* const entry = FindEngine(catalog, name);
  if (entry == nullptr) {
    std::vector<std::string_view> names;
    for (const EngineEntry& known : catalog) names.push_back(known.name);
    const auto near = Suggest(name, names);
    return absl::NotFoundError(
        fmt::format("no engine \"{}\"{}", name,
                    near ? fmt::format("; did you mean {}?", *near) : "; see: epumgmt engines"));
  }
  absl::StatusOr<std::vector<Setting>> settings = ParseSettings(*entry, "", words);
  if (!settings.ok()) return settings.status();
  named.candidate.settings = *std::move(settings);
  if (!named.candidate.engine.empty()) named.name = name;
  for (const std::string& word : words) named.name += (named.name.empty() ? "" : " ") + word;
  if (named.name.empty()) named.name = "in force";
  const absl::StatusOr<EpuDefinition> under =
      UnderCandidate(epu.definition, named.candidate, catalog);
  if (!under.ok()) return under.status();
  return named;
}

absl::StatusOr<std::vector<NamedCandidate>> ParseCandidates(const Epu& epu,
                                                            const EngineCatalog& catalog,
                                                            const WhatIfArguments& arguments) {
  std::vector<NamedCandidate> candidates;
  if (!arguments.engine.empty() || !arguments.settings.empty()) {
    auto named = ParseCandidate(epu, catalog, arguments.engine, arguments.settings);
    if (!named.ok()) return named.status();
    candidates.push_back(*std::move(named));
  }
  for (const std::string& text : arguments.candidates) {
    std::string engine;
    std::vector<std::string> words;
    std::istringstream in(text);
    for (std::string word; in >> word;) {
      if (word.starts_with(kEngineWord)) {
        engine = word.substr(kEngineWord.size());
      } else {
        words.push_back(word);
      }
    }
    auto named = ParseCandidate(epu, catalog, engine, words);
    if (!named.ok()) return named.status();
    candidates.push_back(*std::move(named));
  }
  if (candidates.empty() && (arguments.model || !arguments.trace.empty())) {
    candidates.push_back({"in force", {}});
  }
  return candidates;
}

absl::StatusOr<std::optional<double>> ParseMark(const WhatIfArguments& arguments,
                                                const EpuDefinition& definition) {
  if (arguments.mark.empty()) return HighWaterOf(definition);
  const absl::StatusOr<double> mark = ParseReadingValue(arguments.mark);
  if (mark.ok()) return std::optional(*mark);
  return absl::InvalidArgumentError(fmt::format("--mark {} is no number", arguments.mark));
}

absl::StatusOr<Duration> DurationOr(const char* option, const std::string& text,
                                    Duration otherwise) {
  if (text.empty()) return otherwise;
  const absl::StatusOr<Duration> parsed = ParseDuration(text);
  if (!parsed.ok()) {
    return absl::InvalidArgumentError(
        fmt::format("{}: {}", option, std::string(parsed.status().message())));
  }
  return parsed;
}

// ---- Over the record ----

absl::Status Draw(const WhatIfArguments& arguments, const WhatIfAnswer& answer,
                  const std::string& heading, Zone zone) {
  absl::Status status;
  if (!arguments.svg.empty()) {
    status = WriteNewFile(arguments.svg, WhatIfSvg(answer.outcomes, zone), Existing::kReplace);
  }
  if (status.ok() && !arguments.html.empty()) {
    status = WriteNewFile(arguments.html, WhatIfPage(answer.outcomes, answer.work, heading, zone),
                          Existing::kReplace);
  }
  return status;
}

Exit Show(Context& context, const WhatIfArguments& arguments, const WhatIfAnswer& answer,
          const std::string& heading, Names* names, const Json& moment) {
  const absl::Status drawn = Draw(arguments, answer, heading, ZoneOf(context.GetOptions()));
  if (!drawn.ok()) return context.Fail(drawn);
  if (context.GetOptions().json) {
    Json json = moment;
    json.update(WhatIfJson(answer.outcomes, answer.work));
    context.Out() << ToLine(json) << "\n";
  } else if (arguments.csv) {
    context.Print(WhatIfCsv(answer.outcomes));
  } else {
    context.Print(
        heading + "model: " + WorkloadText(answer.work) + "\n\n" +
        WhatIfText(answer.outcomes, names, context.GetTerminal(), ZoneOf(context.GetOptions())));
  }
  return Exit::kDone;
}

Exit RunOverRecord(Context& context, const WhatIfArguments& arguments, const View& view) {
  const Options& options = context.GetOptions();
  const absl::StatusOr<EpuNumber> epu = RequireEpuOfLog(*view.log, arguments.epu);
  if (!epu.ok()) return context.Fail(epu.status());
  absl::StatusOr<SequenceRange> range =
      ParseRange(view, arguments.from, arguments.to, context.Now(), ZoneOf(options));
  if (!range.ok()) return context.Fail(range.status());
  absl::StatusOr<Projection<State>> known = BeginRange(context, view, *epu, *range);
  if (!known.ok()) return context.Fail(known.status());
  const EngineCatalog catalog = BuiltInEngines();
  const Epu& pool = known->state.epus.at(*epu);
  auto candidates = ParseCandidates(pool, catalog, arguments);
  if (!candidates.ok()) return context.Fail(candidates.status());
  const auto mark = ParseMark(arguments, pool.definition);
  if (!mark.ok()) return context.Fail(mark.status());
  const Zone zone = ZoneOf(options);
  std::string heading = fmt::format("{} from {}, {}", pool.definition.name, range->first,
                                    FormatSeconds(known->state.time, zone));
  const absl::StatusOr<WhatIfAnswer> answer =
      RunCandidates(context, view, *range, *std::move(known),
                    {*epu, *std::move(candidates), *mark, arguments.model});
  if (!answer.ok()) return context.Fail(answer.status());
  heading += fmt::format(" to {}, {}\n", range->last, FormatSeconds(answer->end, zone));
  return Show(context, arguments, *answer, heading, view.names.get(),
              {{"epu", arguments.epu}, {"from", range->first}, {"to", range->last}});
}

// ---- Over a trace ----

Exit RunOverTrace(Context& context, const WhatIfArguments& arguments, const View& view) {
  const absl::StatusOr<const Epu*> epu = RequireEpu(view.fold.state, arguments.epu);
  if (!epu.ok()) return context.Fail(epu.status());
  const EngineCatalog catalog = BuiltInEngines();
  auto candidates = ParseCandidates(**epu, catalog, arguments);
  if (!candidates.ok()) return context.Fail(candidates.status());
  if (!IsRecordedPolicy(candidates->front().candidate)) {
    candidates->insert(candidates->begin(), {"in force", {}});
  }
  const auto mark = ParseMark(arguments, (*epu)->definition);
  if (!mark.ok()) return context.Fail(mark.status());
  const auto boot = DurationOr("--boot", arguments.boot, kBootDefault);
  if (!boot.ok()) return context.Fail(boot.status());
  const auto service = DurationOr("--service", arguments.service, Duration::zero());
  if (!service.ok()) return context.Fail(service.status());
  std::ifstream in(arguments.trace);
  if (!in) {
    return context.Fail(Exit::kTyped, fmt::format("{} cannot be read", arguments.trace));
  }
  absl::StatusOr<Trace> trace = ReadTrace(in, {*service, arguments.skip_bad_lines});
  if (!trace.ok()) {
    return context.Fail(
        Exit::kTyped,
        fmt::format("{}: {}{}", arguments.trace, std::string(trace.status().message()),
                    arguments.skip_bad_lines ? "" : "; or: --skip-bad-lines"));
  }
  if (!trace->bad_lines.empty()) {
    context.Err() << fmt::format("epumgmt: {}: {} bad lines skipped, the first: {}\n",
                                 arguments.trace, trace->bad_lines.size(),
                                 trace->bad_lines.front());
  }
  WhatIfAnswer answer;
  answer.work.jobs = std::move(trace->jobs);
  answer.work.boots = *boot;
  answer.work.every = kTraceReadEvery;
  Duration longest{};
  for (const Job& job : answer.work.jobs) longest = std::max(longest, job.runs);
  if (longest == Duration::zero()) {
    return context.Fail(Exit::kTyped,
                        fmt::format("{} tells nothing of how long its jobs run; say it: --service "
                                    "2s",
                                    arguments.trace));
  }
  const Time from = answer.work.jobs.front().arrives - answer.work.every;
  const Time end = answer.work.jobs.back().arrives + longest + kAfterLastJob;
  const absl::StatusOr<State> fresh = FreshPool(view.fold.state, **epu, from, catalog);
  if (!fresh.ok()) return context.Fail(fresh.status());
  ProgressBar bar(context);
  std::uint64_t done = 0;
  const EpuNumber number = FindEpu(*fresh, arguments.epu)->number;
  for (const NamedCandidate& named : *candidates) {
    answer.outcomes.push_back({named.name, RunModel(*fresh, number, named.candidate, answer.work,
                                                    from, end, *mark, catalog)});
    bar.Show(++done, candidates->size());
  }
  bar.Clear();
  const Zone zone = ZoneOf(context.GetOptions());
  const std::string heading = fmt::format("{} on {}, {} to {}\n", arguments.epu, arguments.trace,
                                          FormatSeconds(from, zone), FormatSeconds(end, zone));
  return Show(context, arguments, answer, heading, nullptr,
              {{"epu", arguments.epu}, {"trace", arguments.trace}});
}

}  // namespace

void BindWhatIf(CLI::App& app, WhatIfArguments& arguments) {
  app.add_option("epu", arguments.epu, "the EPU")->required();
  app.add_option("--engine", arguments.engine, "the engine to try; without, the one in force")
      ->type_name("NAME");
  app.add_option("--set", arguments.settings, "a setting to try; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--candidate", arguments.candidates,
                 "one more policy, \"engine=NAME key=value …\"; may be repeated")
      ->type_name("POLICY")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  app.add_option("--from", arguments.from, "from then, included")->type_name("TIME|SEQ");
  app.add_option("--to", arguments.to, "to then, excluded")->type_name("TIME|SEQ");
  app.add_option("--mark", arguments.mark,
                 "the reading not to be above; without, the high water in force")
      ->type_name("N");
  app.add_flag("--model", arguments.model, "use the model from the beginning");
  auto* trace = app.add_option("--trace", arguments.trace,
                               "a workload instead of the history: Standard Workload Format, or "
                               "CSV with timestamp,value")
                    ->type_name("FILE");
  app.add_option("--service", arguments.service, "how long a job of a CSV trace runs")
      ->type_name("DURATION")
      ->needs(trace);
  app.add_option("--boot", arguments.boot, "how long a worker boots on a trace (60s)")
      ->type_name("DURATION")
      ->needs(trace);
  app.add_flag("--skip-bad-lines", arguments.skip_bad_lines, "of a trace, instead of refusing it")
      ->needs(trace);
  app.add_option("--svg", arguments.svg, "draw the workers of each policy into this file")
      ->type_name("FILE");
  app.add_option("--html", arguments.html, "a page of its own: figures, workers, queue")
      ->type_name("FILE");
  app.add_flag("--csv", arguments.csv, "a line for each policy");
}

Exit RunWhatIf(Context& context, const WhatIfArguments& arguments) {
  if (!arguments.trace.empty()) {
    const absl::StatusOr<View> view = LookAndFold(context, "");
    if (!view.ok()) return context.Fail(view.status());
    return RunOverTrace(context, arguments, *view);
  }
  const absl::StatusOr<View> view = Look(context, "");
  if (!view.ok()) return context.Fail(view.status());
  return RunOverRecord(context, arguments, *view);
}

}  // namespace epu
