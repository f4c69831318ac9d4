#include "projections/pool_outcome.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr EpuNumber kPool{3};
constexpr SensorNumber kQueue{192};

// What happens to one pool, each at a time of its own.
class Story {
 public:
  Story() {
    Epu pool;
    pool.number = kPool;
    outcome_ = OutcomeFrom(pool, kQueue, 100.0, Time{});
  }
  Story& At(Duration time) {
    now_ = Time(time);
    return *this;
  }
  Story& Wants(std::uint32_t size) {
    DecisionMade decision;
    decision.epu = kPool;
    decision.wanted = size;
    return Add(decision);
  }
  Story& Requests(std::uint32_t worker) {
    return Add(WorkerRequested{kPool, WorkerNumber{worker}, {}, {}, "", 0});
  }
  Story& Becomes(std::uint32_t worker, WorkerState to) {
    return Add(WorkerChanged{kPool, WorkerNumber{worker}, {}, to, {}, "", ""});
  }
  Story& Gone(std::uint32_t worker) {
    return Add(MachineChanged{kPool, WorkerNumber{worker}, Presence::kGone, ""});
  }
  Story& Reads(double value) { return Add(ReadingTaken{kPool, kQueue, value, {}, {}, ""}); }
  const PoolOutcome& Until(Duration time) {
    GoOnTo(outcome_, Time(time));
    return outcome_;
  }

 private:
  Story& Add(Payload payload) {
    Event event;
    event.time = now_;
    event.payload = std::move(payload);
    Evolve(outcome_, event);
    return *this;
  }

  PoolOutcome outcome_;
  Time now_{};
};

TEST(PoolOutcome, AWorkerCostsFromItsRequestToItsObservedEnd) {
  Story story;
  story.At(10s).Requests(1).At(15s).Becomes(1, WorkerState::kPending);
  story.At(20s).Requests(2).At(30s).Becomes(2, WorkerState::kRejected);  // Never had a machine.
  story.At(40s).Becomes(1, WorkerState::kTerminating).Becomes(1, WorkerState::kTerminated);
  story.At(50s).Gone(1);
  const PoolOutcome& outcome = story.Until(90s);
  EXPECT_EQ(outcome.worker_time, 40s + 10s);
  EXPECT_EQ(outcome.launches, 2u);
  EXPECT_EQ(outcome.ends, 2u);
  EXPECT_EQ(outcome.most, 2u);
}

TEST(PoolOutcome, ThereAndBackWithinTenMinutesIsAFlap) {
  const struct {
    std::vector<std::pair<Duration, std::uint32_t>> decisions;
    std::uint64_t flaps;
  } cases[] = {
      {{{0s, 2}, {60s, 3}, {120s, 2}}, 1},
      {{{0s, 2}, {60s, 1}, {120s, 2}}, 1},
      {{{0s, 2}, {60s, 3}, {120s, 4}}, 0},
      {{{0s, 2}, {60s, 3}, {60s + 10min, 2}}, 1},
      {{{0s, 2}, {60s, 3}, {61s + 10min, 2}}, 0},
      {{{0s, 2}, {60s, 3}, {120s, 2}, {180s, 3}}, 1},  // What came back is done with.
      {{{0s, 2}, {60s, 2}, {120s, 2}}, 0},
  };
  for (const auto& [decisions, flaps] : cases) {
    Story story;
    for (const auto& [time, size] : decisions) story.At(time).Wants(size);
    EXPECT_EQ(story.Until(1h).flaps, flaps);
  }
}

TEST(PoolOutcome, TimeAboveTheMarkIsStrictlyAbove) {
  Story story;
  story.At(10s).Reads(100).At(20s).Reads(101).At(50s).Reads(7);
  const PoolOutcome& outcome = story.Until(90s);
  EXPECT_EQ(outcome.above, 30s);
  EXPECT_EQ(outcome.peak, 101);
}

}  // namespace
}  // namespace epu
