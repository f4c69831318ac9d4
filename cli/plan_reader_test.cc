#include "cli/plan_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSample = "tests/data/cloudinitd-sample/plan";

class PlanReader : public testing::Test {
 protected:
  PlanReader() {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    Put("run.sh", "#!/bin/sh\n");
    Put("main.conf", "[runlevels]\nlevel1: one.conf\n");
  }
  ~PlanReader() override { fs::remove_all(directory_); }

  void Put(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name) << text;
  }
  LaunchPlan Read(std::map<std::string, std::string> drivers = {{"", "process"}}) const {
    LaunchPlanOptions options;
    options.path = directory_ + "/main.conf";
    options.drivers = std::move(drivers);
    options.known_drivers = {"process"};
    options.globals_files = globals_files_;
    options.globals = globals_;
    options.environment = [](const std::string& name) -> std::optional<std::string> {
      return name == "SET" ? std::optional<std::string>("from outside") : std::nullopt;
    };
    return ReadLaunchPlan(options);
  }
  // "file:line: message" of each, without the directory.
  std::string Told(const std::vector<Complaint>& complaints) const {
    std::vector<std::string> told;
    for (const Complaint& complaint : complaints) {
      std::string line =
          fmt::format("{}:{}: {}", complaint.file, complaint.line, complaint.message);
      for (std::size_t at; (at = line.find(directory_ + "/")) != std::string::npos;) {
        line.erase(at, directory_.size() + 1);
      }
      told.push_back(line);
    }
    return absl::StrJoin(told, "\n");
  }
  std::string Faults() const { return Told(Read().faults); }
  std::string Warnings() const {
    const LaunchPlan plan = Read();
    EXPECT_EQ(Told(plan.faults), "");
    return Told(plan.warnings);
  }
  ServiceDefinition Only() const {
    const LaunchPlan plan = Read();
    EXPECT_EQ(Told(plan.faults), "");
    return plan.services.size() == 1 ? plan.services[0] : ServiceDefinition{};
  }

  std::string directory_ = "/tmp/epu-plan.XXXXXX";
  std::vector<std::string> globals_files_;
  std::vector<std::pair<std::string, std::string>> globals_;
};

// ---- Services ----

TEST_F(PlanReader, TakesTheServicesOwnBeforeItsCloudsBeforeTheDefaults) {
  Put("main.conf",
      "[runlevels]\nlevel1: one.conf\n[defaults]\nimage: d\nallocation: d\nssh_username: "
      "d\nscp_username: d\n"
      "hostname: nowhere\nbootpgm: run.sh\nbootpgm_args: -d\npgm_timeout: 5\n"
      "[cloud-ec2]\nimage: c\nssh_username: c\nscp_username:\nallocation: c\n");
  Put("one.conf", "[svc-a]\ncloud: cloud-ec2\nimage: s\nbootpgm:\n");
  const ServiceDefinition service = Only();
  EXPECT_EQ(service.name, "a");
  EXPECT_EQ(service.image, "s");
  EXPECT_EQ(service.ssh_user, "c");
  EXPECT_EQ(service.scp_user, "d");
  EXPECT_EQ(service.allocation, "d");
  EXPECT_EQ(service.hostname, "");
  EXPECT_EQ(service.driver, "process");
  EXPECT_EQ(service.boot.path, directory_ + "/run.sh");
  EXPECT_EQ(service.boot.arguments, "-d");
  EXPECT_EQ(service.program_timeout, std::chrono::seconds(5));
}

TEST_F(PlanReader, GivesAMachineWhereAPlanSaysSo) {
  const struct {
    std::string text;
    std::string hostname;
    std::string image;
    std::string driver;
  } cases[] = {
      {"image: i", "", "i", "process"},
      {"hostname: h", "h", "", ""},
      {"hostname: h\nimage: i", "h", "", ""},
      {"hostname: h\nimage: i\niaas_launch: True", "h", "i", "process"},
      {"hostname: h\niaas_launch: True", "h", "", ""},
      {"hostname: h\nimage: i\niaas_launch: maybe", "h", "", ""},
  };
  for (const auto& [text, hostname, image, driver] : cases) {
    Put("one.conf", "[svc-a]\n" + text + "\n");
    const ServiceDefinition service = Only();
    EXPECT_EQ(service.hostname, hostname) << text;
    EXPECT_EQ(service.image, image) << text;
    EXPECT_EQ(service.driver, driver) << text;
  }
}

TEST_F(PlanReader, BootsLevelsInTheOrderOfTheirNumbers) {
  Put("main.conf", "[runlevels]\nlevel10: ten.conf\nlevel2: two.conf\n");
  Put("ten.conf", "[svc-b]\nhostname: h\n[svc-a]\nhostname: h\n");
  Put("two.conf", "[svc-c]\nhostname: h\nreplica_count: 2\n");
  std::vector<std::string> names;
  for (const ServiceDefinition& service : Read().services) names.push_back(service.name);
  EXPECT_EQ(absl::StrJoin(names, " "), "c-0 c-1 b a");
}

TEST_F(PlanReader, RanksGlobals) {
  Put("main.conf", "[runlevels]\nlevel1: one.conf\n[globals]\na: 1\nb: 1\nc: env.SET\n");
  Put("one.conf", "[svc-a]\nhostname: ${global.a}\n");
  Put("more.conf", "[globals]\na: 2\nb: 2\n");
  globals_files_ = {directory_ + "/more.conf"};
  globals_ = {{"a", "3"}, {"db_password", "hidden"}};
  const LaunchPlan plan = Read();
  const std::vector<Variable> expected = {{"a", "3", false},
                                          {"b", "2", false},
                                          {"c", "from outside", false},
                                          {"db_password", "launch.global.db_password", true}};
  EXPECT_EQ(plan.globals, expected);
  EXPECT_EQ(plan.secrets.at("launch.global.db_password"), "hidden");
}

TEST_F(PlanReader, KeepsSecretsApart) {
  Put("main.conf", "[runlevels]\nlevel1: one.conf\n[cloud-ec2]\niaas_key: K\niaas_secret: S\n");
  Put("one.conf", "[svc-a]\ncloud: cloud-ec2\nimage: i\ndeps: d\n");
  Put("d", "[deps]\nbroker_password: hidden\nport: 5\n");
  const LaunchPlan plan = Read();
  const std::vector<Variable> expected = {{"broker_password", "launch.a.broker_password", true},
                                          {"port", "5", false}};
  ASSERT_EQ(plan.services.size(), 1u);
  EXPECT_EQ(plan.services[0].attributes, expected);
  const std::map<std::string, std::string> secrets = {{"launch.a.broker_password", "hidden"},
                                                      {"launch.cloud-ec2.iaas_key", "K"},
                                                      {"launch.cloud-ec2.iaas_secret", "S"}};
  EXPECT_EQ(plan.secrets, secrets);
}

// A reference alone leads to a secret; what has more than one in it is a secret itself.
TEST_F(PlanReader, TakesAReferenceForNoSecret) {
  Put("main.conf", "[runlevels]\nlevel1: one.conf\n[globals]\ndb_password: hidden\n");
  Put("one.conf", "[svc-a]\nhostname: h\ndeps: d\n");
  Put("d",
      "[deps]\na_password: ${global.db_password}\nb_password: hidden${global.db_password}\n"
      "c_password: hid${den\n");
  const LaunchPlan plan = Read();
  EXPECT_EQ(Told(plan.faults), "");
  const std::vector<Variable> expected = {{"a_password", "${global.db_password}", false},
                                          {"b_password", "launch.a.b_password", true},
                                          {"c_password", "launch.a.c_password", true}};
  EXPECT_EQ(plan.services.at(0).attributes, expected);
  EXPECT_EQ(plan.secrets.at("launch.a.b_password"), "hidden${global.db_password}");
  EXPECT_EQ(plan.secrets.at("launch.a.c_password"), "hid${den");
}

// As the original has it: whoever names a file, it is seen from the file of the level.
TEST_F(PlanReader, FindsFilesBesideTheirLevel) {
  Put("main.conf",
      "[runlevels]\nlevel1: one/l.conf\nlevel2: two/l.conf\n"
      "[defaults]\nbootpgm: boot.sh\nlocalsshkeypath: ../key\n");
  for (const std::string name : {"one", "two"}) {
    fs::create_directory(directory_ + "/" + name);
    Put(name + "/boot.sh", "");
    Put(name + "/l.conf", "[svc-" + name + "]\nhostname: h\nreadypgm: ../run.sh\n");
  }
  Put("key", "");
  const LaunchPlan plan = Read();
  EXPECT_EQ(Told(plan.faults), "");
  ASSERT_EQ(plan.services.size(), 2u);
  EXPECT_EQ(plan.services[0].boot.path, directory_ + "/one/boot.sh");
  EXPECT_EQ(plan.services[1].boot.path, directory_ + "/two/boot.sh");
  EXPECT_EQ(plan.services[1].ready.path, directory_ + "/run.sh");
  EXPECT_EQ(plan.services[1].ssh_key, directory_ + "/key");
}

// ---- What is wrong ----

TEST_F(PlanReader, SaysWhatIsWrongAndWhere) {
  const struct {
    std::string level;
    std::string told;
  } cases[] = {
      {"[svc-a]\n", "one.conf:1: a has neither an image nor a hostname"},
      {"[svc-a]\nhostname: env.UNSET\n",
       "one.conf:2: hostname wants the environment variable UNSET, which is not set\n"
       "one.conf:1: a has neither an image nor a hostname"},
      {"[svc-a]\nhostname: h\nbootpgm: none.sh\n",
       "one.conf:3: bootpgm names none.sh, which is no file"},
      {"[svc-a]\nhostname: h\ndeps: none\n", "one.conf:3: deps names none, which is no file"},
      {"[svc-a]\nhostname: h\ndeps: run.sh\n", "run.sh:0: !"},
      {"[svc-a]\nhostname: h\n[svc-b]\nhostname: h\nreplica_count: 1001\n",
       "one.conf:5: replica_count is 1001; a whole number from 0 to 1000 is due"},
      {"[svc-a]\nhostname: h\npgm_timeout: soon\n",
       "one.conf:3: pgm_timeout is soon; a whole number from 1 to 604800 is due"},
      {"[svc-a-0]\nhostname: h\n[svc-a]\nhostname: h\nreplica_count: 2\n",
       "one.conf:3: a-0 is a service of one.conf:1 already; names are given once in a plan"},
      {"[svc-a]\ncloud: cloud-none\nimage: i\n",
       "one.conf:2: the plan has no section [cloud-none]; a cloud is written [cloud-NAME]"},
      {"[svc-a b]\nhostname: h\n",
       "one.conf:1: \"a b\" is no name of a service: letters, digits, '_' and '-', at most 63, "
       "and not \"global\""},
      {"[svc-a]\nhostname: ${b.host}\n", "one.conf:1: a: ${b.host}: b has no attribute host"},
      {"[svc-a]\nhostname: h\nreadypgm: run.sh\nreadypgm_args: '\n",
       "one.conf:1: a: a quote without its end: '"},
      {"[svc-a]\nhostname: h\nbootpgm: run.sh\n[svc-b]\nhostname: ${a.said}\n",
       "one.conf:4: b: ${a.said}: a has no attribute said"},
      {"word\n", "one.conf:1: there is no [section] before this"},
  };
  for (const auto& [level, told] : cases) {
    Put("one.conf", level);
    if (told.ends_with("!")) {
      EXPECT_NE(Faults(), "") << level;
    } else {
      EXPECT_EQ(Faults(), told) << level;
    }
  }
}

TEST_F(PlanReader, NamesTheCircleOfReferences) {
  Put("one.conf", "[svc-a]\nhostname: h\ndeps: a.deps\n[svc-b]\nhostname: h\ndeps: b.deps\n");
  Put("a.deps", "[deps]\nx: ${b.y}\n");
  Put("b.deps", "[deps]\ny: ${a.x}\n");
  EXPECT_EQ(Faults(),
            "a.deps:2: a.x: ${b.y}: a circle: b.y -> a.x -> b.y\n"
            "b.deps:2: b.y: ${a.x}: a circle: a.x -> b.y -> a.x");
}

TEST_F(PlanReader, KnowsThatABootProgramOfAnEarlierLevelMaySayAnything) {
  Put("main.conf", "[runlevels]\nlevel1: one.conf\nlevel2: two.conf\n");
  Put("one.conf", "[svc-a]\nimage: i\nbootpgm: run.sh\n");
  Put("two.conf", "[svc-b]\nhostname: ${a.hostname}\nreadypgm: run.sh\nreadypgm_args: ${a.port}\n");
  EXPECT_EQ(Faults(), "");
}

TEST_F(PlanReader, ChecksBootConfigurations) {
  Put("one.conf", "[svc-a]\nhostname: h\nbootpgm: run.sh\nbootconf: t\ndeps: d\n");
  Put("d", "[deps]\nport: 5\n");
  Put("t", "{\"port\": \"${port}\",\n\"at\": \"${hostname} ${none}\"}");
  EXPECT_EQ(Faults(), "t:0: boot configuration of a: line 2: no attribute none");
}

TEST_F(PlanReader, WantsADriverForEachCloud) {
  Put("main.conf", "[runlevels]\nlevel1: one.conf\n[cloud-ec2]\niaas: us-east-1\n");
  Put("one.conf", "[svc-a]\ncloud: cloud-ec2\nimage: i\n[svc-b]\nimage: i\n");
  EXPECT_EQ(Told(Read({}).faults),
            "one.conf:1: a wants a machine of cloud-ec2, which has no driver; there is: process; "
            "--cloud cloud-ec2=process\n"
            "one.conf:4: b wants a machine of the default cloud, which has no driver; there is: "
            "process; --cloud process");
  EXPECT_EQ(Told(Read({{"", "process"}}).faults), "");
  EXPECT_EQ(Told(Read({{"cloud-ec2", "ec2"}, {"", "process"}}).faults),
            ":0: --cloud cloud-ec2=ec2: no driver ec2; there is: process");
  EXPECT_EQ(Told(Read({{"cloud-x", "process"}, {"", "process"}}).faults),
            ":0: --cloud cloud-x: the plan has no section [cloud-x]");
}

TEST_F(PlanReader, WarnsOfWhatItDoesNotRead) {
  Put("main.conf",
      "[runlevels]\nlevel1: one.conf\nfirst: one.conf\n[defaults]\nhostname: h\ncolour: red\n"
      "[more]\n");
  Put("one.conf",
      "[svc-a]\nhostname: h\nboot_pgm: run.sh\ndeps: d1\ndeps2: d2\nlocal_exe: yes\n[other]\n");
  Put("d1", "[deps]\nport: 1\n");
  Put("d2", "[deps]\nport: 2\n");
  EXPECT_EQ(Warnings(),
            "main.conf:3: first is no level (level1, level2, …): not read\n"
            "main.conf:6: [defaults] has no key colour: not read\n"
            "main.conf:5: hostname has no effect in [defaults]\n"
            "main.conf:7: section [more] is none of a plan's: not read\n"
            "one.conf:3: [svc-a] has no key boot_pgm: not read; is it bootpgm?\n"
            "one.conf:6: local_exe is yes, which counts as False; write True or False\n"
            "d2:2: port of a was given by d1:2 already; this one counts\n"
            "one.conf:7: section [other] is no service ([svc-NAME]): not read");
}

TEST_F(PlanReader, SaysAThingOnce) {
  Put("main.conf",
      "[runlevels]\nlevel1: one.conf\n[defaults]\nbootpgm: none.sh\niaas_key: env.UNSET\n");
  Put("one.conf", "[svc-a]\nhostname: h\n[svc-b]\nhostname: h\n[svc-c]\nhostname: h\n");
  EXPECT_EQ(Faults(),
            "main.conf:4: bootpgm names none.sh, which is no file\n"
            "main.conf:5: iaas_key wants the environment variable UNSET, which is not set");
}

TEST_F(PlanReader, WarnsOfNoKeyThatServesOthers) {
  Put("main.conf", "[DEFAULT]\nplace: somewhere\n[runlevels]\nlevel1: one.conf\n");
  Put("one.conf", "[DEFAULT]\nplace: .\n[svc-a]\nhostname: h\nname: run\nbootpgm: %(name)s.sh\n");
  EXPECT_EQ(Warnings(), "");
}

TEST_F(PlanReader, RefusesAPlanBeyondItsLimits) {
  Put("one.conf",
      "[svc-a]\nhostname: h\nreplica_count: 1000\n[svc-b]\nhostname: h\nreplica_count: 1000\n"
      "[svc-c]\nhostname: h\n");
  EXPECT_EQ(Faults(), "one.conf:7: a plan has at most 2000 services");
  Put("one.conf", "[svc-" + std::string(64, 'a') + "]\nhostname: h\n");
  EXPECT_THAT(Faults(), testing::HasSubstr("is no name of a service"));
}

TEST_F(PlanReader, WantsGlobalsInAFileOfGlobals) {
  Put("one.conf", "[svc-a]\nhostname: h\n");
  Put("more.conf", "[global]\na: 2\n");
  globals_files_ = {directory_ + "/more.conf"};
  EXPECT_EQ(Faults(), "more.conf:0: more.conf has no section [globals]");
  globals_files_ = {directory_};
  EXPECT_THAT(Faults(), testing::HasSubstr("Is a directory"));
}

// Whatever is wrong beside them.
TEST_F(PlanReader, RepeatsNoSecretInAComplaint) {
  const std::string main = "[runlevels]\nlevel1: one.conf\n[cloud-c]\niaas_secret: hidden\n";
  const std::string level = "[svc-a]\ncloud: cloud-c\nimage: i\ndeps: d1\ndeps2: d2\n";
  const struct {
    std::string main;
    std::string deps;
  } cases[] = {
      {main, "[deps]\npassword hidden\n"},
      {main, "[deps]\npassword: hidden ${none.none}\n"},
      {main, "[deps]\npassword: hidden\npassword: %(hidden\n"},
      {main, "password: hidden\n"},
      {main + "iaas_secret: hidden\n iaas_key: %(x)s\n", "[deps]\npassword: hidden\n"},
      {main + "iaas_key hidden\n", "[deps]\n"},
      {"iaas_secret: hidden\n", "[deps]\n"},
  };
  Put("one.conf", level);
  Put("d2", "[deps]\npassword: hidden\n");
  for (const auto& [top, deps] : cases) {
    Put("main.conf", top);
    Put("d1", deps);
    const LaunchPlan plan = Read();
    const std::string told = Told(plan.faults) + Told(plan.warnings);
    EXPECT_NE(told, "") << top << deps;
    EXPECT_EQ(told.find("hidden"), std::string::npos) << told;
  }
}

TEST_F(PlanReader, WantsLevels) {
  Put("main.conf", "[runlevels]\n");
  EXPECT_EQ(Faults(), "main.conf:0: [runlevels] names no level; a plan is made of levels");
  fs::remove(directory_ + "/main.conf");
  EXPECT_EQ(Faults(), "main.conf:0: cannot read main.conf: No such file or directory");
}

// Whatever the bytes, it ends with a plan or with complaints.
TEST_F(PlanReader, ReadsAnythingToAnEnd) {
  const auto read = [](const fs::path& path) -> std::string {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  };
  for (const auto& entry : fs::directory_iterator(kSample)) {
    Put(entry.path().filename().string(), read(entry.path()));
  }
  std::mt19937 random(5);
  for (const char* name : {"main.conf", "level1.conf", "ctrl1.deps"}) {
    const std::string whole = read(directory_ + "/" + name);
    for (std::size_t end = 0; end < whole.size(); ++end) {
      Put(name, whole.substr(0, end));
      (void)Read();
      std::string bent = whole;
      bent[end] = static_cast<char>(random());
      Put(name, bent);
      (void)Read();
    }
    Put(name, whole);
  }
  EXPECT_EQ(Faults(), "");
}

TEST(SecretName, IsWhatSoundsLikeOne) {
  for (const char* name : {"password", "DB_PASSWORD", "iaas_secret", "api_token", "iaas_key"}) {
    EXPECT_TRUE(IsSecretName(name)) << name;
  }
  for (const char* name : {"keyname", "port", "hostname", "monkey", "key"}) {
    EXPECT_FALSE(IsSecretName(name)) << name;
  }
}

}  // namespace
}  // namespace epu
