// `bisect` as it is typed, on a log that the production Decide made.

#include <gtest/gtest.h>

#include "cli/bisect_log_for_tests.h"
#include "cli/typed_for_tests.h"

namespace epu {
namespace {

class BisectVerb : public testing::Test {
 protected:
  void SetUp() override { decision_ = std::to_string(PutBisected(log_)); }
  Typed Type(const std::vector<std::string>& words) { return TypeOn(log_, words); }

  MemoryLog log_;
  std::string decision_;
};

TEST_F(BisectVerb, ShowsWhatTheDecisionHangsOn) {
  const Typed answer = Type({"bisect", decision_});
  EXPECT_EQ(answer.exit, Exit::kDone) << answer.err;
  EXPECT_EQ(answer.out,
            "decision   14   09:00:10.000Z      decision  queuelen +1 (1 → 2): queue 132 > high "
            "water 100\n"
            "hangs on   13   09:00:10.000Z      reading   crunch/queue 132, 0 in progress\n"
            "without    nothing is decided\n"
            "checked    1 input: with it put back the decision is as recorded\n"
            "so alone   11   09:00:00.000Z      worker    crunch/1 500-STARTED → 600-RUNNING\n"
            "looked at  7 inputs from 1 on; decided again 9 times\n");
}

TEST_F(BisectVerb, RefusesWhatIsNoDecision) {
  const struct {
    std::vector<std::string> words;
    std::string says;
  } cases[] = {
      {{"bisect", "1"},
       "epumgmt: 1 is a server event, no decision; epumgmt history --kind decision lists them\n"},
      {{"bisect", "999"}, "epumgmt: there is no event 999; the last is 15\n"},
      {{"bisect", decision_, "--at", "5"}, "epumgmt: there is no event 14; the last is 5\n"},
      {{"bisect", "crunch"},
       "epumgmt: crunch is no event's sequence; epumgmt history --kind decision lists the "
       "decisions\n"},
  };
  for (const auto& c : cases) {
    const Typed answer = Type(c.words);
    EXPECT_EQ(answer.exit, Exit::kTyped) << c.says;
    EXPECT_EQ(answer.err, c.says);
  }
}

TEST_F(BisectVerb, RefusesADecisionThatThisBuildDoesNotMake) {
  Event planted = *ReadEvent(log_, std::stoull(decision_));
  planted.sequence = *log_.Head() + 1;
  planted.place = {0, 1};
  ASSERT_TRUE(log_.Append(*log_.Head(), {{Encode(planted)}}, Reserve::kKeep).ok());
  const Typed answer = Type({"bisect", "16"});
  EXPECT_EQ(answer.exit, Exit::kRefused);
  EXPECT_EQ(answer.err,
            "epumgmt: this build decides otherwise than 16 is recorded, with every input in "
            "place\n");
}

}  // namespace
}  // namespace epu
