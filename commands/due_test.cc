#include "commands/due.h"

#include <gtest/gtest.h>

#include "commands/given.h"

namespace epu {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr EpuNumber kA{10}, kB{20}, kGone{30};

State Pools() {
  State state;
  for (const EpuNumber number : {kA, kB, kGone}) state.epus[number].number = number;
  state.epus[kGone].removed = true;
  return state;
}

TEST(Due, EveryPoolIsDueFirstAndThenForEachPulse) {
  const State state = Pools();
  const Time t = kGivenStart;
  EXPECT_EQ(Due(state, {}, t), (std::set{kA, kB}));
  const Reviewed reviewed = {{kA, t}, {kB, t - seconds(1)}};
  EXPECT_EQ(Due(state, reviewed, t + seconds(3)), std::set<EpuNumber>{});
  EXPECT_EQ(Due(state, reviewed, t + seconds(4)), std::set{kB});
  EXPECT_EQ(Due(state, reviewed, t + kPulse), (std::set{kA, kB}));
}

TEST(Due, APoolIsDueWhenItsBackOffHasLetGo) {
  State state = Pools();
  state.epus[kA].back_off.until = kGivenStart + seconds(2);
  const Reviewed reviewed = {{kA, kGivenStart}, {kB, kGivenStart}};
  EXPECT_EQ(Due(state, reviewed, kGivenStart + milliseconds(1'999)), std::set<EpuNumber>{});
  EXPECT_EQ(Due(state, reviewed, kGivenStart + seconds(2)), std::set{kA});
  const Reviewed since = {{kA, kGivenStart + seconds(2)}, {kB, kGivenStart + seconds(2)}};
  EXPECT_EQ(Due(state, since, kGivenStart + seconds(3)), std::set<EpuNumber>{});
}

TEST(Due, APoolIsDueWhenAPauseOfItHasLetGo) {
  State state = Pools();
  state.epus[kA].paused_out = Hold{1, kGivenStart, kGivenStart + seconds(2), 0};
  state.epus[kB].paused_in = Hold{1, kGivenStart, kGivenStart + seconds(3), 0};
  const Reviewed reviewed = {{kA, kGivenStart}, {kB, kGivenStart}};
  EXPECT_EQ(Due(state, reviewed, kGivenStart + milliseconds(1'999)), std::set<EpuNumber>{});
  EXPECT_EQ(Due(state, reviewed, kGivenStart + seconds(2)), std::set{kA});
  EXPECT_EQ(Due(state, reviewed, kGivenStart + seconds(3)), (std::set{kA, kB}));
  state.epus[kA].paused_out->until.reset();
  EXPECT_EQ(Due(state, reviewed, kGivenStart + seconds(4)), std::set{kB});
}

TEST(Due, APoolWhoseEngineFailsIsAskedEverMoreRarely) {
  State state = Pools();
  state.epus.erase(kB);
  state.epus[kA].engine_error = "tired";
  state.epus[kA].engine_error_since = kGivenStart;
  Reviewed reviewed = {{kA, kGivenStart}};
  std::vector<int> asked;  // In seconds after it began to fail.
  for (int second = 1; second <= 240; ++second) {
    const Time now = kGivenStart + seconds(second);
    if (!Due(state, reviewed, now).contains(kA)) continue;
    reviewed[kA] = now;
    asked.push_back(second);
  }
  // The gaps are as long as it has been failing, up to a minute.
  ASSERT_GE(asked.size(), 4u);
  EXPECT_EQ(asked[0], 5);
  for (std::size_t i = 1; i < asked.size(); ++i) {
    const auto gap = seconds(asked[i] - asked[i - 1]);
    EXPECT_GE(gap, kPulse);
    EXPECT_LE(gap, kPulseMax);
  }
  EXPECT_EQ(asked.back() - asked[asked.size() - 2], 60);
}

TEST(Touch, TouchesThePoolThatAnEventIsAbout) {
  const State state = Pools();
  std::set<EpuNumber> touched;
  Touch(state, {1, {}, {}, {}, {}, "", ReadingTaken{kB, {}, 1.0, {}, {}, ""}}, touched);
  EXPECT_EQ(touched, std::set{kB});
  ShadowDecided shadow;
  shadow.epu = kA;
  Touch(state, {1, {}, {}, {}, {}, "", shadow}, touched);
  EXPECT_EQ(touched, std::set{kB}) << "what a shadow decides is nothing to the pool";
}

TEST(Touch, TouchesEveryPoolWhereSomethingAllShareChanged) {
  const struct {
    Payload payload;
    bool all;
  } cases[] = {
      {ServerStarted{}, true},     {RunLimited{}, true},     {SiteDefined{}, true},
      {LaunchingSwitched{}, true}, {ClockDiffered{}, false}, {ActorIntroduced{}, false},
      {SiteAnswered{}, false},     {CommandDenied{}, false}, {DiskFilled{}, true},
  };
  for (const auto& [payload, all] : cases) {
    std::set<EpuNumber> touched;
    Touch(Pools(), {1, {}, {}, {}, {}, "", payload}, touched);
    EXPECT_EQ(touched, all ? (std::set{kA, kB}) : std::set<EpuNumber>{}) << KindName(payload);
  }
}

}  // namespace
}  // namespace epu
