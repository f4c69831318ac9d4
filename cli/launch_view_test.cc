#include "cli/launch_view.h"

#include <gtest/gtest.h>

#include <string>

#include "commands/given.h"

namespace epu {
namespace {

using namespace std::chrono_literals;

ServiceDefinition Defined(std::string name, std::uint32_t level, std::string hostname) {
  ServiceDefinition service;
  service.name = std::move(name);
  service.level = level;
  service.hostname = std::move(hostname);
  service.boot.path = "/plans/boot.sh";
  return service;
}

// A launch "base" of a broker with a machine of its own and a web service on a host.
class LaunchView : public testing::Test {
 protected:
  LaunchView() {
    ServiceDefinition broker = Defined("broker", 1, "");
    broker.driver = "process";
    broker.attributes = {{"port", "1", false}, {"password", "launch.broker.password", true}};
    ServiceDefinition web = Defined("web", 2, "10.0.0.7");
    plan_ = {{"/plans/main.conf", {{"scope", "test", false}}}, {web, broker}, false};
  }

  void Plan() { given_.Order(plan_); }
  void Walks(WalkKind kind) { given_.Order(BeginWalk{kind}); }
  void Begins(const std::string& name, ServiceStep step, std::uint32_t attempt = 1) {
    given_.Order(BeginStep{Number(name), attempt, step});
  }
  void Ends(const std::string& name, ServiceStep step, std::string error = "",
            std::uint32_t attempt = 1) {
    StepEnded fact{Number(name), attempt, step, error.empty(), std::move(error), "", "", {}};
    if (step == ServiceStep::kMachine && fact.succeeded) {
      fact.machine = "pid 42";
      fact.host = "127.0.0.1";
    }
    if (step == ServiceStep::kBoot && fact.succeeded) fact.attributes = {{"port", "5672", false}};
    given_.Order(EndStep{std::move(fact)});
  }
  void Does(const std::string& name, ServiceStep step) {
    Begins(name, step);
    Ends(name, step);
  }
  void Boots(const std::string& name) {
    if (name == "broker") Does(name, ServiceStep::kMachine);
    for (const ServiceStep step : {ServiceStep::kReach, ServiceStep::kBoot, ServiceStep::kReady}) {
      Does(name, step);
    }
  }
  ServiceNumber Number(const std::string& name) const {
    return FindService(given_.state().launch, name)->number;
  }

  LaunchFacts facts() const { return {"base", given_.state(), given_.now(), Zone::kUtc}; }
  // The table without the line above it.
  std::string Rows() const {
    const std::string text = FormatLaunch(facts(), Terminal{});
    return text.substr(text.find("\n\n") + 2);
  }

  Given given_;
  PlanLaunch plan_;
};

// ---- As text ----

TEST_F(LaunchView, ShowsALaunchThatWasNeverBooted) {
  Plan();
  EXPECT_EQ(FormatLaunch(facts(), Terminal{}),
            "launch base (k3f9)  at 7, 2026-11-22 09:00:00Z  never booted  /plans/main.conf\n"
            "\n"
            "LEVEL  SERVICE  STATE    SINCE  MACHINE  HOST      WHAT\n"
            "1      broker   waiting  -      -        -         -\n"
            "2      web      waiting  -      -        10.0.0.7  -\n");
}

TEST_F(LaunchView, ShowsABootUnderWay) {
  Plan();
  Walks(WalkKind::kBoot);
  Begins("broker", ServiceStep::kMachine);
  given_.Later(90s);
  EXPECT_EQ(FormatLaunch(facts(), Terminal{}),
            "launch base (k3f9)  at 9, 2026-11-22 09:01:30Z  "
            "boot under way for 1m30s  /plans/main.conf\n"
            "\n"
            "LEVEL  SERVICE  STATE    SINCE  MACHINE    HOST      WHAT\n"
            "1      broker   machine  1m30s  asked for  -         -\n"
            "2      web      waiting  -      -          10.0.0.7  -\n");
  Ends("broker", ServiceStep::kMachine);
  Begins("broker", ServiceStep::kReach);
  given_.Later(2s);
  EXPECT_EQ(Rows(),
            "LEVEL  SERVICE  STATE              SINCE  MACHINE  HOST       WHAT\n"
            "1      broker   reaching its host  2s     pid 42   127.0.0.1  -\n"
            "2      web      waiting            -      -        10.0.0.7   -\n");
}

TEST_F(LaunchView, ShowsWhatIsReadyAndWhatFailed) {
  Plan();
  Walks(WalkKind::kBoot);
  Boots("broker");
  Does("web", ServiceStep::kReach);
  Begins("web", ServiceStep::kBoot);
  Ends("web", ServiceStep::kBoot, "exit 3: cannot \x1b[2Jbind\nto port");
  given_.Order(EndWalk{WalkEnd::kFailed}).Later(1h);
  EXPECT_EQ(
      FormatLaunch(facts(), Terminal{}),
      "launch base (k3f9)  at 21, 2026-11-22 10:00:00Z  boot failed 1h ago  /plans/main.conf\n"
      "\n"
      "LEVEL  SERVICE  STATE   SINCE  MACHINE  HOST       WHAT\n"
      "1      broker   ready   1h     pid 42   127.0.0.1  -\n"
      "2      web      failed  1h     -        10.0.0.7   "
      "boot program: exit 3: cannot \\x1b[2Jbind\\nto port\n");
}

TEST_F(LaunchView, ShowsWhatFailedThoughACleanHasEndedIt) {
  Plan();
  Walks(WalkKind::kBoot);
  Does("broker", ServiceStep::kMachine);
  Does("broker", ServiceStep::kReach);
  Begins("broker", ServiceStep::kBoot);
  Ends("broker", ServiceStep::kBoot, "exit 3");
  given_.Order(EndWalk{WalkEnd::kFailed});
  Walks(WalkKind::kClean);
  Does("broker", ServiceStep::kEnd);
  given_.Order(EndWalk{WalkEnd::kDone});
  EXPECT_EQ(Rows(),
            "LEVEL  SERVICE  STATE    SINCE  MACHINE  HOST      WHAT\n"
            "1      broker   failed   0s     -        -         boot program: exit 3\n"
            "2      web      waiting  -      -        10.0.0.7  -\n");
  Walks(WalkKind::kTerminate);
  given_.Order(EndWalk{WalkEnd::kDone});
  EXPECT_EQ(Rows(),
            "LEVEL  SERVICE  STATE       SINCE  MACHINE  HOST      WHAT\n"
            "1      broker   terminated  0s     -        -         -\n"
            "2      web      waiting     -      -        10.0.0.7  -\n");
}

TEST_F(LaunchView, ShowsWhatAKilledLauncherLeft) {
  Plan();
  Walks(WalkKind::kBoot);
  Begins("web", ServiceStep::kReach);
  given_.Order(EndWalk{WalkEnd::kInterrupted});
  EXPECT_EQ(Rows(),
            "LEVEL  SERVICE  STATE                     SINCE  MACHINE  HOST      WHAT\n"
            "1      broker   waiting                   -      -        -         -\n"
            "2      web      reaching its host (left)  0s     -        10.0.0.7  -\n");
}

TEST_F(LaunchView, ShowsWhatIsEndedAndWhatThePlanLacks) {
  Plan();
  Boots("broker");
  Boots("web");
  Begins("web", ServiceStep::kReady);
  Ends("web", ServiceStep::kReady, "exit 1");
  Does("web", ServiceStep::kEnd);
  plan_.services = {plan_.services[0]};
  plan_.again = true;
  Plan();
  EXPECT_EQ(Rows(),
            "LEVEL  SERVICE  STATE       SINCE  MACHINE  HOST       WHAT\n"
            "1      broker   ready       0s     pid 42   127.0.0.1  "
            "in the plan no more; launch clean ends its machine\n"
            "2      web      terminated  0s     -        10.0.0.7   -\n")
      << "what failed before it was ended is over";
}

TEST_F(LaunchView, ShowsWhyAServiceIsBootedAnew) {
  Plan();
  Boots("web");
  Begins("web", ServiceStep::kReady);
  Ends("web", ServiceStep::kReady, "exit 1");
  Does("web", ServiceStep::kEnd);
  Walks(WalkKind::kRepair);
  Begins("web", ServiceStep::kReach, 2);
  EXPECT_EQ(Rows(),
            "LEVEL  SERVICE  STATE              SINCE  MACHINE  HOST      WHAT\n"
            "1      broker   waiting            -      -        -         -\n"
            "2      web      reaching its host  0s     -        10.0.0.7  ready program: exit 1\n");
}

TEST_F(LaunchView, TellsOfMachinesThatWereLeftAndOfProgramsThatRunHere) {
  plan_.services[0].local = true;
  Plan();
  Boots("broker");
  Begins("broker", ServiceStep::kMachine, 2);
  EXPECT_EQ(Rows(),
            "LEVEL  SERVICE  STATE           SINCE  MACHINE    HOST  WHAT\n"
            "1      broker   machine (left)  0s     asked for  -     "
            "2 machines; launch clean ends the earlier ones\n"
            "2      web      waiting         -      -          here  -\n");
}

TEST_F(LaunchView, WritesOutWhatWouldMoveACursor) {
  plan_.plan.plan = "/plans/\x1b[31mred.conf";
  plan_.services = {Defined("web", 2, "10.0.0.7\r\x07")};
  Plan();
  Walks(WalkKind::kBoot);
  Does("web", ServiceStep::kReach);
  Begins("web", ServiceStep::kBoot);
  Ends("web", ServiceStep::kBoot, std::string(300, 'x'));
  EXPECT_EQ(FormatLaunch(facts(), Terminal{}),
            "launch base (k3f9)  at 11, 2026-11-22 09:00:00Z  "
            "boot under way for 0s  /plans/\\x1b[31mred.conf\n"
            "\n"
            "LEVEL  SERVICE  STATE   SINCE  MACHINE  HOST            WHAT\n"
            "2      web      failed  0s     -        10.0.0.7\\r\\x07  boot program: " +
                std::string(105, 'x') + "…\n");
}

TEST_F(LaunchView, ColorsWhatItSays) {
  Plan();
  const auto color = [&] {
    const Launch& launch = given_.state().launch;
    return ServiceColor(launch, launch.services.at(Number("web")));
  };
  EXPECT_EQ(color(), Color::kFaint) << "waiting";
  Begins("web", ServiceStep::kReach);
  EXPECT_EQ(color(), Color::kWarning) << "under way";
  Ends("web", ServiceStep::kReach);
  EXPECT_EQ(color(), Color::kWarning) << "half way";
  Does("web", ServiceStep::kBoot);
  Does("web", ServiceStep::kReady);
  EXPECT_EQ(color(), Color::kGood);
  Begins("web", ServiceStep::kReady);
  Ends("web", ServiceStep::kReady, "exit 1");
  EXPECT_EQ(color(), Color::kBad);
  Does("web", ServiceStep::kEnd);
  EXPECT_EQ(color(), Color::kFaint) << "terminated";
}

// ---- As JSON ----

TEST_F(LaunchView, SaysALaunchAsJson) {
  Plan();
  EXPECT_EQ(LaunchJson(facts())["walk"], Json()) << "never booted";
  Walks(WalkKind::kBoot);
  Boots("broker");
  Json json = LaunchJson(facts());
  const Json levels = json["levels"];
  json.erase("levels");
  EXPECT_EQ(json.dump(),
            R"({"run":"base","log_id":"k3f9","at":16,"time":"2026-11-22T09:00:00.000000Z",)"
            R"("plan":"/plans/main.conf","globals":{"scope":"test"},"walk":"boot","end":null})");
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_EQ(levels[0]["level"], 1);
  ASSERT_EQ(levels[0]["services"].size(), 1u);
  EXPECT_EQ(levels[1]["services"][0]["word"], "waiting");
  given_.Order(EndWalk{WalkEnd::kFailed});
  EXPECT_EQ(LaunchJson(facts())["end"], "failed");
}

TEST_F(LaunchView, SaysAServiceAsJson) {
  Plan();
  Boots("broker");
  Json service = LaunchJson(facts())["levels"][0]["services"][0];
  EXPECT_EQ(service["attributes"].dump(),
            R"({"port":"1","password":{"secret":"launch.broker.password"}})");
  EXPECT_EQ(service["hostname"], "127.0.0.1") << "its machine's, where it has one";
  // What a definition has is shown elsewhere; this is what became of it.
  while (service.begin().key() != "state") service.erase(service.begin());
  EXPECT_EQ(service.dump(),
            R"({"state":4,"state_name":"contextualized","word":"ready","attempt":1,)"
            R"("dropped":false,"instance_id":"pid 42","token":"k3f9-5d1e-1",)"
            R"("said":{"port":"5672"},"verified":"2026-11-22T09:00:00.000000Z",)"
            R"("last_error":null,"machines":[{"attempt":1,"token":"k3f9-5d1e-1",)"
            R"("machine":"pid 42","host":"127.0.0.1",)"
            R"("asked":"2026-11-22T09:00:00.000000Z"}]})");
}

TEST_F(LaunchView, SaysAnErrorThatIsNoUtf8AsJson) {
  Plan();
  Begins("web", ServiceStep::kReach);
  Ends("web", ServiceStep::kReach, "no \xff\x1b route");
  EXPECT_NE(ToLine(LaunchJson(facts())).find(R"("last_error":"no )"), std::string::npos);
  EXPECT_NE(Rows().find(R"(reaching its host: no \xff\x1b route)"), std::string::npos);
}

}  // namespace
}  // namespace epu
