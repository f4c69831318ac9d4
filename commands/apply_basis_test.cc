#include <gtest/gtest.h>

#include "commands/apply.h"
#include "commands/given.h"

// A file is decided against what its author saw, and may take the rest away.

namespace epu {
namespace {

const EngineCatalog kCatalog = BuiltInEngines();

EpuDefinition Pool(std::string_view name, std::string_view settings = "preserve_n=1") {
  return DefinitionOf(kCatalog, name, "npreserving", settings);
}

Apply Declare(std::vector<EpuDefinition> epus) { return {{}, {}, std::move(epus)}; }

Apply At(const Given& given, Apply apply) {
  apply.basis = given.state().head;
  return apply;
}

Apply Pruning(Apply apply) {
  apply.prune = true;
  return apply;
}

// "web" and "crunch" at the site "here".
Given TwoPools() {
  Given given;
  given.Order(Declare({Pool("web"), Pool("crunch")}));
  return given;
}

std::string ChangedAt(const Given& given, std::string_view path, const Apply& apply) {
  return std::string(path) + " was changed at " + std::to_string(given.state().head) + ", after " +
         std::to_string(*apply.basis) + ", which this was made for";
}

// ---- The basis ----

TEST(ApplyBasis, IsRefusedWhereWhatItDeclaresWasChangedSince) {
  const Value three = std::int64_t{3};
  const struct {
    Order meanwhile;
    std::string path;  // Of what was changed; empty: nothing that matters.
  } cases[] = {
      {Reconfigure{"web", {{"preserve_n", three}}}, "epus.web"},
      {Declare({Pool("web", "preserve_n=3")}), "epus.web"},
      {Remove{"web"}, "epus.web"},
      {Apply{{}, {{"here", "process", 9, ""}}, {}}, "sites.here"},
      {Apply{9, {}, {}}, "max_workers"},
      {Declare({Pool("new")}), "epus.new"},  // Which it would have introduced.
      // What it does not speak of, and what is no declaration.
      {Reconfigure{"crunch", {{"preserve_n", three}}}, ""},
      {Remove{"crunch"}, ""},
      {Declare({Pool("other")}), ""},
      {Apply{{}, {{"there", "process", 9, ""}}, {}}, ""},
      {SwitchLaunching{"", false}, ""},
      {PauseScaling{"web", true, true, {}}, ""},
  };
  for (const auto& [meanwhile, path] : cases) {
    Given given = TwoPools();
    const Apply apply = At(
        given, Apply{8, {{"here", "process", 8, ""}}, {Pool("web", "preserve_n=4"), Pool("new")}});
    given.Order(meanwhile);
    if (path.empty()) {
      EXPECT_EQ(given.Would(apply), "limit; site; policy; policy") << given.last();
      continue;
    }
    EXPECT_EQ(given.Decided(apply).status().code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(given.Would(apply), ChangedAt(given, path, apply));
    EXPECT_EQ(ChangedSince(given.state(), apply),
              std::vector<std::string>{ChangedAt(given, path, apply)});
  }
}

TEST(ApplyBasis, NamesEveryChange) {
  Given given = TwoPools();
  const Apply apply = At(given, Declare({Pool("web"), Pool("crunch")}));
  given.Order(Remove{"web"}).Order(Remove{"crunch"});
  EXPECT_EQ(ChangedSince(given.state(), apply).size(), 2u);
}

TEST(ApplyBasis, APoolThatWasRemovedToItsEndWasChanged) {
  Given given = TwoPools();
  const Apply apply = At(given, Declare({Pool("web")}));
  given.Order(Remove{"web"}).Review("web");
  EXPECT_EQ(given.last(), "removed");
  EXPECT_EQ(given.Would(apply), ChangedAt(given, "epus.web", apply));
}

TEST(ApplyBasis, WithoutOneWhateverIsInForceIsMeant) {
  Given given = TwoPools();
  const Apply apply = Declare({Pool("web", "preserve_n=4")});
  given.Order(Reconfigure{"web", {{"preserve_n", std::int64_t{3}}}});
  EXPECT_EQ(given.Would(apply), "policy");
}

TEST(ApplyBasis, FromAnotherLogIsRefused) {
  const Given given = TwoPools();
  Apply apply = Declare({Pool("web")});
  apply.basis = 99;
  EXPECT_EQ(given.Would(apply),
            "basis is 99, and the last event is " + std::to_string(given.state().head));
}

// ---- Pruning ----

TEST(ApplyPrune, RemovesWhatIsNotDeclaredInTheSameCommand) {
  Given given = TwoPools();
  given.Review("web").Review("crunch");
  given.Order(Pruning(Declare({Pool("web", "preserve_n=2"), Pool("new")})));
  EXPECT_EQ(given.last(), "policy; policy; removal");
  EXPECT_TRUE(given.pool("crunch").removing);
  EXPECT_EQ(given.WouldReview("crunch"), "1 to TERMINATING REMOVED");
}

TEST(ApplyPrune, LeavesAloneWhatIsLeavingAlready) {
  Given given = TwoPools();
  given.Review("crunch").Order(Remove{"crunch"});
  EXPECT_EQ(given.Would(Pruning(Declare({Pool("web")}))), "");
  given.Review("crunch").Gone("crunch", 1).Review("crunch");
  EXPECT_EQ(given.Would(Pruning(Declare({Pool("web")}))), "");
}

TEST(ApplyPrune, RemovesNothingWhereAnythingIsWrong) {
  const Given given = TwoPools();
  EXPECT_EQ(given.Would(Pruning(Declare({Pool("web", "preserve_n=9 max_instances=3")}))),
            "epus.web.config.preserve_n is 9, above max_instances 3");
}

TEST(ApplyPrune, IsRefusedWhereAPoolThatItWouldRemoveIsNewOrChanged) {
  const struct {
    Order meanwhile;
    std::string path;
  } cases[] = {
      {Reconfigure{"crunch", {{"preserve_n", std::int64_t{3}}}}, "epus.crunch"},
      {Declare({Pool("new")}), "epus.new"},
  };
  for (const auto& [meanwhile, path] : cases) {
    Given given = TwoPools();
    const Apply apply = At(given, Pruning(Declare({Pool("web")})));
    EXPECT_EQ(given.Would(apply), "removal");
    given.Order(meanwhile);
    EXPECT_EQ(given.Would(apply), ChangedAt(given, path, apply));
  }
}

// ---- Order without meaning ----

TEST(Apply, TheOrderOfVariablesAndSensorsIsNoChange) {
  Given given;
  EpuDefinition web = Pool("web");
  web.worker.environment = {{"A", "1"}, {"B", "2"}};
  web.sensors = {{{}, "queue", PutSource{}, {}}, {{}, "load", PutSource{}, {}}};
  given.Order(Declare({web}));
  std::swap(web.worker.environment[0], web.worker.environment[1]);
  std::swap(web.sensors[0], web.sensors[1]);
  EXPECT_EQ(given.Would(Declare({web})), "");
  web.worker.environment[0].value = "3";
  EXPECT_EQ(given.Would(Declare({web})), "policy");
}

}  // namespace
}  // namespace epu
