#include "provisioner/launcher.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "engines/catalog.h"
#include "eventlog/memory_log.h"
#include "provisioner/fake_site.h"

namespace epu {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

// A site whose answer to the first launch is lost.
class LossyDriver final : public IaasDriver {
 public:
  absl::StatusOr<Machine> Launch(const Token& token, const LaunchSpec& spec) override {
    absl::StatusOr<Machine> machine = site.Launch(token, spec);
    if (site.launched.size() == 1) return absl::UnavailableError("no answer");
    return machine;
  }
  absl::Status Terminate(const Machine& machine, Duration grace) override {
    return site.Terminate(machine, grace);
  }
  absl::StatusOr<std::vector<Machine>> List() override { return site.List(); }
  DriverFacts Facts() const override { return site.Facts(); }

  FakeDriver site;
};

// A launch with real programs on this machine, a site in memory, and a log in memory that outlives
// its writers.
class Launching : public testing::Test {
 protected:
  Launching() {
    EXPECT_NE(mkdtemp(root_.data()), nullptr);
    Program("note.sh", "echo $(basename $PWD) >>" + root_ + "/made");
    Program("wait.sh", "echo $(basename $PWD) >>" + root_ + "/made; until [ -e " + root_ +
                           "/go ]; do sleep 0.02; done");
    Start();
  }
  ~Launching() override { fs::remove_all(root_); }

  void Program(const std::string& name, const std::string& text) const {
    std::ofstream(root_ + "/" + name) << "#!/bin/sh\n" << text << "\n";
    fs::permissions(root_ + "/" + name, fs::perms::owner_all);
  }

  // Another launcher process: it knows the log, and nothing else.
  void Start() {
    writer_ = std::make_unique<Writer>(log_, clock_, catalog_);
    ASSERT_TRUE(writer_->Start({{"k3f9", ++epoch_, "host", 1, "/log"}, Succession::kSame}).ok());
    StepMakerOptions options;
    options.run_name = "base";
    options.log_id = "k3f9";
    options.stage_directory = root_ + "/stage";
    options.machines_directory = root_ + "/machines";
    options.read_output = [](const std::string&, const std::string&) {
      return std::vector<Variable>();
    };
    maker_ = std::make_unique<StepMaker>(options,
                                         std::map<std::string, IaasDriver*>{{"process", &driver_}});
  }

  ServiceDefinition ServiceOf(const std::string& name, std::uint32_t level,
                              const std::string& program) const {
    ServiceDefinition service;
    service.name = name;
    service.level = level;
    service.local = true;
    service.hostname = "localhost";
    service.boot.path = root_ + "/" + program;
    service.program_timeout = 60s;
    return service;
  }

  void Plan(std::vector<ServiceDefinition> services) {
    const Command command{{}, std::nullopt, "", PlanLaunch{{"plan", {}}, std::move(services)}};
    ASSERT_TRUE(writer_->Process({&command, 1}).front().status.ok());
  }

  absl::StatusOr<WalkEnd> Walk(WalkKind kind, std::stop_token stop = {}) {
    Launcher launcher(*writer_, *maker_, {});
    return launcher.Walk(kind, std::move(stop));
  }

  // The services whose boot programs ran, in that order.
  std::string Made() const {
    std::ifstream file(root_ + "/made");
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return absl::StrJoin(lines, " ");
  }
  const Launch& launch() const { return writer_->state().launch; }

  std::string root_ = "/tmp/epu-launcher.XXXXXX";
  MemoryLog log_;
  FakeClock clock_;
  const EngineCatalog catalog_ = BuiltInEngines();
  LossyDriver driver_;
  std::uint32_t epoch_ = 0;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<StepMaker> maker_;
};

TEST_F(Launching, TellsOfRoundsWithoutNewsSoThatAClockGoesOn) {
  Plan({ServiceOf("one", 1, "wait.sh")});
  LauncherOptions options;
  // The program waits for what is made here, while nothing else happens.
  options.observe = [&](const State& state, const LaunchNews& news) {
    const bool boots = state.launch.services.begin()->second.under_way.has_value();
    if (boots && news.begun.empty() && news.ended.empty()) std::ofstream(root_ + "/go");
  };
  EXPECT_EQ(*Launcher(*writer_, *maker_, std::move(options)).Walk(WalkKind::kBoot, {}),
            WalkEnd::kDone);
}

TEST_F(Launching, EndsTheBootProgramThatATerminateGivesUp) {
  Program("long.sh",
          "echo $$ >" + root_ + "/pid.new; mv " + root_ + "/pid.new " + root_ + "/pid; sleep 1000");
  Plan({ServiceOf("one", 1, "long.sh")});
  {
    std::stop_source stop;
    std::jthread boots([&] { (void)Walk(WalkKind::kBoot, stop.get_token()); });
    while (!fs::exists(root_ + "/pid")) std::this_thread::sleep_for(5ms);
    stop.request_stop();
  }
  pid_t pid = 0;
  std::ifstream(root_ + "/pid") >> pid;
  EXPECT_EQ(kill(pid, 0), 0) << "a boot that was left goes on";
  EXPECT_EQ(*Walk(WalkKind::kTerminate), WalkEnd::kDone);
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  const std::string stat{std::istreambuf_iterator<char>(file), {}};
  EXPECT_TRUE(stat.empty() || stat.find(") Z ") != stat.npos) << stat;
}

TEST_F(Launching, BootsLevelByLevel) {
  Plan({ServiceOf("late", 3, "note.sh"), ServiceOf("first", 1, "note.sh"),
        ServiceOf("second", 2, "note.sh")});
  EXPECT_EQ(*Walk(WalkKind::kBoot), WalkEnd::kDone);
  EXPECT_EQ(Made(), "first second late");
  EXPECT_EQ(*Walk(WalkKind::kVerify), WalkEnd::kDone);
  EXPECT_EQ(Made(), "first second late");
}

TEST_F(Launching, EndsAtALevelThatFails) {
  Program("fails.sh", "echo no >&2; exit 3");
  Plan({ServiceOf("a", 1, "fails.sh"), ServiceOf("b", 2, "note.sh")});
  EXPECT_EQ(*Walk(WalkKind::kBoot), WalkEnd::kFailed);
  EXPECT_EQ(Made(), "");
  EXPECT_EQ(FindService(launch(), "a")->error, "exit 3: no");
}

TEST_F(Launching, GoesOnWhereItWasStopped) {
  Plan({ServiceOf("a", 1, "wait.sh"), ServiceOf("b", 2, "note.sh")});
  std::stop_source stop;
  {
    std::jthread stopping([&] {
      while (Made() != "a") std::this_thread::sleep_for(5ms);
      stop.request_stop();
    });
    EXPECT_EQ(*Walk(WalkKind::kBoot, stop.get_token()), WalkEnd::kInterrupted);
  }
  EXPECT_TRUE(FindService(launch(), "a")->under_way.has_value());
  std::ofstream(root_ + "/go") << "go";
  Start();
  EXPECT_EQ(*Walk(WalkKind::kBoot), WalkEnd::kDone);
  EXPECT_EQ(Made(), "a b") << "each boot program once";
}

TEST_F(Launching, GivesABootUpForATerminate) {
  Plan({ServiceOf("a", 1, "wait.sh")});
  std::stop_source stop;
  {
    std::jthread stopping([&] {
      while (Made() != "a") std::this_thread::sleep_for(5ms);
      stop.request_stop();
    });
    EXPECT_EQ(*Walk(WalkKind::kBoot, stop.get_token()), WalkEnd::kInterrupted);
  }
  Start();
  EXPECT_EQ(*Walk(WalkKind::kTerminate), WalkEnd::kDone);
  EXPECT_EQ(FindService(launch(), "a")->state, ServiceState::kTerminated);
  std::ofstream(root_ + "/go") << "go";
}

// Nobody knows whether the machine was started: it is asked for again by its token, and there is
// one.
TEST_F(Launching, AsksForAMachineAgainByItsToken) {
  ServiceDefinition service = ServiceOf("a", 1, "note.sh");
  service.driver = "process";
  Plan({service});
  EXPECT_EQ(*Walk(WalkKind::kBoot), WalkEnd::kDone);
  EXPECT_EQ(driver_.site.launched.size(), 2u);
  EXPECT_EQ(driver_.site.machines.size(), 1u);
  EXPECT_EQ(*Walk(WalkKind::kTerminate), WalkEnd::kDone);
  EXPECT_TRUE(driver_.site.machines.empty());
}

}  // namespace
}  // namespace epu
