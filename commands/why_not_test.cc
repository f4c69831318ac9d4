#include "commands/why_not.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "commands/given.h"
#include "eventlog/overloaded.h"

namespace epu {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// "queue ≥ 101: +1"
std::string Text(const Epu& epu, const Flip& flip) {
  const auto sensor = [&](SensorNumber number) { return epu.sensors.at(number).definition.name; };
  const std::string name =
      std::visit(Overloaded{
                     [&](const SensorInput& input) { return sensor(input.sensor); },
                     [](const KeyInput& input) { return input.key; },
                     [&](const AgeInput& input) { return "age of " + sensor(input.sensor); },
                     [](const HealthInput& input) {
                       return fmt::format("health of {}", ToInteger(input.worker));
                     },
                     [](const MetricInput& input) {
                       return fmt::format("{} of {}", input.name, ToInteger(input.worker));
                     },
                 },
                 flip.input);
  return fmt::format("{} {} {}: {:+}", name, flip.above ? "≥" : "≤", flip.at, flip.change);
}

std::vector<std::string> Flips(const Given& given, std::string_view pool) {
  const Epu& epu = given.pool(pool);
  const absl::StatusOr<WhyNot> why_not =
      ExplainWhyNot(given.state(), epu.number, given.now(), given.catalog());
  EXPECT_TRUE(why_not.ok()) << why_not.status();
  std::vector<std::string> texts;
  for (const Flip& flip : why_not->flips) texts.push_back(Text(epu, flip));
  return texts;
}

bool Has(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

// A pool of three running workers that follows a queue, which read `queue` when nothing was due.
Given Crunch(double queue, std::string_view settings = "") {
  Given given;
  given.Pool("crunch", "queuelen",
             "sensor=queue queuelen_high_water=100 queuelen_low_water=10 min_instances=1 "
             "max_instances=8 reading_age_max=1h " +
                 std::string(settings));
  for (std::uint32_t worker = 1; worker <= 3; ++worker) {
    given.Later(seconds(60)).Reads("crunch", 150).Review("crunch").Runs("crunch", worker);
  }
  given.Later(seconds(60)).Reads("crunch", queue).Review("crunch");
  return given;
}

TEST(WhyNot, FindsTheReadingsThatWouldHaveScaled) {
  const Given given = Crunch(88);
  const std::vector<std::string> flips = Flips(given, "crunch");
  EXPECT_TRUE(Has(flips, "queue ≥ 101: +1")) << testing::PrintToString(flips);
  EXPECT_TRUE(Has(flips, "queue ≤ 9: -1")) << testing::PrintToString(flips);
  EXPECT_TRUE(Has(flips, "queuelen_high_water ≤ 87: +1")) << testing::PrintToString(flips);
  EXPECT_TRUE(Has(flips, "queuelen_low_water ≥ 89: -1")) << testing::PrintToString(flips);
}

TEST(WhyNot, TakesNumbersThatAreNotWholeForWhatTheyAre) {
  const Given given = Crunch(88.5);
  const std::vector<std::string> flips = Flips(given, "crunch");
  EXPECT_TRUE(Has(flips, fmt::format("queue ≥ {}: +1", std::nextafter(100.0, 101.0))))
      << testing::PrintToString(flips);
}

TEST(WhyNot, SaysWhatCannotFlipIt) {
  const Given given = Crunch(88);
  const auto why_not =
      ExplainWhyNot(given.state(), given.pool("crunch").number, given.now(), given.catalog());
  ASSERT_TRUE(why_not.ok());
  const Input reading_age_max = KeyInput{"reading_age_max"};
  EXPECT_TRUE(std::find(why_not->fixed.begin(), why_not->fixed.end(), reading_age_max) !=
              why_not->fixed.end());  // The reading is new under any.
  EXPECT_EQ(why_not->size, 3u);
  EXPECT_EQ(why_not->change, 0);
}

TEST(WhyNot, MovesTheAgeOfAReading) {
  Given given = Crunch(50);
  given.Later(seconds(1)).Reads("crunch", 150).Later(minutes(90));
  std::vector<std::string> flips = Flips(given, "crunch");
  EXPECT_TRUE(Has(flips, "age of queue ≤ 3600: +1")) << testing::PrintToString(flips);
  given.Reads("crunch", 150);
  flips = Flips(given, "crunch");
  EXPECT_TRUE(Has(flips, "age of queue ≥ 3601: +0")) << testing::PrintToString(flips);
}

TEST(WhyNot, MovesTheHealthOfWorkers) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=2 max_instances=4").Review("web");
  given.Runs("web", 1).Runs("web", 2).Later(minutes(1)).Says("web", 2, Health::kProcessError);
  const std::vector<std::string> flips = Flips(given, "web");
  EXPECT_TRUE(Has(flips, "health of 1 ≤ 0: +0")) << testing::PrintToString(flips);
  EXPECT_TRUE(Has(flips, "health of 2 ≥ 1: +0")) << testing::PrintToString(flips);
}

TEST(WhyNot, MovesTheNumbersOfWorkers) {
  Given given;
  given.Pool("busy", "sensor",
             "metric=load scale_up_threshold=0.75 scale_up_n=1 scale_down_threshold=0.25 "
             "scale_down_n=1 cooldown_period=1s max_instances=4 min_instances=2 "
             "reading_age_max=1h");
  given.Review("busy").Runs("busy", 1).Runs("busy", 2).Later(minutes(5));
  given.Measures("busy", 1, "load", 0.5).Measures("busy", 2, "load", 0.5).Review("busy");
  const std::vector<std::string> flips = Flips(given, "busy");
  // The average is to be above 0.75.
  EXPECT_TRUE(Has(flips, fmt::format("load of 1 ≥ {}: +1", std::nextafter(1.0, 2.0))))
      << testing::PrintToString(flips);
}

// While something else holds the pool, no value flips it by itself, and what holds it is told.
TEST(WhyNot, NamesWhatHoldsWhereNoReadingWould) {
  Given given = Crunch(88);
  given.Order(SwitchLaunching{"", false});
  const std::vector<std::string> flips = Flips(given, "crunch");
  EXPECT_FALSE(Has(flips, "queue ≥ 101: +1")) << testing::PrintToString(flips);
  EXPECT_TRUE(Has(flips, "queue ≤ 9: -1"));
}

// ---- An engine that nothing here knows ----

constexpr Key kOwnKeys[] = {{.name = "bias",
                             .type = KeyType::kInteger,
                             .default_value = Value(std::int64_t{0}),
                             .at_least = -1000,
                             .at_most = 1000}};

// Wants one worker more than it has where the reading and a bias are beyond a secret, and one fewer
// in a secret band.
class Secretive final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu& epu, Time) const override {
    Decision decision;
    decision.wanted = epu.wanted.value_or(2);
    const Sensor* const sensor = FindSensor(epu, "queue");
    const double* const value =
        sensor == nullptr ? nullptr : std::get_if<double>(&sensor->latest.measure);
    if (value == nullptr) return decision;
    if (*value + static_cast<double>(IntegerOf(epu.definition, "bias")) >= 73'421)
      decision.wanted = 3;
    return decision;
  }
  std::vector<Problem> Validate(const EpuDefinition&) const override { return {}; }
};

EngineCatalog WithSecretive() {
  static const std::vector<Key> keys = WithCommonKeys({std::begin(kOwnKeys), std::end(kOwnKeys)});
  EngineCatalog catalog;
  catalog.push_back({"secretive", 1, "", keys, std::make_unique<Secretive>()});
  return catalog;
}

TEST(WhyNot, FindsAHiddenThresholdExactly) {
  const struct {
    double reading;
    std::string flip;
  } cases[] = {
      {0, "queue ≥ 73421: +1"},
      {73'420, "queue ≥ 73421: +1"},
      {73'000, "bias ≥ 421: +1"},
      {0.5, "queue ≥ 73421: +1"},
  };
  for (const auto& [reading, flip] : cases) {
    Given given(WithSecretive());
    given.Pool("hidden", "secretive", "max_instances=9 bias=0");
    given.Reads("hidden", reading).Review("hidden").Runs("hidden", 1).Runs("hidden", 2);
    given.Later(minutes(1));
    const std::vector<std::string> flips = Flips(given, "hidden");
    EXPECT_TRUE(Has(flips, flip)) << reading << " " << testing::PrintToString(flips);
  }
}

TEST(WhyNot, RefusesWhatIsNotThere) {
  Given given;
  EXPECT_EQ(
      ExplainWhyNot(given.state(), EpuNumber{99}, given.now(), given.catalog()).status().code(),
      absl::StatusCode::kNotFound);
  given.Pool("web", "npreserving", "preserve_n=1");
  EXPECT_EQ(ExplainWhyNot(given.state(), given.pool("web").number, given.now(), {}).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace epu
