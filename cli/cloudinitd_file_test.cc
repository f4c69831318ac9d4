#include "cli/cloudinitd_file.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

#include "cli/owned_run.h"

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSample = "tests/data/cloudinitd-sample/cloudinitd-run7.db";

TEST(CloudinitdFile, OfTheOriginalIsRead) {
  const absl::StatusOr<CloudinitdLaunch> launch = ReadCloudinitdFile(kSample);
  ASSERT_TRUE(launch.ok()) << launch.status();
  EXPECT_EQ(launch->plan, "/srv/plans/main.conf");
  std::vector<std::string> told;
  for (const CloudinitdService& service : launch->services) {
    std::string line =
        fmt::format("{} {} {} {} {}", service.definition.level, service.definition.name,
                    static_cast<int>(service.state), service.definition.hostname,
                    service.definition.local ? "local" : "");
    for (const Variable& variable : service.definition.attributes) {
      if (variable.name != "pid") line += fmt::format(" {}={}", variable.name, variable.value);
    }
    told.push_back(line);
  }
  EXPECT_EQ(absl::StrJoin(told, "\n"),
            "1 basenode 4 localhost local broker_host=localhost broker_vhost=/ "
            "exchange_scope=run7 booted=yes\n"
            "1 broker 4 localhost local\n"
            "2 provisioner 4 localhost local broker_host=${basenode.broker_host} "
            "iaas_site=local booted=yes\n"
            "3 epu-sleeper1 4 localhost local epu_controller_sleeper1=epu_controller_sleeper1 "
            "preserve_n=2 broker_host=${provisioner.broker_host} booted=yes\n"
            "3 epu-sleeper2-0 4 localhost local epu_controller_sleeper2=epu_controller_sleeper2 "
            "queuelen_high_water=10 queuelen_low_water=2 booted=yes\n"
            "3 epu-sleeper2-1 4 localhost local epu_controller_sleeper2=epu_controller_sleeper2 "
            "queuelen_high_water=10 queuelen_low_water=2 booted=yes");
  EXPECT_EQ(launch->services[0].definition.terminate.path, "/srv/plans/ready.sh");
}

TEST(CloudinitdFile, ThatIsNoneIsRefused) {
  EXPECT_TRUE(absl::IsNotFound(ReadCloudinitdFile("/nothing.db").status()));
  std::string path = "/tmp/epu-db.XXXXXX";
  close(mkstemp(path.data()));
  const absl::Status empty = ReadCloudinitdFile(path).status();
  EXPECT_TRUE(absl::IsInvalidArgument(empty)) << empty;
  std::ofstream(path) << "no database at all, but a text that is long enough to be looked at";
  const absl::Status text = ReadCloudinitdFile(path).status();
  EXPECT_TRUE(absl::IsInvalidArgument(text)) << text;
  std::filesystem::remove(path);
}

// ---- There and back ----

// A launch "base" that is recorded, exported and read again.
class Export : public testing::Test {
 protected:
  Export() { EXPECT_NE(mkdtemp(home_.data()), nullptr); }
  ~Export() override { fs::remove_all(home_); }

  std::string file() const { return home_ + "/cloudinitd-base.db"; }

  // Plans `services`, makes `steps`, and exports what came of it.
  absl::Status Write(std::vector<ServiceDefinition> services, std::vector<StepEnded> steps,
                     std::vector<ServiceDefinition> reloaded = {}) const {
    const std::string directory = home_ + "/base";
    {
      auto run = OwnedRun::Open({"base", directory, directory + "/log", Succession::kSame});
      EXPECT_TRUE(run.ok() && (*run)->Begin().ok());
      Writer& writer = (*run)->writer();
      const auto record = [&](Order order) {
        const Command command{{}, {}, "", std::move(order)};
        const absl::Status status = writer.Process({&command, 1}).front().status;
        EXPECT_TRUE(status.ok()) << status;
      };
      const PlanRead plan{"/plans/main.conf", {{"scope", "test", false}}};
      record(PlanLaunch{plan, services, false});
      for (StepEnded& step : steps) {
        // Services are numbered here by their places.
        const std::string& name = services[ToInteger(step.service)].name;
        step.service = FindService(writer.state().launch, name)->number;
        record(BeginStep{step.service, step.attempt, step.step});
        record(EndStep{step});
      }
      if (!reloaded.empty()) record(PlanLaunch{plan, reloaded, true});
    }
    RunPaths paths;
    paths.log = directory + "/log";
    const absl::StatusOr<LaunchLook> look = LookAtLaunch(paths, "base");
    if (!look.ok()) return look.status();
    return WriteCloudinitdFile(file(), *look, Existing::kRefuse);
  }

  std::string home_ = "/tmp/epu-export.XXXXXX";
};

StepEnded Did(std::uint64_t place, ServiceStep step, std::string error = "") {
  return {ServiceNumber{place}, 1, step, error.empty(), error, "", "", {}};
}

ServiceDefinition Broker() {
  ServiceDefinition broker;
  broker.name = "broker";
  broker.level = 1;
  broker.driver = "process";
  broker.image = "base-7";
  broker.allocation = "small";
  broker.security_groups = "default";
  broker.key_name = "key";
  broker.ssh_user = "ubuntu";
  broker.scp_user = "copier";
  broker.ssh_key = "/home/olga/.ssh/id";
  broker.boot_template = "/plans/boot.json";
  broker.boot = {"/plans/boot.sh", "--port ${.port} 'two words'"};
  broker.ready = {"/plans/ready.sh", ""};
  broker.terminate = {"/plans/end.sh", "now"};
  broker.program_timeout = std::chrono::seconds(90);
  broker.attributes = {{"port", "1", false},
                       {"quoted", "it's \"${global.scope}\"; DROP TABLE service", false},
                       {"password", "launch.broker.password", true}};
  return broker;
}

ServiceDefinition Web() {
  ServiceDefinition web;
  web.name = "web";
  web.level = 7;
  web.hostname = "${broker.hostname}";
  web.local = true;
  return web;
}

TEST_F(Export, OfALaunchIsReadBackAsItWas) {
  StepEnded machine = Did(1, ServiceStep::kMachine);
  machine.machine = "pid 42";
  machine.host = "10.0.0.9";
  StepEnded boot = Did(1, ServiceStep::kBoot);
  boot.attributes = {{"port", "5672", false}, {"token", "launch.broker.token", true}};
  const absl::Status written = Write(
      {Web(), Broker()}, {machine, Did(1, ServiceStep::kReach), boot, Did(1, ServiceStep::kReady),
                          Did(0, ServiceStep::kReach, "no route")});
  ASSERT_TRUE(written.ok()) << written;
  const absl::StatusOr<CloudinitdLaunch> launch = ReadCloudinitdFile(file());
  ASSERT_TRUE(launch.ok()) << launch.status();
  EXPECT_EQ(launch->plan, "/plans/main.conf");
  ASSERT_EQ(launch->services.size(), 2u);

  const CloudinitdService& broker = launch->services[0];
  ServiceDefinition expected = Broker();
  // What was said last stands for itself, behind what was not said again; without secrets.
  expected.attributes = {expected.attributes[1], {"port", "5672", false}};
  EXPECT_EQ(broker.definition, expected);
  EXPECT_EQ(broker.state, ServiceState::kContextualized);
  EXPECT_EQ(broker.machine, "pid 42");
  EXPECT_EQ(broker.host, "10.0.0.9");
  EXPECT_EQ(broker.last_error, "");

  const CloudinitdService& web = launch->services[1];
  EXPECT_EQ(web.definition, Web());
  EXPECT_EQ(web.state, ServiceState::kInitial);
  EXPECT_EQ(web.machine, "");
  EXPECT_EQ(web.last_error, "no route");
}

TEST_F(Export, HoldsNoSecretAndIsItsOwnersAlone) {
  StepEnded boot = Did(0, ServiceStep::kBoot);
  boot.attributes = {{"token", "launch.broker.token", true}};
  ASSERT_TRUE(Write({Broker()}, {boot}).ok());
  EXPECT_TRUE(ReadCloudinitdFile(file())->secrets.empty());
  std::ifstream bytes(file(), std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(bytes), {});
  EXPECT_NE(text.find("DROP TABLE"), std::string::npos) << "what is none is there";
  for (const char* secret : {"password", "token"}) {
    EXPECT_EQ(text.find(secret), std::string::npos) << secret;
  }
  struct stat found = {};
  ASSERT_EQ(stat(file().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 07777, 0600u);
}

TEST_F(Export, OverAFileIsRefused) {
  std::ofstream(file()) << "mine";
  const absl::Status written = Write({Web()}, {});
  EXPECT_TRUE(absl::IsInvalidArgument(written)) << written;
  EXPECT_EQ(fs::file_size(file()), 4u);
}

TEST_F(Export, LeavesOutWhatThePlanLacks) {
  ASSERT_TRUE(Write({Web(), Broker()}, {Did(1, ServiceStep::kMachine)}, {Web()}).ok());
  const absl::StatusOr<CloudinitdLaunch> launch = ReadCloudinitdFile(file());
  ASSERT_EQ(launch->services.size(), 1u);
  EXPECT_EQ(launch->services[0].definition.name, "web");
}

TEST_F(Export, ThatNamesAServiceAsNoneCanBeIsRefused) {
  for (const char* name : {"../../web", "a b", "a\x1b[2J", "global"}) {
    ServiceDefinition service = Web();
    service.name = name;
    ASSERT_TRUE(Write({service}, {}).ok()) << name;
    const absl::Status read = ReadCloudinitdFile(file()).status();
    EXPECT_TRUE(absl::IsInvalidArgument(read)) << read;
    EXPECT_NE(read.message().find("can name no service"), std::string::npos) << read;
    fs::remove(file());
    fs::remove_all(home_ + "/base");
  }
}

TEST_F(Export, OfATimeThatIsNoneIsReadAsTheNearest) {
  ServiceDefinition service = Web();
  service.program_timeout = std::chrono::hours(24 * 365 * 100);
  ASSERT_TRUE(Write({service}, {}).ok());
  EXPECT_EQ(ReadCloudinitdFile(file())->services[0].definition.program_timeout,
            std::chrono::days(7));
}

}  // namespace
}  // namespace epu
