#include "projections/shadow_record.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

constexpr EpuNumber kPool{3};

// The decisions of a story, ten seconds apart.
class Story {
 public:
  Story() { records_.epu = kPool; }
  Story& Pool(std::uint32_t wanted) {
    DecisionMade decision;
    decision.epu = kPool;
    decision.wanted = wanted;
    return Add(decision);
  }
  Story& Shadow(std::uint32_t wanted) {
    return Add(ShadowDecided{kPool, "eager", "queuelen", 1, sequence_, 0, wanted, {}, {}, 1, ""});
  }
  Story& Fails(std::string error) {
    return Add(ShadowDecided{kPool, "eager", "queuelen", 1, sequence_, 0, 0, {}, {}, 1, error});
  }
  Story& Another() {
    DecisionMade decision;
    decision.epu = EpuNumber{4};
    decision.wanted = 77;
    return Add(decision);
  }
  Story& Defined(std::vector<ShadowDefinition> shadows) {
    EpuDefinition definition;
    definition.shadows = std::move(shadows);
    return Add(EpuDefined{kPool, definition});
  }
  const ShadowRecord& eager() { return records_.shadows.at("eager"); }
  ShadowRecords& records() { return records_; }

 private:
  Story& Add(Payload payload) {
    Event event;
    event.sequence = ++sequence_;
    event.time = Time(100s + 10s * static_cast<int>(sequence_));
    event.payload = std::move(payload);
    Evolve(records_, event);
    return *this;
  }

  Sequence sequence_ = 0;
  ShadowRecords records_;
};

TEST(ShadowRecord, TellsHowLongBothWantedTheSame) {
  Story story;
  story.Pool(2).Shadow(2).Shadow(3).Pool(3).Another();
  GoOnTo(story.records(), Time(150s));
  const ShadowRecord& eager = story.eager();
  EXPECT_EQ(eager.compared, 30s) << "since the shadow's first decision";
  EXPECT_EQ(eager.agreed, 20s);
  EXPECT_EQ(eager.first_difference, 3u);
  EXPECT_EQ(eager.own.worker_time, 20s + 60s);
  EXPECT_EQ(eager.live.worker_time, 40s + 30s);
  EXPECT_EQ(eager.own.decisions, 1u);
  EXPECT_EQ(eager.own.launches, 1u);
  EXPECT_EQ(eager.own.most, 3u);
}

TEST(ShadowRecord, CountsFailuresAndGoesOn) {
  Story story;
  story.Pool(1).Fails("no reading");
  EXPECT_EQ(story.eager().error, "no reading");
  EXPECT_EQ(story.eager().own.wanted, std::nullopt);
  story.Shadow(1);
  EXPECT_EQ(story.eager().error, "");
  EXPECT_EQ(story.eager().failures, 1u);
  EXPECT_EQ(story.eager().first_difference, 0u);
}

TEST(ShadowRecord, ForgetsWhatIsNoShadowAnyMore) {
  Story story;
  story.Pool(1).Shadow(1).Defined({{"eager", "queuelen", {}}});
  EXPECT_EQ(story.records().shadows.size(), 1u);
  story.Defined({});
  EXPECT_TRUE(story.records().shadows.empty());
}

}  // namespace
}  // namespace epu
