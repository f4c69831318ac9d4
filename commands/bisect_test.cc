#include "commands/bisect.h"

#include <algorithm>
#include <random>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "commands/given.h"
#include "commands/review.h"
#include "projections/evolve.h"

namespace epu {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// The last decision that was made.
const Event& LastDecision(const std::vector<Event>& events) {
  const auto last = std::find_if(events.rbegin(), events.rend(), [](const Event& event) {
    return std::holds_alternative<DecisionMade>(event.payload);
  });
  EXPECT_NE(last, events.rend());
  return *last;
}

// What came before the command in which `decision` was made.
std::span<const Event> Before(const std::vector<Event>& events, const Event& decision) {
  return std::span(events).first(decision.sequence - decision.place.index - 1);
}

Bisection BisectLast(const Given& given) {
  const Event& decision = LastDecision(given.events());
  const absl::StatusOr<Bisection> found =
      Bisect(State{}, Before(given.events(), decision), decision, given.catalog());
  EXPECT_TRUE(found.ok()) << found.status();
  return *found;
}

// "reading 132, worker 2 to 600-RUNNING"
std::string Text(const Given& given, const std::vector<Sequence>& sequences) {
  std::string text;
  for (const Sequence sequence : sequences) {
    const Payload& payload = given.events().at(sequence - 1).payload;
    if (!text.empty()) text += ", ";
    text += KindName(payload);
    if (const auto* reading = std::get_if<ReadingTaken>(&payload)) {
      const auto* value = std::get_if<double>(&reading->measure);
      text += value != nullptr ? fmt::format(" {}", *value) : " none";
    } else if (const auto* change = std::get_if<WorkerChanged>(&payload)) {
      text += fmt::format(" {} to {}", ToInteger(change->worker), StateName(change->to));
    } else if (const auto* health = std::get_if<HealthChanged>(&payload)) {
      text += fmt::format(" {} {}", ToInteger(health->worker), HealthName(health->to));
    }
  }
  return text;
}

constexpr char kQueuelen[] =
    "sensor=queue queuelen_high_water=100 queuelen_low_water=10 min_instances=1 max_instances=8 "
    "reading_age_max=1h";

// A pool of one running worker that follows a queue.
Given Crunch() {
  Given given;
  given.Pool("crunch", "queuelen", kQueuelen).Review("crunch").Runs("crunch", 1);
  return given;
}

TEST(Bisect, FindsTheReadingThatDroveIt) {
  Given given = Crunch();
  given.Later(seconds(10)).Reads("crunch", 50).Review("crunch");
  given.Later(seconds(10)).Reads("crunch", 132).Review("crunch");
  const Bisection found = BisectLast(given);
  EXPECT_EQ(Text(given, found.inputs), "reading 132");
  EXPECT_EQ(found.otherwise, std::nullopt);
}

TEST(Bisect, TellsWhatElseWouldHaveDoneItAlone) {
  Given given = Crunch();
  given.Later(seconds(10)).Reads("crunch", 132).Review("crunch");
  // One change at a time: had the first worker not come to run, none would have been added.
  EXPECT_EQ(Text(given, BisectLast(given).alone), "worker 1 to 600-RUNNING, reading 132");
}

TEST(Bisect, FindsReadingsThatSayTheSame) {
  Given given = Crunch();
  given.Order(PauseScaling{"crunch", true, true, {}});
  for (const double queue : {50, 130, 140, 150}) given.Later(seconds(10)).Reads("crunch", queue);
  given.Order(ResumeScaling{"crunch", true, true}).Review("crunch");
  const Event& decision = LastDecision(given.events());
  // From the pause on: what is there before it does it alone, as above.
  const auto all = Before(given.events(), decision);
  const std::size_t from = all.size() - 6;
  State before;
  for (const Event& event : all.first(from)) Evolve(before, event);
  Bisection found = *Bisect(before, all.subspan(from), decision, given.catalog());
  EXPECT_EQ(Text(given, found.inputs), "resume");
  // Of the readings alone, all above the mark are needed.
  State paused = before;
  for (const Event& event : all.subspan(from, 1)) Evolve(paused, event);
  paused.epus.begin()->second.paused_out.reset();
  paused.epus.begin()->second.paused_in.reset();
  found = *Bisect(paused, all.subspan(from + 1, 4), decision, given.catalog());
  EXPECT_EQ(Text(given, found.inputs), "reading 130, reading 140, reading 150");
  EXPECT_TRUE(found.alone.empty());
}

TEST(Bisect, FindsWhatMadeARepair) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=2 max_instances=4").Review("web");
  given.Runs("web", 1).Runs("web", 2).Later(minutes(5));
  given.Says("web", 2, Health::kMissing).Review("web");
  const Bisection found = BisectLast(given);
  EXPECT_EQ(Text(given, found.inputs), "health 2 MISSING");
}

TEST(Bisect, FindsAReconfiguration) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=2 max_instances=4").Review("web");
  given.Runs("web", 1).Runs("web", 2).Later(minutes(5));
  given.Order(Reconfigure{"web", {{"preserve_n", std::int64_t{3}}}}).Review("web");
  const Bisection found = BisectLast(given);
  EXPECT_EQ(Text(given, found.inputs), "reconfigure");
}

TEST(Bisect, FindsNothingWhereTheDefinitionAloneDecides) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=2 max_instances=4").Review("web");
  const Bisection found = BisectLast(given);
  EXPECT_TRUE(found.inputs.empty());
  EXPECT_TRUE(found.alone.empty());
}

TEST(Bisect, RefusesADecisionThatThisBuildDoesNotMake) {
  Given given = Crunch();
  given.Later(seconds(10)).Reads("crunch", 132).Review("crunch");
  Event decision = LastDecision(given.events());
  std::get<DecisionMade>(decision.payload).wanted += 1;
  EXPECT_EQ(
      Bisect(State{}, Before(given.events(), decision), decision, given.catalog()).status().code(),
      absl::StatusCode::kFailedPrecondition);
}

// ---- Random histories: whether the set flips is asked anew, with other means ----

bool IsMadeWithout(const Given& given, const Event& decision, const std::set<Sequence>& left_out) {
  State state;
  for (const Event& event : Before(given.events(), decision)) {
    if (!left_out.contains(event.sequence)) Evolve(state, event);
  }
  const auto& recorded = std::get<DecisionMade>(decision.payload);
  const std::vector<Payload> payloads =
      DecideReview(state, state.epus.at(recorded.epu), decision.time, given.catalog());
  return std::any_of(payloads.begin(), payloads.end(), [&](const Payload& payload) {
    const auto* made = std::get_if<DecisionMade>(&payload);
    return made != nullptr && IsSameDecision(*made, recorded);
  });
}

// A few minutes of two pools that share a site.
Given RandomHistory(std::mt19937& random) {
  const auto draw = [&](int most) { return static_cast<int>(random() % (most + 1)); };
  Given given;
  given.Pool("crunch", "queuelen", kQueuelen);
  given.Pool("web", "npreserving", "preserve_n=2 max_instances=6");
  for (int step = 0; step < 40; ++step) {
    given.Later(seconds(1 + draw(20)));
    const std::string pool = draw(2) == 0 ? "web" : "crunch";
    const auto& workers = given.pool(pool).workers;
    const int act = draw(9);
    if (act <= 3) {
      for (int more = draw(3); more >= 0; --more) given.Reads("crunch", draw(200));
    } else if (act == 4) {
      given.Order(Reconfigure{"web", {{"preserve_n", std::int64_t{1 + draw(3)}}}});
    } else if (act == 5) {
      given.Order(Apply{static_cast<std::uint32_t>(2 + draw(8)), {}, {}});
    } else if (act == 6) {
      given.Order(PauseScaling{pool, draw(1) == 0, true, {}});
    } else if (act == 7) {
      given.Order(ResumeScaling{pool, true, true});
    } else if (!workers.empty()) {
      const auto& [number, worker] = *workers.rbegin();
      const std::uint32_t last = ToInteger(number);
      if (worker.state == WorkerState::kRequested) {
        draw(3) == 0 ? given.Fails(pool, last) : given.Runs(pool, last);
      } else if (worker.state == WorkerState::kRunning) {
        given.Says(pool, last, draw(1) == 0 ? Health::kMissing : Health::kProcessError);
      } else if (worker.state == WorkerState::kTerminating) {
        given.Gone(pool, last);
      }
    }
    given.Review("crunch").Review("web");
  }
  return given;
}

TEST(Bisect, OfRandomHistoriesIsAlwaysMinimal) {
  std::size_t flipped = 0;
  std::size_t larger = 0;
  for (std::uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 random(seed);
    const Given given = RandomHistory(random);
    for (const Event& decision : given.events()) {
      if (!std::holds_alternative<DecisionMade>(decision.payload)) continue;
      // The last of what is before it, as `bisect` begins.
      const auto all = Before(given.events(), decision);
      const std::size_t kept = all.size() - std::min<std::size_t>(all.size(), 1 + random() % 12);
      State before;
      for (const Event& event : all.first(kept)) Evolve(before, event);
      const auto found = Bisect(before, all.subspan(kept), decision, given.catalog());
      ASSERT_TRUE(found.ok()) << found.status();
      if (found->inputs.empty()) continue;
      ++flipped;
      larger += found->inputs.size() > 1 ? 1 : 0;
      const std::set<Sequence> inputs(found->inputs.begin(), found->inputs.end());
      for (const Sequence input : inputs) {
        EXPECT_TRUE(IsInput(given.events().at(input - 1), SubjectOf(decision.payload).epu));
      }
      EXPECT_FALSE(IsMadeWithout(given, decision, inputs)) << Text(given, found->inputs);
      for (const Sequence put_back : inputs) {
        std::set<Sequence> rest = inputs;
        rest.erase(put_back);
        EXPECT_TRUE(IsMadeWithout(given, decision, rest)) << Text(given, found->inputs);
      }
      for (const Sequence one : found->alone) EXPECT_FALSE(IsMadeWithout(given, decision, {one}));
    }
  }
  EXPECT_GT(flipped, 300u);
  EXPECT_GT(larger, 10u);
}

}  // namespace
}  // namespace epu
