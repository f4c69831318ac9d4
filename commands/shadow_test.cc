#include "commands/shadow.h"

#include <stdexcept>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "commands/given.h"
#include "projections/pool.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// Throws, fails, or wants as many as the queue's reading says.
class Moody final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time) const override {
    const double queue = std::get<double>(epu.sensors.begin()->second.latest.measure);
    if (queue == 13) throw std::runtime_error("thirteen");
    if (queue == 14) return absl::InternalError("fourteen");
    return epu::Decision{static_cast<std::uint32_t>(queue), {}, {}};
  }
  std::vector<Problem> Validate(const EpuDefinition&) const override { return {}; }
};

EngineCatalog CatalogWithMoody() {
  EngineCatalog catalog = BuiltInEngines();
  const std::span<const Key> keys = FindEngine(catalog, "npreserving")->keys;
  catalog.push_back({"moody", 1, "", keys, std::make_unique<Moody>()});
  return catalog;
}

class Shadows : public testing::Test {
 protected:
  void SetUp() override {
    EpuDefinition pool = DefinitionOf(given_.catalog(), "crunch", "queuelen",
                                      "sensor=queue queuelen_high_water=100 queuelen_low_water=10 "
                                      "min_instances=1 max_instances=8");
    const auto settings_of = [&](std::string_view engine, std::string_view settings) {
      return DefinitionOf(given_.catalog(), "crunch", engine, settings).settings;
    };
    pool.shadows = {{"eager", "queuelen",
                     settings_of("queuelen",
                                 "sensor=queue queuelen_high_water=50 "
                                 "queuelen_low_water=10 min_instances=1 "
                                 "max_instances=3")},
                    {"moody", "moody", settings_of("npreserving", "preserve_n=1")}};
    given_.Order(Apply{std::nullopt, {}, {pool}}).Review("crunch");
  }

  // Asks a shadow and records what it says: "1>2 high_water", an error, or nothing.
  std::string Ask(std::string_view shadow) {
    const Epu& epu = given_.pool("crunch");
    for (const ShadowDefinition& definition : epu.definition.shadows) {
      if (definition.name != shadow) continue;
      const auto fact =
          DecideShadow(given_.state(), epu, definition, given_.now(), given_.catalog());
      if (!fact) return "";
      given_.Order(ReportShadow{*fact});
      if (!fact->error.empty()) return fact->error;
      std::string text = fmt::format("{}>{}", fact->size, fact->wanted);
      for (const Constraint& constraint : fact->constraints) {
        text += fmt::format(" {}", ConstraintName(constraint.kind));
      }
      return text;
    }
    return "no such shadow";
  }

  Given given_{CatalogWithMoody()};
};

TEST_F(Shadows, DecideOnTheLiveInputsAndImagineTheirOwnSize) {
  given_.Runs("crunch", 1).Later(10s).Reads("crunch", 60);
  EXPECT_EQ(given_.Review("crunch").last(), "") << "60 is not above 100";
  EXPECT_EQ(Ask("eager"), "1>2 high_water");
  EXPECT_EQ(CountValid(given_.pool("crunch")), 1u) << "nothing acts on it";
  EXPECT_EQ(Ask("eager"), "") << "a reading drives one change";
  given_.Later(10s).Reads("crunch", 60);
  EXPECT_EQ(Ask("eager"), "2>3 high_water") << "its second worker runs, in its imagination";
  given_.Later(10s).Reads("crunch", 60);
  EXPECT_EQ(Ask("eager"), "") << "it may have three";
  given_.Later(10s).Reads("crunch", 5);
  EXPECT_EQ(Ask("eager"), "3>2 low_water");
}

TEST_F(Shadows, SayWhereTheyBeginEvenWhereTheyAgree) {
  given_.Runs("crunch", 1).Later(10s).Reads("crunch", 20);
  EXPECT_EQ(Ask("eager").substr(0, 3), "1>1");
  EXPECT_EQ(Ask("eager"), "");
}

TEST_F(Shadows, FailAndRecoverByThemselves) {
  const struct {
    double queue;
    const char* outcome;
  } cases[] = {
      {13, "it threw: thirteen"}, {13, ""}, {14, "fourteen"}, {14, ""}, {2, "1>2"}, {2, ""}};
  for (const auto& [queue, outcome] : cases) {
    given_.Later(10s).Reads("crunch", queue);
    const std::string live = given_.WouldReview("crunch");
    EXPECT_EQ(Ask("moody"), outcome) << queue;
    EXPECT_EQ(given_.WouldReview("crunch"), live) << "the pool's own decision is what it was";
  }
}

TEST_F(Shadows, OfAnOlderPolicyAreNotHeard) {
  const Epu before = given_.pool("crunch");
  given_.Reads("crunch", 60);
  const auto fact = DecideShadow(given_.state(), given_.pool("crunch"),
                                 before.definition.shadows[0], given_.now(), given_.catalog());
  ASSERT_TRUE(fact);
  given_.Order(Reconfigure{"crunch", {{"max_instances", std::int64_t{9}}}});
  EXPECT_EQ(given_.Would(ReportShadow{*fact}), "");
}

TEST_F(Shadows, ThatAreDefinedAsTheyWereGoOnAndOthersBeginAnew) {
  given_.Runs("crunch", 1).Reads("crunch", 60);
  Ask("eager");
  Ask("moody");
  EpuDefinition changed = given_.pool("crunch").definition;
  changed.shadows[1].settings =
      Merge(changed.shadows[1].settings, {{"preserve_n", std::int64_t{2}}});
  given_.Order(Apply{std::nullopt, {}, {changed}});
  EXPECT_TRUE(given_.pool("crunch").shadows.contains("eager"));
  EXPECT_FALSE(given_.pool("crunch").shadows.contains("moody"));
}

TEST_F(Shadows, InAnotherOrderAreTheSame) {
  EpuDefinition turned = given_.pool("crunch").definition;
  std::swap(turned.shadows[0], turned.shadows[1]);
  EXPECT_EQ(given_.Would(Apply{std::nullopt, {}, {turned}}), "");
}

TEST_F(Shadows, AreHeldToTheRulesOfTheirEngines) {
  const EpuDefinition sound = given_.pool("crunch").definition;
  const auto with = [&](ShadowDefinition shadow) {
    EpuDefinition pool = sound;
    pool.shadows = {sound.shadows[0], std::move(shadow)};
    return given_.Would(Apply{std::nullopt, {}, {pool}});
  };
  EXPECT_NE(
      with({"none", "nosuch", {}}).find("epus.crunch.shadows.none.engine: there is no engine"),
      std::string::npos);
  EXPECT_NE(with({"eager", "queuelen", sound.shadows[0].settings}).find("eager is declared twice"),
            std::string::npos);
  EXPECT_NE(with({"bare", "queuelen", {}}).find("epus.crunch.shadows.bare.config.sensor"),
            std::string::npos);
}

}  // namespace
}  // namespace epu
