#include "cli/base_runs.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <sstream>
#include <string>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

namespace epu {
namespace {

// A launch "base" of services that are ready.
class Base {
 public:
  Base& Add(const std::string& name, std::vector<Variable> attributes) {
    const ServiceNumber number{launch_.services.size() + 1};
    Service& service = launch_.services[number];
    service.number = number;
    service.definition.name = name;
    service.definition.attributes = std::move(attributes);
    service.attempt = 1;
    service.state = ServiceState::kContextualized;
    return *this;
  }
  Service& Last() { return launch_.services.rbegin()->second; }
  Launch& launch() { return launch_; }

  // "service: run of home", separated by "; ".
  std::string Runs() const {
    return absl::StrJoin(BaseRuns(launch_, "base"), "; ", [](auto* out, const BaseRun& base) {
      *out += fmt::format("{}: {}{}{}", base.service, base.run, base.home.empty() ? "" : " of ",
                          base.home);
    });
  }
  std::string Silent() const { return absl::StrJoin(SilentProvisioners(launch_, "base"), " "); }

 private:
  Launch launch_;
};

TEST(BaseRuns, AreSaidByServersTheProvisionersFirst) {
  Base base;
  base.Add("epu-crunch", {{"epu_run", "crunch", false}});
  base.Add("broker", {{"epu_run", "none", false}});
  base.Add("provisioner-1", {{"epu_run", "prod", false}});
  base.Add("epu-idle", {{"port", "1", false}});
  base.Add("controller", {{"epu_run", "none", false}});
  EXPECT_EQ(base.Runs(), "provisioner-1: prod; epu-crunch: crunch");
  const struct {
    std::string name;
    bool server;
    bool provisioner;
  } cases[] = {
      {"provisioner", true, true}, {"provisioner-2", true, true},    {"epu-crunch", true, false},
      {"epu", false, false},       {"my-provisioner", false, false}, {"", false, false},
  };
  for (const auto& [name, server, provisioner] : cases) {
    EXPECT_EQ(IsServer(name), server) << name;
    EXPECT_EQ(IsProvisioner(name), provisioner) << name;
  }
}

TEST(BaseRuns, AreNamedOrAreDirectories) {
  const struct {
    std::string run;
    std::string home;
    std::string outcome;
  } cases[] = {
      {"prod", "", "provisioner: prod"},
      {"prod", "/srv/epu", "provisioner: prod of /srv/epu"},
      {"/srv/epu/prod", "", "provisioner: prod of /srv/epu"},
      {"/srv/epu/prod", "/elsewhere", "provisioner: prod of /srv/epu"},
      {"/srv/epu/prod/", "", "provisioner: prod of /srv/epu"},
      {"/srv/./epu//prod//", "", "provisioner: prod of /srv/epu"},
      {"", "/srv/epu", ""},
      {"/", "", ""},
  };
  for (const auto& [run, home, outcome] : cases) {
    Base base;
    base.Add("provisioner", {{"epu_run", run, false}, {"epu_home", home, false}});
    EXPECT_EQ(base.Runs(), outcome) << run;
    EXPECT_EQ(base.Silent(), outcome.empty() ? "provisioner" : "") << run;
  }
}

TEST(BaseRuns, AreEachThereOnce) {
  Base base;
  base.Add("epu-a", {{"epu_run", "/srv/prod", false}});
  base.Add("provisioner", {{"epu_run", "prod", false}, {"epu_home", "/srv", false}});
  base.Add("epu-b", {{"epu_run", "prod", false}});
  base.Add("epu-c", {{"epu_run", "prod", false}});
  EXPECT_EQ(base.Runs(), "provisioner: prod of /srv; epu-b: prod") << "one of that name is ours";
}

TEST(BaseRuns, AreFoundWhereReferencesLead) {
  const struct {
    std::string value;
    std::string run;  // Empty: it leads nowhere, and whether there are workers is unknown.
  } cases[] = {
      {"${broker.site}-prod", "north-prod"},
      {"${.scope}", "test"},
      {"${global.scope}", "all"},
      {"${.run_name}-server", "base-server"},
      {"${broker.password}", ""},  // Secrets are no names of runs.
      {"${global.password}", ""},
      {"${nobody.site}", ""},
      {"${.epu_run}", ""},
  };
  for (const auto& [value, run] : cases) {
    Base base;
    base.launch().globals = {{"scope", "all", false}, {"password", "launch.password", true}};
    base.Add("broker", {{"site", "south", false}, {"password", "launch.password", true}});
    base.Last().attributes = {{"site", "north", false}};
    base.Add("provisioner", {{"epu_run", value, false}, {"scope", "test", false}});
    EXPECT_EQ(base.Runs(), run.empty() ? "" : "provisioner: " + run);
    EXPECT_EQ(base.Silent(), run.empty() ? "provisioner" : "");
  }
}

TEST(BaseRuns, AreSaidByBootProgramsToo) {
  Base base;
  base.Add("provisioner", {{"epu_run", "planned", false}});
  base.Last().attributes = {{"epu_run", "said", false}};
  EXPECT_EQ(base.Runs(), "provisioner: said");
  base.Last().attributes = {{"epu_run", "launch.provisioner.epu_run", true}};
  EXPECT_EQ(base.Runs(), "") << "a secret is no name";
  EXPECT_EQ(base.Silent(), "provisioner");
}

TEST(BaseRuns, AreOfServicesThatMayServe) {
  const struct {
    std::uint32_t attempt;
    ServiceState state;
    bool reached;
    bool dropped;
    bool serves;
  } cases[] = {
      {0, ServiceState::kInitial, false, false, false},
      {1, ServiceState::kInitial, false, false, false},
      {1, ServiceState::kInitial, true, false, true},  // Its boot program may have failed late.
      {1, ServiceState::kLaunched, false, false, true},
      {1, ServiceState::kContextualized, true, false, true},
      {1, ServiceState::kContextualized, true, true, true},  // The last plan had it.
      {1, ServiceState::kTerminated, true, false, false},
  };
  for (const auto& [attempt, state, reached, dropped, serves] : cases) {
    Base base;
    base.Add("provisioner", {{"epu_run", "prod", false}});
    base.Last().attempt = attempt;
    base.Last().state = state;
    base.Last().reached = reached;
    base.Last().dropped = dropped;
    EXPECT_EQ(base.Runs(), serves ? "provisioner: prod" : "") << ServiceStateName(state);
    base.Last().definition.attributes.clear();
    EXPECT_EQ(base.Silent(), serves ? "provisioner" : "") << ServiceStateName(state);
  }
}

TEST(BaseRuns, MayLackWhereNoneOfTheirServicesIsBooted) {
  const auto may_lack = [](Base& base) { return BaseRuns(base.launch(), "base").front().may_lack; };
  Base base;
  base.Add("provisioner", {{"epu_run", "prod", false}});
  EXPECT_FALSE(may_lack(base)) << "it is booted";
  base.Last().state = ServiceState::kLaunched;
  EXPECT_FALSE(may_lack(base)) << "on a host of which nothing is seen";
  base.Last().definition.local = true;
  EXPECT_TRUE(may_lack(base));
  base.Last().under_way = StepUnderWay{ServiceStep::kBoot, 1, 9, {}};
  EXPECT_FALSE(may_lack(base)) << "its boot program runs";
  base.Last().under_way.reset();
  base.Add("epu-crunch", {{"epu_run", "prod", false}});
  EXPECT_FALSE(may_lack(base)) << "a server of the same run is booted";
}

TEST(BaseRuns, NeverBeganWhereNothingBootedAndThereIsNoLog) {
  namespace fs = std::filesystem;
  std::string home = "/tmp/epu-bases.XXXXXX";
  ASSERT_NE(mkdtemp(home.data()), nullptr);
  fs::create_directories(home + "/here/log");
  std::stringstream in, out, err;
  Surroundings surroundings;
  surroundings.in = &in;
  surroundings.out = &out;
  surroundings.err = &err;
  surroundings.home = home;
  const Context context({}, surroundings);
  const struct {
    BaseRun base;
    bool never;
  } cases[] = {
      {{"provisioner", "none", "", true}, true},
      {{"provisioner", "none", "", false}, false},                  // It booted: where is its log?
      {{"provisioner", "here", "", true}, false},                   // Its server wrote one.
      {{"provisioner", "none", home + "/unmounted", true}, false},  // Nothing is known of it.
      {{"provisioner", std::string(300, 'x'), "", true}, false},    // It cannot be looked for.
  };
  for (const auto& [base, never] : cases) {
    EXPECT_EQ(NeverBegan(*ContextOf(context, base), base), never) << base.run << base.home;
  }
  fs::remove_all(home);
}

TEST(Controllers, AreAttributesOfAnyService) {
  Base base;
  base.Add("epu-a", {{"epu_controller", "one", false}, {"epu_controller_x", "two", false}});
  base.Add("broker",
           {{"epu_controller_key", "launch.key", true}, {"my_epu_controller", "no", false}});
  base.Last().attributes = {{"epu_controller_said", "three", false}};
  base.Add("epu-gone", {{"epu_controller", "four", false}});
  base.Last().dropped = true;
  EXPECT_EQ(absl::StrJoin(Controllers(base.launch()), " ", absl::PairFormatter("=")),
            "epu-a=one epu-a=two broker=three");
}

TEST(ContextOf, IsOfTheRunInItsHome) {
  std::stringstream in, out, err;
  Surroundings surroundings;
  surroundings.in = &in;
  surroundings.out = &out;
  surroundings.err = &err;
  surroundings.home = "/var/lib/epu";
  const Context context({}, surroundings);
  EXPECT_EQ(ContextOf(context, {"provisioner", "prod", ""})->Paths().directory,
            "/var/lib/epu/prod");
  EXPECT_EQ(ContextOf(context, {"provisioner", "prod", "/srv"})->Paths().directory, "/srv/prod");
}

}  // namespace
}  // namespace epu
