#include "cli/plan_view.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "cli/world_for_tests.h"

namespace epu {
namespace {

constexpr std::string_view kSites =
    "version: 1\nsites: {local: {driver: process, max_workers: 16}}\n";
constexpr std::string_view kWorker = "worker: {site: local, command: [/bin/w]}";

std::string Preserving(int n) {
  return fmt::format("{{engine: npreserving, config: {{preserve_n: {}}}, {}}}", n, kWorker);
}
std::string Queue(int high, int most) {
  return fmt::format(
      "{{engine: queuelen, config: {{sensor: q, queuelen_high_water: {}, "
      "queuelen_low_water: 10, max_instances: {}}}, sensors: {{q: {{}}}}, {}}}",
      high, most, kWorker);
}

std::string File(const std::vector<std::pair<std::string, std::string>>& epus) {
  std::string text = std::string(kSites) + "epus:\n";
  for (const auto& [name, epu] : epus) text += fmt::format("  {}: {}\n", name, epu);
  return text;
}

constexpr std::string_view kTrial =
    "{engine: npreserving, config: {preserve_n: 1, devmode_no_failure_compensation: true}, "
    "worker: {site: local, command: [/bin/w]}}";

enum class Pruning { kOff, kOn };

ApplyPlan Plan(const World& world, const std::string& file, Pruning pruning = Pruning::kOff) {
  ParsedConfig config = ParseConfig(file, world.catalog(), {});
  config.apply.prune = pruning == Pruning::kOn;
  EXPECT_TRUE(config.faults.empty());
  const auto plan = PlanApply(world.view(), config.apply, world.now(), world.catalog());
  EXPECT_TRUE(plan.ok()) << plan.status();
  return plan.value_or(ApplyPlan{});
}

TEST(PlanView, ShowsEveryKindOfDifferenceAsTheDocumentsDo) {
  World world;
  world.Apply(File({{"crunch", Queue(100, 8)}, {"web", Preserving(3)}, {"legacy", Preserving(1)}}));
  world.Do(Reconfigure{"crunch", {{"max_instances", std::int64_t{10}}}});
  const Sequence by_hand = FindEpu(world.view().state, "crunch")->policy;
  world.RunAll();
  world.Pass(std::chrono::minutes(3));

  const ApplyPlan plan = Plan(
      world, File({{"crunch", Queue(80, 12)}, {"web", Preserving(3)}, {"thumbs", Preserving(2)}}));
  EXPECT_EQ(FormatPlan(plan, world.now()) + FormatSum(plan),
            "~ epu crunch   config.queuelen_high_water  100 → 80\n"
            "               config.max_instances        10 → 12   (10: reconfigure by ops, " +
                std::to_string(by_hand) +
                ", 3m ago)\n"
                "+ epu thumbs   npreserving, preserve_n 2, on local: 2 workers at once\n"
                "! epu legacy   not in this file: kept (--prune drains and removes it)\n"
                "  epu web, site local: unchanged\n"
                "1 to add, 1 to change, 0 to remove; ends no worker\n");
}

TEST(PlanView, FindsNothingToDoInWhatIsSoAlready) {
  World world;
  const std::string file = File({{"web", Preserving(3)}});
  world.Apply(file);
  const ApplyPlan plan = Plan(world, file);
  EXPECT_EQ(FormatPlan(plan, world.now()), "  epu web, site local: unchanged\n");
}

TEST(PlanView, NamesTheWorkersThatItEnds) {
  World world;
  world.Apply(File({{"web", Preserving(3)}}));
  world.RunAll();
  const ApplyPlan plan = Plan(world, File({{"web", Preserving(1)}}));
  EXPECT_EQ(FormatPlan(plan, world.now()),
            "~ epu web   config.preserve_n  3 → 1\n"
            "            ends web/3, web/2\n"
            "  site local: unchanged\n");
  EXPECT_EQ(FormatSum(plan), "0 to add, 1 to change, 0 to remove; ends 2 workers\n");
  EXPECT_EQ(PlanQuestion(plan), "");
}

TEST(PlanView, ShowsLimitsOfSitesAndOfTheRun) {
  World world;
  world.Apply(kSites);
  const ApplyPlan plan = Plan(
      world, "version: 1\nmax_workers: 9\nsites: {local: {driver: process, max_workers: 20}}\n");
  EXPECT_EQ(FormatPlan(plan, world.now()),
            "~ run          max_workers  64 → 9\n"
            "~ site local   max_workers  16 → 20\n");
}

TEST(PlanView, ShowsWhatIsPruned) {
  World world;
  world.Apply(File({{"web", Preserving(1)}, {"legacy", Preserving(2)}, {"old", Preserving(0)}}));
  world.RunAll();
  const ApplyPlan plan = Plan(world, File({{"web", Preserving(1)}}), Pruning::kOn);
  EXPECT_EQ(FormatPlan(plan, world.now()),
            "- epu legacy   not in this file: drained and removed: ends legacy/2, legacy/1\n"
            "- epu old      not in this file: drained and removed\n"
            "  epu web, site local: unchanged\n");
  EXPECT_EQ(FormatSum(plan), "0 to add, 0 to change, 2 to remove; ends 2 workers\n");
  EXPECT_EQ(PlanQuestion(plan), "Removes legacy, old and ends 2 workers in all.");
}

TEST(PlanView, AsksBeforePoolsAreRemovedOrEmptied) {
  World world;
  world.Apply(File({{"a", Preserving(1)}, {"b", Preserving(2)}, {"c", Preserving(0)}}));
  world.RunAll();
  const struct {
    std::vector<std::pair<std::string, std::string>> epus;
    Pruning pruning;
    std::string question;
  } cases[] = {
      {{{"a", Preserving(0)}}, Pruning::kOff, "Empties a and ends 1 worker."},
      {{{"a", Preserving(0)}, {"b", Preserving(0)}},
       Pruning::kOff,
       "Empties a, b and ends 3 workers in all."},
      {{{"a", Preserving(1)}, {"b", Preserving(2)}}, Pruning::kOn, "Removes c and ends no worker."},
      {{{"a", Preserving(0)}, {"c", Preserving(0)}},
       Pruning::kOn,
       "Removes b, empties a and ends 3 workers in all."},
      {{{"b", Preserving(1)}}, Pruning::kOff, ""},
      {{{"c", Preserving(0)}, {"d", Preserving(0)}}, Pruning::kOff, ""},
  };
  for (const auto& [epus, pruning, question] : cases) {
    EXPECT_EQ(PlanQuestion(Plan(world, File(epus), pruning)), question);
  }
}

TEST(PlanView, ShowsAPoolThatIsOnlySetGoingAgain) {
  World world;
  world.Apply(File({{"web", std::string(kTrial)}}));
  world.FailFirst("web");
  const ApplyPlan plan = Plan(world, File({{"web", std::string(kTrial)}}));
  EXPECT_EQ(FormatPlan(plan, world.now()),
            "~ epu web   stopped in development mode: set going again: 1 worker at once\n"
            "  site local: unchanged\n");
  EXPECT_EQ(FormatSum(plan), "0 to add, 0 to change, 0 to remove; ends no worker\n");
}

TEST(PlanView, TellsTwoValuesApartThatLookAlike) {
  World world;
  const auto web = [](std::string_view command, std::string_view uniques) {
    return fmt::format(
        "{{engine: npreserving, config: {{preserve_n: 1, unique_instances: {}}}, "
        "worker: {{site: local, command: {}}}}}",
        uniques, command);
  };
  world.Apply(File({{"web", web("[/bin/w, a, b]", "{x: {A: 1, B: 2}}")}}));
  const ApplyPlan plan =
      Plan(world, File({{"web", web("[/bin/w, \"a, b\"]", "{x: {A: \"1,B=2\"}}")}}));
  EXPECT_EQ(FormatPlan(plan, world.now()),
            "~ epu web   config.unique_instances  {x: {A: \"1\", B: \"2\"}} → {x: {A: \"1,B=2\"}}\n"
            "            worker.command           [/bin/w, a, b] → [/bin/w, \"a, b\"]\n"
            "  site local: unchanged\n");
}

TEST(PlanView, GivesItAsJson) {
  World world;
  world.Apply(File({{"crunch", Queue(100, 8)}, {"legacy", Preserving(1)}}));
  world.Do(Reconfigure{"crunch", {{"max_instances", std::int64_t{10}}}});
  const Sequence by_hand = FindEpu(world.view().state, "crunch")->policy;
  const ApplyPlan plan = Plan(world, File({{"crunch", Queue(80, 12)}}), Pruning::kOn);
  EXPECT_EQ(
      ToLine(PlanJson(plan)),
      fmt::format(
          R"({{"at":{},"changes_anything":true,"differs":true,"ends":1,"items":[)"
          R"({{"kind":"epu","name":"crunch","change":"change","fields":[)"
          R"({{"key":"config.queuelen_high_water","before":"100","after":"80","overrides":null}},)"
          R"({{"key":"config.max_instances","before":"10","after":"12","overrides":)"
          R"({{"actor":"ops","sequence":{},"time":"2024-10-04T00:00:00.000000Z"}}}}],)"
          R"("launches":0,"ends":[]}},)"
          R"({{"kind":"epu","name":"legacy","change":"remove","fields":[],"launches":0,)"
          R"("ends":["legacy/1"]}},)"
          R"({{"kind":"site","name":"local","change":"unchanged","fields":[],"launches":0,)"
          R"("ends":[]}}]}})",
          plan.basis, by_hand));
}

TEST(FormatWorkers, ShowsTheFirstOfMany) {
  EXPECT_EQ(FormatWorkers({"a/1", "a/2"}), "a/1, a/2");
  EXPECT_EQ(FormatWorkers({"a/1", "a/2", "a/3", "a/4", "a/5", "a/6", "a/7", "a/8", "a/9", "a/10"}),
            "a/1, a/2, a/3, a/4, a/5, a/6, a/7, a/8 and 2 more");
}

}  // namespace
}  // namespace epu
