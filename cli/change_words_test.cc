#include "cli/change_words.h"

#include <gtest/gtest.h>

#include "cli/change.h"
#include "cli/verb_sensor.h"

namespace epu {
namespace {

// The message of an error; empty where there is none.
template <typename Type>
std::string ErrorOf(const absl::StatusOr<Type>& result) {
  return std::string(result.status().message());
}

TEST(ParseKill, TakesWorkersOrANumberOfOneEpu) {
  EXPECT_EQ(*ParseKill({"crunch/12"}), Order(Kill{{{"crunch", 12}}}));
  EXPECT_EQ(*ParseKill({"crunch/12", "web/3"}), Order(Kill{{{"crunch", 12}, {"web", 3}}}));
  EXPECT_EQ(*ParseKill({"2", "crunch"}), Order(KillSome{"crunch", 2}));
}

TEST(ParseKill, RefusesWhatIsNeither) {
  EXPECT_EQ(
      ErrorOf(ParseKill({"crunch"})),
      "\"crunch\" is no worker; write crunch/12 for one worker, or 2 crunch for two of crunch");
  EXPECT_EQ(ErrorOf(ParseKill({"0", "crunch"})), "the number of workers is 0; 1 to 10000 is due");
  EXPECT_EQ(ErrorOf(ParseKill({"02", "crunch"})),
            "the number of workers: \"02\" is no whole number");
}

TEST(ParseSizes, TakesAListOfPoolsAndSizes) {
  EXPECT_EQ(*ParseSizes("web:3"), (std::vector<PoolSize>{{"web", 3}}));
  EXPECT_EQ(*ParseSizes("web:3,crunch:0"), (std::vector<PoolSize>{{"web", 3}, {"crunch", 0}}));
}

TEST(ParseSizes, RefusesAnythingElse) {
  EXPECT_EQ(ErrorOf(ParseSizes("web")), "\"web\" is no EPU:N; write reconfigure-n web:3,crunch:5");
  EXPECT_EQ(ErrorOf(ParseSizes("web:3,")), "\"\" is no EPU:N; write reconfigure-n web:3,crunch:5");
  EXPECT_EQ(ErrorOf(ParseSizes("web:x")), "the size of web: \"x\" is no whole number");
  EXPECT_EQ(ErrorOf(ParseSizes("web:-1")), "the size of web is -1; 0 to 10000 is due");
  EXPECT_EQ(ErrorOf(ParseSizes("web:1,web:2")), "web is given twice; leave one");
}

State StateWithWeb() {
  State state;
  Epu epu;
  epu.number = EpuNumber{3};
  epu.definition.name = "web";
  epu.definition.engine = "npreserving";
  state.epus[epu.number] = epu;
  return state;
}

TEST(ParseReconfigure, TakesValuesByTheEnginesTable) {
  const auto change =
      ParseReconfigure(StateWithWeb(), "web",
                       {"preserve_n=4", "devmode_no_failure_compensation=true"}, BuiltInEngines());
  ASSERT_TRUE(change.ok()) << change.status();
  EXPECT_EQ(
      *change,
      (Reconfigure{"web",
                   {{"preserve_n", std::int64_t{4}}, {"devmode_no_failure_compensation", true}}}));
}

TEST(ParseReconfigure, FindsTheRuleOfATimeZone) {
  State state = StateWithWeb();
  state.epus.begin()->second.definition.engine = "scheduled";
  const auto change = [&](const std::string& word) {
    return ParseReconfigure(state, "web", {word}, BuiltInEngines());
  };
  EXPECT_EQ(change("zone=Asia/Tokyo")->settings,
            (std::vector<Setting>{{"zone", TimeZone{"Asia/Tokyo", "JST-9"}}}));
  EXPECT_EQ(change("zone=Here (CET-1)")->settings,
            (std::vector<Setting>{{"zone", TimeZone{"Here", "CET-1"}}}));
  EXPECT_EQ(ErrorOf(change("zone=Asia/Tokio")),
            "web.config.zone: there is no time zone \"Asia/Tokio\"; did you mean Asia/Tokyo?");
  EXPECT_EQ(change("schedule=mon-fri@08:00=6,18:00=2")->settings,
            (std::vector<Setting>{{"schedule", Schedule{{0x1F, 480, 6}, {0x7F, 1080, 2}}}}));
}

TEST(ParseReconfigure, SaysEverythingThatIsWrong) {
  const auto error = [](const std::vector<std::string>& words, const std::string& epu = "web") {
    return ErrorOf(ParseReconfigure(StateWithWeb(), epu, words, BuiltInEngines()));
  };
  EXPECT_EQ(error({"preserve_m=4", "preserve_n=010"}),
            "web.config.preserve_m: npreserving has no such key; did you mean preserve_n?\n"
            "web.config.preserve_n: \"010\" is no whole number");
  EXPECT_EQ(error({"preserve_n"}),
            "\"preserve_n\" is no key=value; the keys are those of: epumgmt engines npreserving");
  EXPECT_EQ(error({"preserve_n=1", "preserve_n=2"}),
            "web.config.preserve_n is given twice; leave one");
  EXPECT_EQ(error({"preserve_n=1"}, "wep"), "no EPU \"wep\"; did you mean web?");
}

// ---- sensor put ----

constexpr Time kNow{std::chrono::hours(480'000)};

absl::StatusOr<PutReading> Put(const SensorArguments& arguments) {
  return ParsePut(arguments, kNow, Zone::kUtc);
}

SensorArguments Value(const std::string& value) {
  SensorArguments arguments;
  arguments.sensor = "crunch/queue";
  arguments.value = value;
  return arguments;
}

TEST(ParsePut, TakesANumber) {
  const auto put = Put(Value("41"));
  ASSERT_TRUE(put.ok()) << put.status();
  EXPECT_EQ(put->epu, "crunch");
  EXPECT_EQ(put->sensor, "queue");
  EXPECT_EQ(put->measure, Measure(41.0));
  EXPECT_EQ(put->age, Duration::zero());
}

TEST(ParsePut, KeepsAbsentAndBrokenApartFromZero) {
  SensorArguments absent = Value("");
  absent.absent = true;
  EXPECT_EQ(Put(absent)->measure, Measure(Absent{}));
  SensorArguments broken = Value("");
  broken.broken = "exit 1";
  EXPECT_EQ(Put(broken)->measure, Measure(Broken{"exit 1"}));
  EXPECT_EQ(ErrorOf(Put(Value(""))), "a number, --absent or --broken TEXT is due");
}

TEST(ParsePut, RefusesWhatIsNoNumber) {
  for (const char* text : {"nan", "inf", "1e999", "010", "yes", "4 1"}) {
    EXPECT_FALSE(Put(Value(text)).ok()) << text;
  }
}

TEST(ParsePut, TurnsATimeIntoAnAge) {
  SensorArguments arguments = Value("41");
  arguments.taken = "10s";
  EXPECT_EQ(Put(arguments)->age, std::chrono::seconds(10));
  arguments.taken = FormatTime(kNow + std::chrono::seconds(4));
  EXPECT_EQ(Put(arguments)->age, -std::chrono::seconds(4));
  arguments.taken = FormatTime(kNow + std::chrono::seconds(6));
  EXPECT_EQ(ErrorOf(Put(arguments)),
            "--taken " + arguments.taken + " is 6s in the future; at most 5s are allowed");
}

// ---- Lost answers ----

TEST(RepeatLine, IsWhatWasTypedWithTheCommandsId) {
  Options options;
  EXPECT_EQ(RepeatLine(options, {"reconfigure", "web", "preserve_n=4"}, {0x7f3a9c, 1}),
            "epumgmt reconfigure web preserve_n=4 --id 7f3a9c-1");
  options.run = "test";
  options.note = "it's late";
  EXPECT_EQ(RepeatLine(options, {"kill", "web/1"}, {0x7f3a9c, 2}),
            "epumgmt kill web/1 -r test -m 'it'\\''s late' --id 7f3a9c-2");
}

TEST(IsOutcomeUnknown, TellsRefusalsFromSilence) {
  EXPECT_FALSE(IsOutcomeUnknown(absl::OkStatus()));
  EXPECT_FALSE(IsOutcomeUnknown(absl::InvalidArgumentError("wrong")));
  EXPECT_FALSE(IsOutcomeUnknown(absl::UnavailableError("no server")));
  EXPECT_TRUE(IsOutcomeUnknown(absl::DeadlineExceededError("no answer")));
  EXPECT_TRUE(IsOutcomeUnknown(absl::InternalError("the disk failed")));
}

}  // namespace
}  // namespace epu
