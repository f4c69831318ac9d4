#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "tests/simulator/report.h"
#include "tests/simulator/world.h"

// 500 worlds by 500 seeds, as they are in every run of this test: what fails here fails again.
// EPU_SEED=N runs the world of one seed, and tells everything; simulate.cc runs others.

namespace epu::sim {
namespace {

constexpr std::uint64_t kFirstSeed = 1;
constexpr std::uint64_t kSeeds = 500;
constexpr std::uint64_t kSteps = 500;
constexpr std::uint64_t kTwiceEvery = 25;  // So many seeds are run twice.
constexpr double kBarSeconds = 60;         // Printed, for people; no test is judged by time.

RunResult RunQuietly(std::uint64_t seed, Tally& tally) {
  Trace trace(Trace::Telling::kNothing);
  return World(seed, tally, trace).Run(kSteps);
}

// Whether the world of `seed` goes the same way again.
void ExpectTheSameAgain(std::uint64_t seed, const RunResult& first, Tally& tally) {
  Tally uncounted;
  const RunResult second = RunQuietly(seed, uncounted);
  ++tally.checked[static_cast<std::size_t>(Check::kSameSeedSameLog)];
  EXPECT_EQ(first.log, second.log) << "seed " << seed << " gives two logs";
  EXPECT_EQ(first.end, second.end) << "seed " << seed << " gives two runs";
}

TEST(Simulator, SurvivesEverythingThatGoesWrong) {
  if (const char* chosen = std::getenv("EPU_SEED"); chosen != nullptr) {
    Tally tally;
    Trace trace(Trace::Telling::kEverything);
    const std::uint64_t seed = std::strtoull(chosen, nullptr, 10);
    EXPECT_EQ(World(seed, tally, trace).Run(kSteps).failure, "") << "seed " << seed;
    return;
  }
  Tally tally;
  const auto begun = std::chrono::steady_clock::now();
  for (std::uint64_t seed = kFirstSeed; seed < kFirstSeed + kSeeds; ++seed) {
    // Told before it is run: a broken CHECK ends the process.
    std::printf(seed % 25 == 1 ? "\nseed %3d" : " %3d", static_cast<int>(seed));
    std::fflush(stdout);
    const RunResult result = RunQuietly(seed, tally);
    ASSERT_EQ(result.failure, "") << "seed " << seed << " " << result.failure << "\n"
                                  << TellLast(seed, kSteps);
    if (seed % kTwiceEvery == 0) ExpectTheSameAgain(seed, result, tally);
  }
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begun;
  std::printf("\n\n%s%.1f seconds; the bar is %.0f\n", FormatTally(tally).c_str(), taken.count(),
              kBarSeconds);
  EXPECT_TRUE(WhatNeverHappened(tally).empty())
      << "never happened: " << fmt::format("{}", fmt::join(WhatNeverHappened(tally), "; "));
}

}  // namespace
}  // namespace epu::sim
