#include "commands/service_values.h"

#include <gtest/gtest.h>

#include <string>

#include <absl/strings/str_join.h>
#include <fmt/format.h>

namespace epu {
namespace {

constexpr ServiceNumber kBroker{2};
constexpr ServiceNumber kWeb{3};

// A broker with a machine of its own, which said its port when it was booted, and a web service on
// that machine.
class Values : public testing::Test {
 protected:
  Values() {
    launch_.globals = {{"scope", "test", false}, {"password", "launch.global.password", true}};
    Service& broker = launch_.services[kBroker];
    broker.number = kBroker;
    broker.definition.name = "broker";
    broker.definition.driver = "process";
    broker.definition.image = "base-7";
    broker.definition.attributes = {{"port", "1", false}, {"vhost", "/${global.scope}", false}};
    broker.attempt = 2;
    broker.machines[2] = {{7, 4}, {}, "pid 42", "10.0.0.9"};
    broker.attributes = {{"port", "5672", false}, {"token", "launch.broker.token", true}};

    Service& web = launch_.services[kWeb];
    web.number = kWeb;
    web.definition.name = "web";
    web.definition.hostname = "${broker.hostname}";
    web.definition.boot = {"/plans/${global.scope}/boot.sh", "--port ${broker.port} 'two words'"};
    web.definition.ready = {"/plans/ready.sh", ""};
  }

  Service& web() { return launch_.services.at(kWeb); }

  absl::StatusOr<ServiceValues> Made(ServiceStep step, ServiceNumber number = kWeb) const {
    const SecretSource secrets = [](const std::string& file) -> absl::StatusOr<std::string> {
      if (file == "launch.lost") return absl::NotFoundError("there is no key launch.lost");
      return "<" + file + ">";
    };
    return ValuesOf(launch_, launch_.services.at(number), step, "base", secrets);
  }
  // "name=value, name=value", or the error.
  std::string Attributes(ServiceNumber number = kWeb) const {
    const absl::StatusOr<ServiceValues> values = Made(ServiceStep::kBoot, number);
    if (!values.ok()) return std::string(values.status().message());
    return absl::StrJoin(values->attributes, ", ", absl::PairFormatter("="));
  }
  // The arguments in brackets, or the error.
  std::string Arguments(const std::string& line) {
    web().definition.boot.arguments = line;
    const absl::StatusOr<ServiceValues> values = Made(ServiceStep::kBoot);
    if (!values.ok()) return std::string(values.status().message());
    std::string text;
    for (const std::string& argument : values->arguments) text += fmt::format("[{}]", argument);
    return text;
  }

  Launch launch_;
};

TEST_F(Values, AreThoseOfAProgramWithEveryReferenceFilledIn) {
  const absl::StatusOr<ServiceValues> values = Made(ServiceStep::kBoot);
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_EQ(values->hostname, "10.0.0.9");
  EXPECT_EQ(values->program.path, "/plans/test/boot.sh");
  EXPECT_EQ(values->arguments, (std::vector<std::string>{"--port", "5672", "two words"}));
}

TEST_F(Values, AreOfTheStep) {
  web().definition.terminate = {"/plans/end.sh", "now"};
  const struct {
    ServiceStep step;
    std::string hostname;
    std::string path;
    std::size_t attributes;
  } cases[] = {
      {ServiceStep::kMachine, "", "", 0},
      {ServiceStep::kReach, "10.0.0.9", "", 0},
      {ServiceStep::kBoot, "10.0.0.9", "/plans/test/boot.sh", 2},
      {ServiceStep::kReady, "10.0.0.9", "/plans/ready.sh", 2},
      {ServiceStep::kTerminate, "10.0.0.9", "/plans/end.sh", 2},
      {ServiceStep::kEnd, "10.0.0.9", "", 0},
  };
  for (const auto& [step, hostname, path, attributes] : cases) {
    SCOPED_TRACE(StepName(step));
    const absl::StatusOr<ServiceValues> values = Made(step);
    ASSERT_TRUE(values.ok()) << values.status();
    EXPECT_EQ(values->hostname, hostname);
    EXPECT_EQ(values->program.path, path);
    EXPECT_EQ(values->attributes.size(), attributes);
  }
}

TEST_F(Values, NeedNothingThatTheStepDoesNot) {
  web().definition.hostname = "${nobody.hostname}";
  web().definition.attributes = {{"lost", "launch.lost", true}};
  EXPECT_TRUE(Made(ServiceStep::kMachine).ok());
  EXPECT_TRUE(Made(ServiceStep::kEnd).ok()) << "whatever is missing, it can be ended";
  EXPECT_FALSE(Made(ServiceStep::kReach).ok());
  web().definition.hostname = "localhost";
  EXPECT_TRUE(Made(ServiceStep::kReach).ok()) << "no program, no attributes";
}

TEST_F(Values, NameEachAttributeOnceTheLatestFirst) {
  launch_.services.at(kBroker).definition.boot.path = "/boot.sh";
  EXPECT_EQ(Attributes(kBroker),
            "run_name=base, hostname=10.0.0.9, instance_id=pid 42, port=5672, "
            "token=<launch.broker.token>, vhost=/test")
      << "what the boot program said stands before the plan's";
  web().definition.attributes = {{"hostname", "elsewhere", false}, {"run_name", "mine", false}};
  EXPECT_EQ(Attributes(), "run_name=base, hostname=elsewhere");
}

TEST_F(Values, AreFoundWhereReferencesSay) {
  const struct {
    std::string value;
    std::string outcome;
  } cases[] = {
      {"${broker.port}", "5672"},
      {"${broker.vhost}", "/test"},
      {"${broker.instance_id}", "pid 42"},
      {"${broker.image}", "base-7"},
      {"${broker.token}", "<launch.broker.token>"},
      {"${broker.run_name}", "base"},
      {"${.run_name}", "base"},
      {"${.name} and ${web.name}", "web and web"},
      {"${global.password}", "<launch.global.password>"},
      {"${plain}", "${plain}"},
  };
  for (const auto& [value, outcome] : cases) {
    web().definition.attributes = {{"it", value, false}};
    EXPECT_EQ(Attributes(), "run_name=base, hostname=10.0.0.9, it=" + outcome);
  }
}

TEST_F(Values, AreRefusedWithWhoWantsWhat) {
  const struct {
    Variable attribute;
    std::string error;
  } cases[] = {
      {{"it", "${broker.color}", false},
       "web: attribute it: ${broker.color}: broker has no attribute color"},
      {{"it", "${nobody.port}", false},
       "web: attribute it: ${nobody.port}: nobody has no attribute port"},
      {{"it", "${global.color}", false},
       "web: attribute it: ${global.color}: global has no attribute color"},
      {{"it", "${.it}", false}, "web: attribute it: ${.it}: a circle: web.it -> web.it"},
      {{"it", "launch.lost", true}, "web: attribute it: there is no key launch.lost"},
  };
  for (const auto& [attribute, error] : cases) {
    web().definition.attributes = {attribute};
    EXPECT_EQ(Attributes(), error);
  }
  web().definition.attributes.clear();
  web().definition.hostname = "${nobody.hostname}";
  EXPECT_EQ(Made(ServiceStep::kReach).status().message(),
            "web: hostname: ${nobody.hostname}: nobody has no attribute hostname");
}

// A secret that cannot be read is no attribute that is missing.
TEST_F(Values, SayThatASecretElsewhereIsLost) {
  launch_.services.at(kBroker).attributes = {{"token", "launch.lost", true}};
  EXPECT_EQ(Arguments("${broker.token}"),
            "web: arguments of its program: there is no key launch.lost");
}

TEST_F(Values, OfADroppedServiceAreNobodysToNameButItsOwn) {
  Service& broker = launch_.services.at(kBroker);
  broker.dropped = true;
  broker.definition.terminate = {"/end.sh", "${.port} ${broker.image}"};
  EXPECT_EQ(Made(ServiceStep::kTerminate, kBroker)->arguments,
            (std::vector<std::string>{"5672", "base-7"}));
  EXPECT_EQ(Made(ServiceStep::kReach).status().message(),
            "web: hostname: ${broker.hostname}: broker has no attribute hostname");
}

// Words are split before they are filled in: no value becomes two of them.
TEST_F(Values, StayOneArgumentWhateverTheyHold) {
  web().definition.attributes = {{"it", "a b' \"c", false}};
  EXPECT_EQ(Arguments(""), "");
  EXPECT_EQ(Arguments("${.it} x"), "[a b' \"c][x]");
  EXPECT_EQ(Arguments("'${.it}' \"<${.it}>\""), "[a b' \"c][<a b' \"c>]");
  EXPECT_EQ(Arguments("''"), "[]");
  EXPECT_TRUE(Arguments("it's").starts_with("web: arguments of its program: ")) << "no end";
}

TEST(ProgramOf, IsOneForEachStepThatRunsOne) {
  ServiceDefinition definition;
  definition.boot.path = "boot";
  definition.ready.path = "ready";
  definition.terminate.path = "terminate";
  const struct {
    ServiceStep step;
    std::string path;
  } cases[] = {
      {ServiceStep::kMachine, ""},
      {ServiceStep::kReach, ""},
      {ServiceStep::kBoot, "boot"},
      {ServiceStep::kReady, "ready"},
      {ServiceStep::kTerminate, "terminate"},
      {ServiceStep::kEnd, ""},
  };
  for (const auto& [step, path] : cases) EXPECT_EQ(ProgramOf(definition, step).path, path);
}

TEST(MaskSecrets, LeavesNoneOfThemInAText) {
  const struct {
    std::string text;
    std::vector<std::string> secrets;
    std::string masked;
  } cases[] = {
      {"login ops:hunter2 failed", {"hunter2"}, "login ops:(secret) failed"},
      {"hunter2hunter2", {"hunter2"}, "(secret)(secret)"},
      {"hunter2-long", {"hunter2", "hunter2-long"}, "(secret)"},
      {"secret", {"secret"}, "(secret)"},
      {"a cat", {"a", "cat"}, "a cat"},  // Too short to be told from words.
      {"", {"hunter2"}, ""},
      {"nothing", {}, "nothing"},
  };
  for (const auto& [text, secrets, masked] : cases) EXPECT_EQ(MaskSecrets(text, secrets), masked);
}

}  // namespace
}  // namespace epu
