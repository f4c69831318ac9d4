#include "commands/command.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

TEST(CommandId, IsReadAsItIsWritten) {
  const CommandId ids[] = {{1, 1}, {0x7f3a9c01b2d4, 42}, {~std::uint64_t{0}, ~std::uint64_t{0}}};
  for (const CommandId id : ids) EXPECT_EQ(ParseCommandId(FormatCommandId(id)), id);
  EXPECT_EQ(FormatCommandId({0x7f3a9c01b2d4, 1}), "7f3a9c01b2d4-1");
}

TEST(CommandId, IsNotReadFromAnythingElse) {
  const std::string_view texts[] = {"",
                                    "-",
                                    "7f",
                                    "7f-",
                                    "-1",
                                    "7g-1",
                                    "7f-1x",
                                    "7f--1",
                                    "0-1",
                                    "7f-+1",
                                    " 7f-1",
                                    "7f-1 ",
                                    "0x7f-1",
                                    "10000000000000000-1",
                                    "1-18446744073709551616"};
  for (const std::string_view text : texts) EXPECT_EQ(ParseCommandId(text), std::nullopt) << text;
}

TEST(OrderName, NamesEachOrder) {
  EXPECT_EQ(OrderName(Apply{}), "apply");
  EXPECT_EQ(OrderName(KillSome{}), "kill-some");
  EXPECT_EQ(OrderName(ReportHealth{}), "report-health");
  EXPECT_EQ(OrderName(Review{}), "review");
}

TEST(IsUrgent, IsWhatOnlyEndsThings) {
  const struct {
    Order order;
    bool urgent;
  } cases[] = {
      {Kill{}, true},
      {KillSome{}, true},
      {EndRun{}, true},
      {SwitchLaunching{"", false}, true},
      {SwitchLaunching{"", true}, false},
      {ReportWorker{{}, WorkerState::kTerminated, {}, "", ""}, true},
      {ReportWorker{{}, WorkerState::kFailed, {}, "", ""}, true},
      {ReportWorker{{}, WorkerState::kRunning, {}, "", ""}, false},
      {ReportMachine{}, true},
      {Collect{}, true},
      {Adopt{}, false},
      {ReportStranger{{}, {}, "", true}, false},
      {ReportStranger{{}, {}, "", false}, true},
      {NoteDisk{true}, true},
      {ReportHealth{}, false},
      {Apply{}, false},
      {Reconfigure{}, false},
      {Remove{}, false},
      {PutReading{}, false},
      {StartServer{}, false},
      {NoteClock{}, false},
      {ReportSite{}, false},
      {Review{}, false},
      {BeginStep{{}, 1, ServiceStep::kBoot}, false},
      {BeginStep{{}, 1, ServiceStep::kTerminate}, true},
      {BeginStep{{}, 1, ServiceStep::kEnd}, true},
      {EndStep{}, true},
      {BeginWalk{WalkKind::kBoot}, false},
      {BeginWalk{WalkKind::kReboot}, false},
      {BeginWalk{WalkKind::kTerminate}, true},
      {BeginWalk{WalkKind::kClean}, true},
      {EndWalk{}, true},
      {PlanLaunch{}, false},
      {NoteLines{}, false},
  };
  for (const auto& [order, urgent] : cases) EXPECT_EQ(IsUrgent(order), urgent) << OrderName(order);
}

}  // namespace
}  // namespace epu
