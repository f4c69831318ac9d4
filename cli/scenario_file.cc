#include "cli/scenario_file.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <sstream>
#include <utility>

#include <fmt/format.h>

#include "cli/expectations_file.h"
#include "cli/terminal.h"
#include "cli/yaml_tree.h"
#include "commands/review.h"
#include "engines/keys.h"
#include "engines/suggest.h"

namespace epu {
namespace {

namespace fs = std::filesystem;
using Item = ConfigReader::Item;

constexpr Duration kLongest = std::chrono::days(366);
constexpr std::int64_t kJobsMax = 1'000'000;
constexpr std::int64_t kKillsMax = kReviewChangesMax;  // Of one command.

std::string ProgramIn(const std::string& directory, const std::string& name) {
  std::error_code error;
  const fs::path beside = fs::path(directory) / name;  // An absolute name stays as it is.
  return fs::is_regular_file(beside, error) ? fs::absolute(beside, error).string() : name;
}

// ---- YAML ----

class YamlScenario {
 public:
  YamlScenario(ConfigReader& reader, ScenarioFile& file) : reader_(reader), file_(file) {}

  void Read(const YamlNode& root) {
    constexpr std::array<std::string_view, 5> kKeys = {"pool", "submit", "expect", "steps",
                                                       "simulate"};
    constexpr std::array<std::string_view, 1> kRequired = {"steps"};
    const auto fields = reader_.Fields({"", &root, root.mark}, "a scenario", kKeys, kRequired);
    LaunchScenario& scenario = file_.scenario;
    for (const auto& [key, item] : fields) {
      if (key == "pool") scenario.pool = reader_.Name(item).value_or("");
      if (key == "submit") scenario.submit = reader_.Command(item).value_or(scenario.submit);
      if (key == "expect") scenario.throughout = ReadExpectations(reader_, item);
      if (key == "steps") ReadSteps(item);
      if (key == "simulate") ReadModel(item);
    }
  }

 private:
  void ReadModel(const Item& map) {
    constexpr std::array<std::string_view, 3> kKeys = {"every", "boots", "ends"};
    constexpr Duration kLeast = std::chrono::milliseconds(100);
    for (const auto& [key, item] : reader_.Fields(map, "a model", kKeys, {})) {
      const bool is_every = key == "every";
      const auto time = reader_.Duration(item, is_every ? kLeast : Duration{}, kLongest);
      (is_every ? file_.every : key == "boots" ? file_.boots : file_.ends) = time;
    }
  }

  void ReadSteps(const Item& list) {
    if (list.node->kind != YamlNode::Kind::kSequence || list.node->items.empty()) {
      return reader_.Add(list.mark, list.path,
                         " is no list of steps: - {at: 10s, kill_workers: 1}");
    }
    for (std::size_t i = 0; i < list.node->items.size(); ++i) {
      const YamlNode& node = list.node->items[i];
      ReadStep({fmt::format("{}[{}]", list.path, i), &node, node.mark});
    }
  }

  void ReadStep(const Item& map) {
    constexpr std::array<std::string_view, 5> kKeys = {"at", "submit", "kill_workers",
                                                       "kill_controller", "expect"};
    constexpr std::array<std::string_view, 1> kRequired = {"at"};
    const auto fields = reader_.Fields(map, "a step", kKeys, kRequired);
    ScenarioStep step;
    std::size_t said = 0;
    for (const auto& [key, item] : fields) {
      if (key == "at") {
        step.at = reader_.Duration(item, {}, kLongest).value_or(last_);
        if (step.at < last_) {
          reader_.Add(item.mark, item.path,
                      fmt::format(" is {}, before the step above it", FormatDuration(step.at)));
        }
        last_ = std::max(last_, step.at);
        continue;
      }
      ++said;
      if (key == "submit") step.what = ReadSubmission(item);
      if (key == "kill_workers") step.what = KillWorkers{Count(item, kKillsMax)};
      if (key == "kill_controller") step.what = KillController{reader_.Text(item).value_or("")};
      if (key == "expect") step.what = ReadExpectation(item);
    }
    if (said != 1) {
      reader_.Add(map.mark, map.path,
                  ": one of submit, kill_workers, kill_controller, expect is due");
    }
    file_.scenario.steps.push_back(std::move(step));
  }

  std::uint32_t Count(const Item& item, std::int64_t most) {
    return static_cast<std::uint32_t>(reader_.Integer(item, 1, most).value_or(1));
  }

  SubmitJobs ReadSubmission(const Item& map) {
    constexpr std::array<std::string_view, 3> kKeys = {"jobs", "runs", "batch"};
    constexpr std::array<std::string_view, 2> kRequired = {"jobs", "runs"};
    SubmitJobs submit;
    for (const auto& [key, item] : reader_.Fields(map, "a submission", kKeys, kRequired)) {
      if (key == "jobs") submit.count = Count(item, kJobsMax);
      if (key == "runs") submit.runs = reader_.Duration(item, {}, kLongest).value_or(Duration{});
      if (key == "batch") submit.batch = reader_.Text(item).value_or("");
    }
    return submit;
  }

  PoolExpectation ReadExpectation(const Item& map) {
    constexpr std::array<std::string_view, 5> kKeys = {"running_at_least", "running_at_most",
                                                       "queue_at_most", "jobs_done", "within"};
    PoolExpectation expected;
    const auto fields = reader_.Fields(map, "an expectation", kKeys, {});
    const auto number = [&](const Item& item, std::int64_t most) {
      return reader_.Integer(item, 0, most);
    };
    for (const auto& [key, item] : fields) {
      if (key == "running_at_least") expected.running_at_least = number(item, kPoolSizeMax);
      if (key == "running_at_most") expected.running_at_most = number(item, kPoolSizeMax);
      if (key == "queue_at_most") {
        expected.queue_at_most = number(item, static_cast<std::int64_t>(kExactMax));
      }
      if (key == "within")
        expected.within = reader_.Duration(item, {}, kLongest).value_or(Duration{});
      if (key != "jobs_done") continue;
      expected.jobs_done = reader_.Flag(item).value_or(true);
      if (!expected.jobs_done) {
        reader_.Add(item.mark, item.path, " is false; leave it out, or say true");
      }
    }
    const std::size_t limits = fields.size() - (fields.contains("within") ? 1 : 0);
    if (limits == 0 && map.node->kind == YamlNode::Kind::kMap) {
      reader_.Add(map.mark, map.path,
                  ": nothing is expected; running_at_least, running_at_most, queue_at_most or "
                  "jobs_done is due");
    }
    if ((expected.queue_at_most || expected.jobs_done) && expected.within == Duration{}) {
      reader_.Add(map.mark, map.path,
                  ": a reading that counts is yet to be taken; add within: 30s");
    }
    if (expected.running_at_least && expected.running_at_most &&
        *expected.running_at_least > *expected.running_at_most) {
      reader_.Add(map.mark, map.path,
                  fmt::format(": at least {} and at most {} run never", *expected.running_at_least,
                              *expected.running_at_most));
    }
    return expected;
  }

  ConfigReader& reader_;
  ScenarioFile& file_;
  Duration last_{};
};

// ---- The original's lines ----

constexpr std::string_view kSubmit = "SUBMIT";
constexpr std::string_view kKill = "KILL";
constexpr std::string_view kKillController = "KILL_CONTROLLER";
constexpr std::array<std::string_view, 3> kLineWords = {kSubmit, kKill, kKillController};

std::vector<std::string> WordsOf(const std::string& line) {
  std::istringstream in(line);
  std::vector<std::string> words;
  for (std::string word; in >> word && !word.starts_with('#');) words.push_back(word);
  return words;
}

bool IsOfLines(std::string_view text) {
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    const std::vector<std::string> words = WordsOf(line);
    if (words.empty()) continue;
    return std::find(kLineWords.begin(), kLineWords.end(), words.front()) != kLineWords.end();
  }
  return false;
}

std::optional<double> ParseNumber(const std::string& text, double least, double most) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  if (!(number >= least && number <= most)) return std::nullopt;
  return number;
}

std::optional<Duration> ParseSeconds(const std::string& text) {
  const auto seconds = ParseNumber(text, 0, std::chrono::duration<double>(kLongest).count());
  if (!seconds) return std::nullopt;
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*seconds));
}

std::optional<std::uint32_t> ParseCount(const std::string& text, double most) {
  const auto count = ParseNumber(text, 1, most);
  if (!count || *count != static_cast<double>(static_cast<std::uint32_t>(*count))) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(*count);
}

// The step of a line; else what is due instead.
std::variant<ScenarioStep, std::string> ParseLine(const std::vector<std::string>& words,
                                                  const std::string& controller) {
  const std::string& word = words.front();
  const std::string due =
      word == kSubmit ? "SUBMIT SECONDS COUNT RUNS BATCH is due, with SECONDS and RUNS in seconds"
      : word == kKill ? "KILL SECONDS COUNT is due"
                      : "KILL_CONTROLLER SECONDS 1 is due";
  if (std::find(kLineWords.begin(), kLineWords.end(), word) == kLineWords.end()) {
    const auto near = Suggest(word, kLineWords);
    return fmt::format("{}: no such word; {}", EscapeAndCut(word, 40),
                       near ? fmt::format("did you mean {}?", *near)
                            : fmt::format("there are {}", fmt::join(kLineWords, ", ")));
  }
  if (words.size() != (word == kSubmit ? 5u : 3u)) return due;
  const auto at = ParseSeconds(words[1]);
  const auto count = ParseCount(words[2], word == kSubmit ? kJobsMax : kKillsMax);
  if (!at || !count) return due;
  if (word == kKill) return ScenarioStep{*at, KillWorkers{*count}};
  if (word == kKillController) {
    if (*count != 1) return due;
    if (controller.empty()) {
      return std::string("KILL_CONTROLLER: which? add --controller SERVICE");
    }
    return ScenarioStep{*at, KillController{controller}};
  }
  const auto runs = ParseSeconds(words[3]);
  if (!runs) return due;
  return ScenarioStep{*at, SubmitJobs{*count, *runs, words[4]}};
}

void ReadLines(std::string_view text, const ScenarioWords& words, ScenarioFile& file) {
  std::istringstream in{std::string(text)};
  std::vector<ScenarioStep>& steps = file.scenario.steps;
  int number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    const std::vector<std::string> said = WordsOf(line);
    if (said.empty()) continue;
    auto step = ParseLine(said, words.controller);
    if (const auto* fault = std::get_if<std::string>(&step)) {
      file.faults.push_back({{number, 1}, "", ": " + *fault});
    } else {
      steps.push_back(std::get<ScenarioStep>(std::move(step)));
    }
  }
  std::stable_sort(
      steps.begin(), steps.end(),
      [](const ScenarioStep& left, const ScenarioStep& right) { return left.at < right.at; });
  const bool submits = std::any_of(steps.begin(), steps.end(), [](const ScenarioStep& step) {
    return std::holds_alternative<SubmitJobs>(step.what);
  });
  if (!submits) return;
  PoolExpectation done;
  done.jobs_done = true;
  done.within = kJobsDoneMax;
  steps.push_back({steps.back().at, done});
}

}  // namespace

ScenarioFile ReadScenario(std::string_view text, const std::string& directory,
                          const ScenarioWords& words) {
  ScenarioFile file;
  if (IsOfLines(text)) {
    ReadLines(text, words, file);
  } else {
    YamlTree tree = ParseYaml(text);
    file.faults = std::move(tree.problems);
    if (!file.faults.empty()) return file;
    ConfigReader reader(ConfigReader::Syntax::kYaml);
    YamlScenario(reader, file).Read(tree.root);
    file.faults = reader.TakeFaults();
  }
  if (!words.pool.empty()) file.scenario.pool = words.pool;
  std::vector<std::string>& submit = file.scenario.submit;
  if (!words.submit.empty()) submit = words.submit;
  std::error_code error;
  file.directory = fs::absolute(words.submit.empty() ? directory : ".", error);
  if (!submit.empty()) submit.front() = ProgramIn(file.directory, submit.front());
  if (file.scenario.pool.empty() && file.faults.empty()) {
    file.faults.push_back({{}, "pool", " is missing: whose workers? add it, or --pool EPU"});
  }
  return file;
}

}  // namespace epu
