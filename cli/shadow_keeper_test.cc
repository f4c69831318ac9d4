#include "cli/shadow_keeper.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "commands/given.h"
#include "commands/writer.h"
#include "eventlog/memory_log.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// Says that it was asked, and takes until it is let go.
class Slow final : public DecisionEngine {
 public:
  absl::StatusOr<Decision> Decide(const Epu&, Time) const override {
    if (!asked_.exchange(true)) asked.set_value();
    let_go.wait();
    return epu::Decision{7, {}, {}};
  }
  std::vector<Problem> Validate(const EpuDefinition&) const override { return {}; }

  mutable std::promise<void> asked;
  mutable std::promise<void> release;
  std::shared_future<void> let_go = release.get_future().share();

 private:
  mutable std::atomic<bool> asked_ = false;
};

class Keeping : public testing::Test {
 protected:
  void SetUp() override {
    const std::span<const Key> keys = FindEngine(catalog_, "npreserving")->keys;
    auto slow = std::make_unique<Slow>();
    slow_ = slow.get();
    catalog_.push_back({"slow", 1, "", keys, std::move(slow)});
    ASSERT_TRUE(writer_.Start({{"k3f9", 7, "host", 77, "/srv/log"}}).ok());
  }

  void Do(Order order) {
    const Command command{{7, ++number_}, Author{1000, "olga"}, "", std::move(order)};
    const Answer answer = writer_.Process(std::span(&command, 1)).front();
    ASSERT_TRUE(answer.status.ok()) << answer.status;
  }

  void Declare(std::vector<ShadowDefinition> shadows) {
    EpuDefinition pool = DefinitionOf(catalog_, "crunch", "queuelen",
                                      "sensor=queue queuelen_high_water=100 queuelen_low_water=10 "
                                      "min_instances=1 max_instances=8");
    pool.shadows = std::move(shadows);
    Do(Apply{100, {{"here", "process", 100, ""}}, {pool}});
  }

  ShadowDefinition Shadow(std::string name, std::string engine) {
    return {std::move(name), std::move(engine),
            DefinitionOf(catalog_, "crunch", "npreserving", "preserve_n=3").settings};
  }

  std::size_t Workers() const { return FindEpu(writer_.state(), "crunch")->workers.size(); }

  EngineCatalog catalog_ = BuiltInEngines();
  Slow* slow_ = nullptr;
  MemoryLog log_;
  StillClock clock_;
  Writer writer_{log_, clock_, catalog_};
  std::uint64_t number_ = 0;
};

TEST_F(Keeping, AsksEveryShadowAndReportsWhatIsNew) {
  Declare({Shadow("steady", "npreserving")});
  std::vector<Order> reports;
  ShadowKeeper keeper(log_, catalog_, {}, [&](Order order) { reports.push_back(order); });
  ASSERT_TRUE(keeper.Pass(clock_.Now()).ok());
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(std::get<ReportShadow>(reports[0]).fact.wanted, 3u);
  Do(reports[0]);
  ASSERT_TRUE(keeper.Pass(clock_.Now()).ok());
  EXPECT_EQ(reports.size(), 1u) << "it is recorded, and nothing is new";
  EXPECT_EQ(Workers(), 1u) << "nothing acts on it";
}

TEST_F(Keeping, FindsAReportThatWasLostAgain) {
  Declare({Shadow("steady", "npreserving")});
  int reports = 0;
  ShadowKeeper keeper(log_, catalog_, {}, [&](Order) { ++reports; });
  ASSERT_TRUE(keeper.Pass(clock_.Now()).ok());
  ASSERT_TRUE(keeper.Pass(clock_.Now()).ok());
  EXPECT_EQ(reports, 2);
}

TEST_F(Keeping, ThePoolIsDecidedWhileAShadowTakesItsTime) {
  Declare({Shadow("slow", "slow")});
  std::vector<Order> reports;
  ShadowKeeper keeper(log_, catalog_, {}, [&](Order order) { reports.push_back(order); });
  std::thread shadows([&] { EXPECT_TRUE(keeper.Pass(kGivenStart).ok()); });
  slow_->asked.get_future().wait();
  const Sequence before = writer_.state().head;
  Do(PutReading{"crunch", "queue", 500.0, {}, {}, ""});
  EXPECT_GT(writer_.state().head, before) << "the shadow has not answered yet";
  slow_->release.set_value();
  shadows.join();
  ASSERT_EQ(reports.size(), 1u);
  EXPECT_LT(std::get<ReportShadow>(reports[0]).fact.basis, writer_.state().head);
  Do(reports[0]);  // It is told of the moment it was asked about.
}

TEST_F(Keeping, WithoutShadowsNothingIsAsked) {
  Declare({});
  ShadowKeeper keeper(log_, catalog_, {}, [](Order) { ADD_FAILURE(); });
  EXPECT_TRUE(keeper.Pass(clock_.Now()).ok());
}

}  // namespace
}  // namespace epu
