// What-if over a history of the production writer: facts where the record speaks, and a model that
// is near it where it does not.

#include "commands/what_if.h"

#include <fstream>

#include <gtest/gtest.h>

#include "eventlog/codec.h"
#include "eventlog/memory_log.h"
#include "projections/pool.h"
#include "tests/history/history.h"

namespace epu {
namespace {

constexpr Duration kLength = std::chrono::days(12);

// The pool of the history, and its events after its definition.
class WhatIfOfHistory : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    std::ifstream in("tests/data/NASA-iPSC-1993-3.1-cln.swf");
    const absl::StatusOr<Trace> trace = ReadTrace(in, {});
    ASSERT_TRUE(trace.ok());
    MemoryLog log;
    MakeHistory(*trace, kLength, log);
    ASSERT_TRUE(log.Visit(0, {~std::size_t{0}, ~std::size_t{0}},
                          [&](Sequence, RecordView record) {
                            Event event = *Decode(record);
                            if (FindEpu(known_.state, "pool-0") == nullptr) {
                              Evolve(known_.state, event);
                              known_.position = event.sequence;
                            } else {
                              events_.push_back(std::move(event));
                            }
                            return true;
                          })
                    .ok());
    const Epu& epu = *FindEpu(known_.state, "pool-0");
    pool_ = epu.number;
    WorkloadFit fit;
    fit.epu = pool_;
    fit.sensor = *QueueOf(epu);
    for (const Event& event : events_) Evolve(fit, event);
    work_ = WorkloadOf(fit, events_.back().time);
  }

  static WhatIfOutcome Run(const CandidatePolicy& candidate, bool forced = false) {
    const EngineCatalog catalog = BuiltInEngines();
    WhatIf what_if(known_, {pool_, candidate, known_.state.time, events_.back().time, 1.0, forced},
                   work_, catalog);
    for (const Event& event : events_) what_if.Take(event);
    return what_if.Finish();
  }

  static Projection<State> known_;
  static EpuNumber pool_;
  static std::vector<Event> events_;
  static Workload work_;
};
Projection<State> WhatIfOfHistory::known_;
EpuNumber WhatIfOfHistory::pool_;
std::vector<Event> WhatIfOfHistory::events_;
Workload WhatIfOfHistory::work_;

TEST_F(WhatIfOfHistory, TheRecordedPolicyNeverReachesTheModel) {
  const WhatIfOutcome recorded = Run({});
  EXPECT_FALSE(recorded.modelled_from);
  EXPECT_FALSE(recorded.difference);
  std::uint64_t decisions = 0;
  for (const Event& event : events_) {
    const auto* decision = std::get_if<DecisionMade>(&event.payload);
    decisions += decision != nullptr && decision->epu == pool_ ? 1 : 0;
  }
  EXPECT_GT(decisions, 100u);
  EXPECT_EQ(recorded.outcome.decisions, decisions);
}

TEST_F(WhatIfOfHistory, ACandidateThatDecidesTheSameNeverReachesItEither) {
  // The pool never gets as large as either limit.
  const WhatIfOutcome same = Run({"", {{"max_instances", std::int64_t{39}}}});
  const WhatIfOutcome recorded = Run({});
  ASSERT_LT(recorded.outcome.most, 39u);
  EXPECT_FALSE(same.modelled_from);
  EXPECT_EQ(same.outcome.decisions, recorded.outcome.decisions);
  EXPECT_EQ(same.outcome.worker_time, recorded.outcome.worker_time);
}

TEST_F(WhatIfOfHistory, TheModelAloneIsNearTheRecord) {
  const WhatIfOutcome recorded = Run({});
  const WhatIfOutcome modelled = Run({}, true);
  EXPECT_EQ(modelled.modelled_from, known_.state.time);
  const auto ratio = [](auto model, auto record) {
    return static_cast<double>(model) / static_cast<double>(record);
  };
  const double worker_time =
      ratio(modelled.outcome.worker_time.count(), recorded.outcome.worker_time.count());
  const double done = ratio(modelled.done, recorded.done);
  std::cout << "modelled / recorded: worker-seconds " << worker_time << ", jobs done " << done
            << "\n";
  EXPECT_NEAR(worker_time, 1, 0.1);
  EXPECT_NEAR(done, 1, 0.1);
}

TEST_F(WhatIfOfHistory, ALargerPoolCostsMoreAndWaitsLess) {
  const WhatIfOutcome recorded = Run({});
  const WhatIfOutcome larger = Run({"", {{"min_instances", std::int64_t{20}}}});
  ASSERT_TRUE(larger.modelled_from);
  ASSERT_TRUE(larger.difference);
  EXPECT_EQ(larger.difference->after, larger.modelled_after);
  EXPECT_GT(larger.outcome.worker_time, recorded.outcome.worker_time);
  // Like with like: how long work waits is compared within the model.
  const auto waited = [](const WhatIfOutcome& result) {
    Duration sum{};
    for (const Duration duration : result.waited) sum += duration;
    return sum;
  };
  const CandidatePolicy many{"", {{"min_instances", std::int64_t{20}}}};
  EXPECT_LT(waited(Run(many, true)), waited(Run({}, true)));
}

}  // namespace
}  // namespace epu
