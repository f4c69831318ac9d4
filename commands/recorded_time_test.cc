#include "commands/recorded_time.h"

#include <cstdlib>

#include <gtest/gtest.h>

namespace epu {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Time kStart{std::chrono::sys_days{std::chrono::November / 22 / 2026}};

TEST(RecordedTime, IsTheWallClocksWhereTheyAgree) {
  RecordedTime time{kStart, seconds(7), {}};
  EXPECT_EQ(time.Tell(seconds(17), kStart + seconds(10)), kStart + seconds(10));
  EXPECT_EQ(time.difference, Duration::zero());
}

TEST(RecordedTime, NeverStandsStillOrGoesBackAndIsAtMostATenthOff) {
  RecordedTime time{kStart, {}, {}};
  const Duration jumps[] = {hours(0), hours(5), hours(-7), hours(1), hours(-30), hours(0)};
  const Duration steps[] = {microseconds(1), microseconds(9), milliseconds(3), seconds(2),
                            minutes(11)};
  Duration steady{};
  for (const Duration jump : jumps) {
    for (const Duration step : steps) {
      for (int i = 0; i < 100; ++i) {
        const Time before = time.last;
        steady += step;
        const Time now = time.Tell(steady, kStart + steady + jump);
        EXPECT_GT(now, before);
        EXPECT_LE(now - before, step + step / 10);
        EXPECT_GE(now - before, step - step / 10);
      }
    }
  }
}

TEST(RecordedTime, GoesOnWhereTheSteadyClockIsTooCoarse) {
  RecordedTime time{kStart, {}, {}};
  EXPECT_EQ(time.Tell({}, kStart), kStart + microseconds(1));
  EXPECT_EQ(time.Tell({}, kStart - hours(1)), kStart + microseconds(2));
}

TEST(RecordedTime, MeetsTheWallClockAgain) {
  for (const Duration jump : {Duration(hours(1)), Duration(-hours(1))}) {
    RecordedTime time{kStart, {}, {}};
    Duration steady = seconds(1);
    time.Tell(steady, kStart + steady + jump);
    EXPECT_EQ(time.difference, jump - jump / std::abs(jump.count()) * 100'000);
    while (steady < hours(10) + seconds(10)) {  // A tenth of ten hours is one hour.
      steady += seconds(1);
      time.Tell(steady, kStart + steady + jump);
    }
    EXPECT_EQ(time.difference, Duration::zero());
    EXPECT_EQ(time.last, kStart + steady + jump);
  }
}

TEST(RecordedTime, WaitsForAWallClockBehindTheLastRecord) {
  RecordedTime time{kStart + minutes(1), {}, {}};  // The log's last record.
  Time last = time.last;
  for (Duration steady = seconds(1); steady <= minutes(11); steady += seconds(1)) {
    const Time now = time.Tell(steady, kStart + steady);
    EXPECT_GT(now, last);
    last = now;
  }
  EXPECT_EQ(last, kStart + minutes(11));
}

}  // namespace
}  // namespace epu
