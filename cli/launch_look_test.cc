#include "cli/launch_look.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "commands/given.h"
#include "eventlog/memory_log.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

// A launch of one service with machines of its own, an hour after another.
class Machines : public testing::Test {
 protected:
  Machines() {
    ServiceDefinition service;
    service.name = "broker";
    service.driver = "process";
    given_.Order(PlanLaunch{{"plan", {}}, {service}, false});
    broker_ = FindService(given_.state().launch, "broker")->number;
  }

  void Begins(ServiceStep step, std::uint32_t attempt) {
    given_.Later(1h).Order(BeginStep{broker_, attempt, step});
  }
  void Ends(ServiceStep step, std::uint32_t attempt, std::string error = "") {
    StepEnded fact{broker_, attempt, step, error.empty(), error, "", "", {}};
    if (step == ServiceStep::kMachine && error.empty()) {
      fact.machine = fmt::format("pid {}", attempt);
      fact.host = "10.0.0.9";
    }
    given_.Later(1h).Order(EndStep{std::move(fact)});
  }

  // A line a machine: "broker 1 k3f9-5d1e-1 pid 1 at 10.0.0.9, asked 1h, started 2h, ended 4h"
  std::string Told() const {
    MemoryLog log;
    std::vector<Record> records;
    for (const Event& event : given_.events()) records.push_back(Encode(event));
    EXPECT_TRUE(log.Append(0, records, Reserve::kKeep).ok());
    const absl::StatusOr<std::vector<MachineRecord>> machines = MachinesOf(log);
    EXPECT_TRUE(machines.ok()) << machines.status();
    const auto since = [](Time time) { return FormatDuration(time - kGivenStart); };
    return absl::StrJoin(*machines, "\n", [&](std::string* out, const MachineRecord& machine) {
      *out += fmt::format("{} {} {} {} at {}, asked {}", machine.service, machine.attempt,
                          machine.token, machine.machine, machine.host, since(machine.asked));
      if (machine.started) *out += ", started " + since(*machine.started);
      if (machine.ended) *out += ", ended " + since(*machine.ended);
    });
  }

  Given given_;
  ServiceNumber broker_{};
};

TEST_F(Machines, AreToldFromTheirRequestToTheirEnd) {
  EXPECT_EQ(Told(), "");
  Begins(ServiceStep::kMachine, 1);
  EXPECT_EQ(Told(), "broker 1 k3f9-5d1e-1  at , asked 1h");
  Ends(ServiceStep::kMachine, 1);
  const std::string first = "broker 1 k3f9-5d1e-1 pid 1 at 10.0.0.9, asked 1h, started 2h";
  EXPECT_EQ(Told(), first);
  Begins(ServiceStep::kEnd, 1);
  Ends(ServiceStep::kEnd, 1, "still listed");
  EXPECT_EQ(Told(), first) << "its end failed";
  Begins(ServiceStep::kEnd, 1);
  Ends(ServiceStep::kEnd, 1);
  EXPECT_EQ(Told(), first + ", ended 6h");
}

TEST_F(Machines, AreToldWhateverBecameOfTheirService) {
  Begins(ServiceStep::kMachine, 1);
  Ends(ServiceStep::kMachine, 1, "no answer");
  Begins(ServiceStep::kEnd, 1);
  Ends(ServiceStep::kEnd, 1);
  given_.Order(StartServer{{"k3f9", 0x77aa, "host", 78, "/srv/log"}});
  Begins(ServiceStep::kMachine, 2);
  Ends(ServiceStep::kMachine, 2);
  given_.Order(PlanLaunch{{"plan", {}}, {}, true});
  EXPECT_EQ(Told(),
            "broker 1 k3f9-5d1e-1  at , asked 1h, ended 4h\n"
            "broker 2 k3f9-77aa-1 pid 2 at 10.0.0.9, asked 5h, started 6h");
}

TEST(LaunchLook, IsRefusedWhereThereIsNoLaunch) {
  std::string home = "/tmp/epu-look.XXXXXX";
  ASSERT_NE(mkdtemp(home.data()), nullptr);
  RunPaths paths;
  paths.log = home + "/log";
  const std::string no_log = fmt::format(
      "there is no launch base: no log at {}; epumgmt launch list shows those there are",
      paths.log);
  EXPECT_EQ(LookAtLaunch(paths, "base").status().message(), no_log);
  EXPECT_EQ(OpenLaunchLog(paths, "base").status().message(), no_log);

  ASSERT_TRUE(LmdbLog::Create(paths.log, "k3f9", LmdbOptions{}).ok());
  const std::string no_plan = "run base is no launch: no plan was read for it";
  EXPECT_EQ(LookAtLaunch(paths, "base").status().message(), no_plan);
  EXPECT_EQ(OpenLaunchLog(paths, "base").status().message(), no_plan);

  {
    const auto log = LmdbLog::Open(paths.log, LmdbOptions{});
    const Record plan = Encode({1, kGivenStart, kServer, {}, {}, "", PlanRead{"plan", {}}});
    ASSERT_TRUE((*log)->Append(0, {&plan, 1}, Reserve::kKeep).ok());
  }
  EXPECT_EQ(LookAtLaunch(paths, "base")->fold.state.launch.plan, "plan");
  EXPECT_TRUE(OpenLaunchLog(paths, "base").ok());
  std::filesystem::remove_all(home);
}

}  // namespace
}  // namespace epu
