#include "cli/verb_test.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <ostream>
#include <utility>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "cli/change_words.h"
#include "cli/config_reader.h"
#include "cli/describe.h"
#include "cli/expectations_file.h"
#include "cli/input_file.h"
#include "cli/json_view.h"
#include "cli/look.h"
#include "cli/slice_file.h"
#include "cli/terminal.h"
#include "cli/yaml_tree.h"
#include "commands/what_if.h"
#include "engines/catalog.h"
#include "projections/expectations.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

// ---- One slice ----

struct Verdict {
  std::string file;
  std::uint64_t decisions = 0;
  std::optional<Time> modelled_from;
  std::optional<Breach> breach;
  std::string why;
};

absl::StatusOr<CandidatePolicy> CandidateFor(const Epu& pool, const TestArguments& arguments,
                                             const EngineCatalog& catalog) {
  // By name: in a slice the recorded policy too is judged by what it does.
  CandidatePolicy candidate{arguments.engine.empty() ? pool.definition.engine : arguments.engine,
                            {}};
  const EngineEntry* const engine = FindEngine(catalog, candidate.engine);
  if (engine == nullptr) {
    return absl::NotFoundError(
        fmt::format("no engine \"{}\"; see: epumgmt engines", candidate.engine));
  }
  absl::StatusOr<std::vector<Setting>> settings = ParseSettings(*engine, "", arguments.settings);
  if (!settings.ok()) return settings.status();
  candidate.settings = *std::move(settings);
  const auto under = UnderCandidate(pool.definition, candidate, catalog);
  if (!under.ok()) return under.status();
  return candidate;
}

absl::StatusOr<Verdict> Judge(const Slice& slice, const TestArguments& arguments,
                              const Expectations& expected, Zone zone) {
  const EngineCatalog catalog = BuiltInEngines();
  const Epu& pool = slice.known.state.epus.at(slice.number);
  const absl::StatusOr<CandidatePolicy> candidate = CandidateFor(pool, arguments, catalog);
  if (!candidate.ok()) return candidate.status();
  const SensorNumber queue = QueueOf(pool).value_or(SensorNumber{});
  WorkloadFit fit;
  fit.epu = slice.number;
  fit.sensor = queue;
  for (const Event& event : slice.events) Evolve(fit, event);
  const Workload work = WorkloadOf(fit, slice.end);
  const Time from = slice.known.state.time;
  ExpectationCheck check(expected, OutcomeFrom(pool, queue, std::nullopt, from));
  WhatIf::Trial trial{slice.number, *candidate, from, slice.end, std::nullopt, false};
  trial.observe = [&](const Event& event) { check.Take(event); };
  WhatIf what_if(slice.known, trial, work, catalog);
  for (const Event& event : slice.events) what_if.Take(event);
  const WhatIfOutcome result = what_if.Finish();
  check.Finish(slice.end);
  Verdict verdict;
  verdict.decisions = result.outcome.decisions;
  verdict.modelled_from = result.modelled_from;
  verdict.breach = check.breach();
  if (verdict.breach && verdict.breach->decision) {
    const auto sensor = pool.sensors.find(queue);
    verdict.why = DecisionLine(
        *verdict.breach->decision,
        sensor == pool.sensors.end() ? "reading" : sensor->second.definition.name, zone);
  }
  return verdict;
}

Json VerdictJson(const Verdict& verdict, const Expectations& expected) {
  Json json = {{"slice", verdict.file},
               {"held", !verdict.breach},
               {"decisions", verdict.decisions},
               {"modelled_from", TimeOrNull(verdict.modelled_from)},
               {"breach", Json()}};
  if (verdict.breach) {
    json["breach"] = {{"time", FormatTime(verdict.breach->time)},
                      {"what", BreachText(*verdict.breach, expected)},
                      {"why", TextOrNull(verdict.why)}};
  }
  return json;
}

std::string VerdictText(const Verdict& verdict, const Expectations& expected, Zone zone) {
  if (!verdict.breach) {
    return fmt::format("held    {}  {} decisions{}\n", verdict.file, verdict.decisions,
                       verdict.modelled_from
                           ? ", modelled from " + FormatSeconds(*verdict.modelled_from, zone)
                           : "");
  }
  const bool modelled = verdict.modelled_from && *verdict.modelled_from <= verdict.breach->time;
  std::string text =
      fmt::format("BROKEN  {}  {}: {}{}\n", verdict.file, FormatSeconds(verdict.breach->time, zone),
                  BreachText(*verdict.breach, expected), modelled ? " (modelled)" : "");
  if (!verdict.why.empty()) text += fmt::format("        after  {}\n", verdict.why);
  return text;
}

std::vector<std::string> SlicesIn(const std::string& directory, std::error_code& error) {
  std::vector<std::string> files;
  for (const auto& entry : fs::directory_iterator(directory, error)) {
    if (entry.path().extension() == kSliceEnding) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void BindTest(CLI::App& app, TestArguments& arguments) {
  app.add_option("directory", arguments.directory,
                 "slices (*.slice) and what is expected (expectations.yaml)")
      ->required()
      ->type_name("DIR");
  app.add_option("--engine", arguments.engine, "the engine to try; without, each slice's own")
      ->type_name("NAME");
  app.add_option("--set", arguments.settings, "a setting to try; may be repeated")
      ->type_name("KEY=VALUE")
      ->expected(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
}

Exit RunTest(Context& context, const TestArguments& arguments) {
  const std::string path = (fs::path(arguments.directory) / kExpectationsFile).string();
  const absl::StatusOr<std::string> text = ReadInput(context, path);
  if (!text.ok()) return context.Fail(text.status());
  const YamlTree tree = ParseYaml(*text);
  if (!tree.problems.empty()) return FailByFaults(context, path, tree.problems);
  ConfigReader reader(ConfigReader::Syntax::kYaml);
  const Expectations expected = ReadExpectations(reader, {"", &tree.root, tree.root.mark});
  if (const auto faults = reader.TakeFaults(); !faults.empty()) {
    return FailByFaults(context, path, faults);
  }
  std::error_code error;
  const std::vector<std::string> files = SlicesIn(arguments.directory, error);
  if (error || files.empty()) {
    return context.Fail(Exit::kTyped,
                        fmt::format("{} has no slice (*{}); epumgmt export --slice makes one",
                                    Escape(arguments.directory), kSliceEnding));
  }
  const Options& options = context.GetOptions();
  const Zone zone = ZoneOf(options);
  std::size_t broken = 0;
  Json verdicts = Json::array();
  for (const std::string& file : files) {
    std::ifstream in(file);
    const absl::StatusOr<Slice> slice = ReadSlice(in);
    if (!slice.ok()) {
      return context.Fail(
          Exit::kTyped, fmt::format("{}: {}", Escape(file), std::string(slice.status().message())));
    }
    absl::StatusOr<Verdict> verdict = Judge(*slice, arguments, expected, zone);
    if (!verdict.ok()) return context.Fail(verdict.status());
    verdict->file = fs::path(file).filename().string();
    broken += verdict->breach ? 1 : 0;
    if (options.json) {
      verdicts.push_back(VerdictJson(*verdict, expected));
    } else {
      context.Print(VerdictText(*verdict, expected, zone));
    }
  }
  if (options.json) {
    context.Out() << ToLine({{"slices", std::move(verdicts)}, {"broken", broken}}) << "\n";
  } else {
    context.Print(fmt::format("{} of {} slices held\n", files.size() - broken, files.size()));
  }
  return broken > 0 ? Exit::kRefused : Exit::kDone;
}

}  // namespace epu
