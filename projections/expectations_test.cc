#include "projections/expectations.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr EpuNumber kPool{3};
constexpr SensorNumber kQueue{192};

// A pool that is watched.
class Watched {
 public:
  explicit Watched(const Expectations& expected) : check_(expected, Begun()) {}
  Watched& Reads(Duration time, double value) {
    return Add(time, ReadingTaken{kPool, kQueue, value, {}, {}, ""});
  }
  Watched& Wants(Duration time, std::uint32_t size) {
    DecisionMade decision;
    decision.epu = kPool;
    decision.wanted = size;
    return Add(time, decision);
  }
  Watched& Requests(Duration time, std::uint32_t worker) {
    return Add(time, WorkerRequested{kPool, WorkerNumber{worker}, {}, {}, "", 0});
  }
  std::optional<Breach> Until(Duration time) {
    check_.Finish(Time(time));
    return check_.breach();
  }

 private:
  static PoolOutcome Begun() {
    Epu pool;
    pool.number = kPool;
    return OutcomeFrom(pool, kQueue, std::nullopt, Time{});
  }
  Watched& Add(Duration time, Payload payload) {
    Event event;
    event.time = Time(time);
    event.payload = std::move(payload);
    check_.Take(event);
    return *this;
  }

  ExpectationCheck check_;
};

TEST(Expectations, NeverAboveIsBrokenByTheWorkerBeyondIt) {
  Watched pool({.never_above = 1});
  pool.Wants(5s, 1).Requests(10s, 1);
  EXPECT_EQ(pool.Until(1h), std::nullopt);
  const auto breach = pool.Wants(15s, 2).Requests(20s, 2).Until(1h);
  ASSERT_TRUE(breach);
  EXPECT_EQ(breach->kind, Breach::Kind::kAbove);
  EXPECT_EQ(breach->time, Time(20s));
  EXPECT_EQ(breach->value, 2);
  ASSERT_TRUE(breach->decision);
  EXPECT_EQ(breach->decision->wanted, 2u);
}

TEST(Expectations, AQueueMayBeOverForAsLongAsIsSaid) {
  const Expectations expected{.queue_under = 500, .within = 10min};
  const struct {
    std::vector<std::pair<Duration, double>> readings;
    Duration until;
    std::optional<Duration> broken;
  } cases[] = {
      {{{0s, 499}, {1h, 10}}, 2h, std::nullopt},
      {{{0s, 500}, {10min, 499}}, 2h, std::nullopt},
      {{{0s, 500}, {10min + 1s, 499}}, 2h, 10min},
      {{{0s, 500}, {5min, 600}, {9min, 3}, {10min, 700}, {19min, 2}}, 2h, std::nullopt},
      {{{0s, 500}}, 10min, std::nullopt},
      {{{0s, 500}}, 11min, 10min},  // The end tells it too.
  };
  for (const auto& [readings, until, broken] : cases) {
    Watched pool(expected);
    for (const auto& [time, value] : readings) pool.Reads(time, value);
    const auto breach = pool.Until(until);
    ASSERT_EQ(breach.has_value(), broken.has_value());
    if (broken) {
      EXPECT_EQ(breach->time, Time(*broken));
    }
  }
}

TEST(Expectations, AFlapIsTold) {
  Watched pool({.no_flap = true});
  pool.Wants(0s, 1).Wants(60s, 2);
  EXPECT_EQ(pool.Until(1h), std::nullopt);
  const auto breach = pool.Wants(120s, 1).Until(1h);
  ASSERT_TRUE(breach);
  EXPECT_EQ(breach->kind, Breach::Kind::kFlap);
}

}  // namespace
}  // namespace epu
