#include "eventlog/codec.h"

#include <gtest/gtest.h>

namespace epu {
namespace {

using namespace std::chrono_literals;

// One of every kind, with every field set to something that is not its default.
std::vector<Payload> OneOfEach() {
  EpuDefinition pool;
  pool.name = "crunch";
  pool.engine = "queuelen";
  pool.settings = {{"high", std::int64_t{100}},
                   {"share", 0.5},
                   {"dev", true},
                   {"sensor", std::string("queue")},
                   {"age", Duration(30s)},
                   {"uniques", std::vector<UniqueInstance>{{"leader", {{"ROLE", "leader"}}}}},
                   {"zone", TimeZone{"Europe/Berlin", "CET-1CEST,M3.5.0,M10.5.0/3"}},
                   {"schedule", Schedule{{0x1F, 480, 6}, {0x60, 0, 70'000}}}};
  pool.worker = {
      SiteNumber{2}, "local", {"/bin/sleep", "60"}, {{"REGION", "north"}, {"KEY", "web-api", true}},
      10s,           60s};
  pool.health = {true, 300s, 120s, 60s};
  pool.sensors = {
      {SensorNumber{3 * kSensorsMax}, "queue", SpoolSource{"/srv/spool"}, 2s},
      {SensorNumber{3 * kSensorsMax + 1}, "load", ExecSource{{"load-of", "x"}, 1s}, 30s},
      {SensorNumber{3 * kSensorsMax + 2}, "web", PutSource{}, 0s}};
  const EpuNumber epu{3};
  const WorkerNumber worker{12};
  DecisionMade decision{
      epu, DecisionCause::kScaling, "queuelen", 1, 4, 5, 1, {worker}, {}, {17, 18}, 3};
  decision.constraints = {{ConstraintKind::kHighWater, 132, 100, std::nullopt},
                          {ConstraintKind::kBackOff, 3, 0, Time(77s)},
                          {ConstraintKind::kScheduled, 2, 6, Time(88s)}};
  return {
      ServerStarted{"k3f9", 0x5d1e, "host", 4127, "/srv/log"},
      ClockDiffered{-61s},
      ActorIntroduced{1000, "ops"},
      RunLimited{64},
      SiteDefined{SiteNumber{2}, {"local", "process", 16, "key"}},
      SiteAnswered{SiteNumber{2}, true, "was: Permission denied"},
      LaunchingSwitched{SiteNumber{2}, true},
      EpuDefined{epu, pool},
      EpuReconfigured{epu, {{"high", std::int64_t{80}}}},
      RemovalBegun{epu},
      EpuRemoved{epu},
      ReadingTaken{epu, SensorNumber{192}, 132.0, 4.0, 200ms, "spool /srv/spool"},
      ReadingTaken{epu, SensorNumber{192}, Absent{}, std::nullopt, 0s, ""},
      ReadingTaken{epu, SensorNumber{192}, Broken{"exit 1"}, std::nullopt, 0s, ""},
      decision,
      EngineErrorChanged{epu, "no such sensor"},
      DevModeFailed{epu, worker},
      WorkerRequested{epu, worker, SiteNumber{2}, {0x5d1e, 208}, "leader", 3},
      WorkerChanged{epu, worker, WorkerState::kPending, WorkerState::kFailed, Reason::kIaasFull,
                    "no room", "pid 40177"},
      MachineChanged{epu, worker, Presence::kGone, "pid 40177"},
      HealthChanged{epu, worker, Health::kMissing, 15s, "silent"},
      CommandDenied{"submit by uid 1000"},
      ScalingPaused{epu, true, true, Time(78s)},
      ScalingPaused{epu, false, true, std::nullopt},
      ScalingResumed{epu, true, false},
      WorkReported{epu, worker, {Activity::kBusy, "photo-17.jpg", {{"load", 0.5}}, "line 4", 3s}},
      DrainBegun{epu, worker, Reason::kRetired, Time(77s)},
      StrangerChanged{SiteNumber{2}, {0x5d1e, 208}, "pid 40177", StrangerFate::kCollected},
      DiskFilled{true},
      ShadowDecided{EpuNumber{5},
                    "steady",
                    "npreserving",
                    1,
                    11,
                    1,
                    2,
                    {{ConstraintKind::kPreserveN, 1, 2, std::nullopt}},
                    {10},
                    5,
                    "no"},
  };
}

Event EventWith(Payload payload) {
  return {18181,  Time(1790000000s), ActorNumber{5},    {0x7f3a9c, 1},
          {1, 2}, "night batch",     std::move(payload)};
}

TEST(Codec, GivesBackWhatItWasGiven) {
  for (const Payload& payload : OneOfEach()) {
    const Event event = EventWith(payload);
    const Record record = Encode(event);
    EXPECT_TRUE(IsWhole(record));
    const absl::StatusOr<Event> decoded = Decode(record);
    ASSERT_TRUE(decoded.ok()) << KindName(payload) << ": " << decoded.status();
    EXPECT_EQ(*decoded, event) << KindName(payload);
  }
}

TEST(Codec, GivesEqualBytesForEqualEvents) {
  for (const Payload& payload : OneOfEach()) {
    const Record record = Encode(EventWith(payload));
    EXPECT_EQ(Encode(*Decode(record)), record) << KindName(payload);
  }
}

TEST(Codec, ReadsTheHeadInPlace) {
  for (const Payload& payload : OneOfEach()) {
    const Event event = EventWith(payload);
    const absl::StatusOr<Head> head = DecodeHead(Encode(event));
    ASSERT_TRUE(head.ok());
    EXPECT_EQ(head->sequence, event.sequence);
    EXPECT_EQ(head->time, event.time);
    EXPECT_EQ(head->actor, event.actor);
    EXPECT_EQ(head->command, event.command);
    EXPECT_EQ(head->place, event.place);
    EXPECT_EQ(head->subject, SubjectOf(payload));
    EXPECT_EQ(head->kind, payload.index());
  }
}

TEST(Codec, KeepsALargeDefinitionInOnePiece) {
  EpuDefinition definition;
  for (int i = 0; i < 500; ++i)
    definition.worker.environment.push_back({"NAME" + std::to_string(i), "value"});
  const Event event = EventWith(EpuDefined{EpuNumber{1}, definition});
  EXPECT_EQ(*Decode(Encode(event)), event);
}

TEST(Codec, RefusesWhatIsNoEvent) {
  const Record whole = Encode(EventWith(RunLimited{64}));
  Record truncated(whole.begin(), whole.begin() + 5);
  Record scrambled = whole;
  for (std::size_t i = 1; i < scrambled.size(); ++i) scrambled[i] = 0x9E3779B97F4A7C15 * i;
  EXPECT_EQ(Decode(Record{}).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Decode(truncated).status().code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(Decode(scrambled).status().code(), absl::StatusCode::kDataLoss);
}

TEST(Codec, CutsLongTextsBetweenCharacters) {
  const std::string text = std::string(kTextMax - 40, 'a') + std::string(200, '\xC3');
  const std::string cut = CutText(text);
  EXPECT_LE(cut.size(), kTextMax);
  EXPECT_NE(cut.find("(cut, 4256 bytes)"), std::string::npos) << cut.substr(kTextMax - 60);
  EXPECT_EQ(CutText("short"), "short");
}

}  // namespace
}  // namespace epu
