#include "projections/workload.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr EpuNumber kPool{3};
constexpr SensorNumber kQueue{192};

// Readings and workers of one pool, ten seconds apart.
class Story {
 public:
  Story() {
    fit_.epu = kPool;
    fit_.sensor = kQueue;
  }
  Story& Reads(double waiting, std::optional<double> in_progress) {
    return Add(ReadingTaken{kPool, kQueue, waiting, in_progress, {}, ""});
  }
  Story& Broken() { return Add(ReadingTaken{kPool, kQueue, epu::Broken{"no"}, {}, {}, ""}); }
  Story& Requests(std::uint32_t worker) {
    return Add(WorkerRequested{kPool, WorkerNumber{worker}, {}, {}, "", 0});
  }
  Story& Becomes(std::uint32_t worker, WorkerState to) {
    return Add(WorkerChanged{kPool, WorkerNumber{worker}, {}, to, {}, "", ""});
  }
  Story& Gone(std::uint32_t worker) {
    return Add(MachineChanged{kPool, WorkerNumber{worker}, Presence::kGone, ""});
  }
  Workload Work() const { return WorkloadOf(fit_, now_); }

 private:
  Story& Add(Payload payload) {
    Event event;
    event.time = now_ += 10s;
    event.payload = std::move(payload);
    Evolve(fit_, event);
    return *this;
  }

  WorkloadFit fit_;
  Time now_{};
};

std::uint64_t Done(const Workload& work) {
  std::uint64_t done = 0;
  for (const Job& job : work.jobs) done += job.done ? 1 : 0;
  return done;
}

Duration Busy(const Workload& work) {
  Duration busy{};
  for (const Job& job : work.jobs) busy += job.done ? job.runs : Duration::zero();
  return busy;
}

TEST(Workload, IsTheFewestJobsThatExplainTheReadings) {
  const struct {
    std::vector<std::pair<double, double>> readings;  // Waiting, in progress.
    std::size_t jobs;
    std::uint64_t done;
    Duration busy;
  } cases[] = {
      {{{0, 0}, {0, 0}}, 0, 0, 0s},
      {{{0, 0}, {3, 0}}, 3, 0, 0s},
      {{{0, 0}, {0, 2}, {0, 2}, {0, 0}}, 2, 2, 40s},
      {{{4, 1}, {3, 1}, {2, 1}}, 5, 2, 20s},          // One ends, one begins, each time.
      {{{1, 1}, {1, 1}}, 2, 0, 0s},                   // Nothing has to have happened.
      {{{0, 3}, {0, 1}, {2, 1}, {0, 0}}, 5, 5, 50s},  // Two of them ran unseen at the end.
  };
  for (const auto& [readings, jobs, done, busy] : cases) {
    Story story;
    for (const auto& [waiting, in_progress] : readings) story.Reads(waiting, in_progress);
    const Workload work = story.Work();
    EXPECT_EQ(work.jobs.size(), jobs);
    EXPECT_EQ(Done(work), done);
    EXPECT_EQ(Busy(work), busy) << jobs;
    EXPECT_EQ(work.every, 10s);
  }
}

TEST(Workload, WorkOfAWorkerThatFailedWaitsAgain) {
  Story story;
  story.Requests(1).Becomes(1, WorkerState::kRunning).Reads(0, 1);
  story.Becomes(1, WorkerState::kFailed).Reads(1, 0).Reads(0, 1).Reads(0, 0);
  const Workload work = story.Work();
  ASSERT_EQ(work.jobs.size(), 1u) << "one job, though it began twice";
  EXPECT_TRUE(work.jobs[0].done);
  EXPECT_EQ(work.jobs[0].runs, 10s);
  EXPECT_GT(work.failures_per_hour, 0);
}

TEST(Workload, TellsHowWorkersBootAndEnd) {
  Story story;
  story.Requests(1).Becomes(1, WorkerState::kStarted).Becomes(1, WorkerState::kRunning);
  story.Becomes(1, WorkerState::kTerminating).Gone(1).Becomes(1, WorkerState::kTerminated);
  const Workload work = story.Work();
  EXPECT_EQ(work.boots, 20s);
  EXPECT_EQ(work.ends, 10s);
  EXPECT_EQ(work.failures_per_hour, 0);
}

TEST(Workload, WithoutInProgressEveryRunningWorkerIsBusyWhileWorkWaits) {
  Story story;
  story.Requests(1).Becomes(1, WorkerState::kRunning);
  story.Reads(2, std::nullopt).Reads(1, std::nullopt).Reads(0, std::nullopt);
  const Workload work = story.Work();
  EXPECT_FALSE(work.tells_in_progress);
  EXPECT_EQ(work.jobs.size(), 3u);
}

TEST(Workload, ABrokenReadingSaysNothing) {
  Story story;
  story.Reads(2, 0).Broken().Reads(2, 0);
  EXPECT_EQ(story.Work().jobs.size(), 2u);
}

}  // namespace
}  // namespace epu
