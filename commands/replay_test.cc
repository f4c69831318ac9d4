#include "commands/replay.h"

#include <gtest/gtest.h>

#include <functional>

#include "commands/given.h"
#include "commands/writer.h"
#include "eventlog/memory_log.h"

namespace epu {
namespace {

using std::chrono::seconds;

constexpr double kOnce = 133;  // A reading that stands for one review alone.

// An engine that decides as another does, but for one reading.
class OtherOnOneReading final : public DecisionEngine {
 public:
  OtherOnOneReading(const DecisionEngine& real, double reading) : real_(real), reading_(reading) {}

  absl::StatusOr<Decision> Decide(const Epu& epu, Time now) const override {
    absl::StatusOr<Decision> decision = real_.Decide(epu, now);
    const Sensor* const sensor = FindSensor(epu, "queue");
    const double* const value =
        sensor == nullptr ? nullptr : std::get_if<double>(&sensor->latest.measure);
    if (decision.ok() && value != nullptr && *value == reading_) ++decision->wanted;
    return decision;
  }
  std::vector<Problem> Validate(const EpuDefinition& definition) const override {
    return real_.Validate(definition);
  }

 private:
  const DecisionEngine& real_;
  const double reading_;
};

// A log that the production writer made of two pools: "crunch" follows a queue, "web" keeps its
// size.
class ReplayTest : public testing::Test {
 protected:
  ReplayTest() : writer_(log_, clock_, catalog_) {
    EXPECT_TRUE(writer_.Start({{"k3f9", 1, "host", 77, "/srv/log"}}).ok());
    const EpuDefinition crunch =
        DefinitionOf(catalog_, "crunch", "queuelen",
                     "sensor=queue queuelen_high_water=100 queuelen_low_water=10 max_instances=9");
    const EpuDefinition web = DefinitionOf(catalog_, "web", "npreserving", "preserve_n=2");
    Send(Apply{{}, {{"here", "process", 100, ""}}, {crunch, web}});
  }

  void Send(Order order) {
    clock_.now += seconds(1);
    const Command commands[] = {{{7, ++number_}, Author{1000, "olga"}, "", std::move(order)}};
    const Answer answer = writer_.Process(commands).front();
    ASSERT_TRUE(answer.status.ok()) << answer.status;
  }

  void Read(double value) { Send(PutReading{"crunch", "queue", value, {}, {}, ""}); }

  // Every worker that was requested runs.
  void RunAll() {
    const State state = writer_.state();
    for (const auto& [number, epu] : state.epus) {
      for (const auto& [worker_number, worker] : epu.workers) {
        if (worker.state != WorkerState::kRequested) continue;
        const WorkerId id{number, worker_number};
        Send(ReportWorker{id, WorkerState::kPending, {}, "", ""});
        Send(ReportWorker{id, WorkerState::kStarted, {}, "", "pid 7"});
        Send(ReportWorker{id, WorkerState::kRunning, {}, "", ""});
      }
    }
  }

  // Growth, shrinking, a repair and another policy.
  void LiveADay() {
    for (const double reading : {0.0, 120.0, 137.0, 140.0, 150.0, 5.0, 3.0, 50.0, 137.0, 0.0}) {
      Read(reading);
      RunAll();
    }
    Read(kOnce);
    Read(50);
    RunAll();
    Send(KillSome{"web", 1});
    RunAll();
    Send(Reconfigure{"web", {{"preserve_n", std::int64_t{4}}}});
    RunAll();
    Send(Reconfigure{"web", {{"preserve_n", std::int64_t{1}}}});
    clock_.now += seconds(10);
    writer_.Process({});
  }

  std::vector<Event> Events() const {
    std::vector<Event> events;
    EXPECT_TRUE(log_.Visit(0, {1'000'000, 1'000'000'000},
                           [&](Sequence, RecordView record) {
                             events.push_back(*Decode(record));
                             return true;
                           })
                    .ok());
    return events;
  }

  // The replay of `events`, which follow on `known`.
  Replay Replayed(const std::vector<Event>& events, const ReplayScope& scope = {},
                  Projection<State> known = {}) const {
    Replay replay(catalog_, std::move(known), scope);
    for (const Event& event : events) {
      if (event.sequence > replay.state().head) replay.Take(event);
    }
    replay.Finish();
    return replay;
  }

  // Where the first command with a decision of that EPU stands, of those after `after`.
  static std::size_t FindDecision(const std::vector<Event>& events, EpuNumber epu,
                                  std::size_t after = 0) {
    for (std::size_t i = after; i < events.size(); ++i) {
      const auto* decision = std::get_if<DecisionMade>(&events[i].payload);
      if (decision != nullptr && decision->epu == epu) return i;
    }
    ADD_FAILURE() << "no decision";
    return 0;
  }

  EpuNumber Number(std::string_view name) const { return FindEpu(writer_.state(), name)->number; }

  EngineCatalog catalog_ = BuiltInEngines();
  StillClock clock_;
  MemoryLog log_;
  Writer writer_;
  std::uint64_t number_ = 0;
};

TEST_F(ReplayTest, AgreesWithWhatTheWriterRecorded) {
  LiveADay();
  const Replay replay = Replayed(Events());
  EXPECT_EQ(replay.tally().events, *log_.Head());
  EXPECT_GE(replay.tally().decisions, 10u);
  EXPECT_EQ(replay.tally().agreed, replay.tally().decisions);
  EXPECT_EQ(replay.tally().differences(), 0u);
  EXPECT_FALSE(replay.first_difference());
  EXPECT_TRUE(replay.tally().skipped.empty());
  EXPECT_TRUE(replay.state() == writer_.state());
}

TEST_F(ReplayTest, GoesOnFromAFoldOfAnyPartOfTheLog) {
  LiveADay();
  const std::vector<Event> events = Events();
  Projection<State> known;
  for (const Event& event : events) {
    Evolve(known.state, event);
    known.position = event.sequence;
    const Replay replay = Replayed(events, {event.sequence + 1, {}}, known);
    EXPECT_EQ(replay.tally().differences(), 0u) << event.sequence;
    EXPECT_TRUE(replay.state() == writer_.state()) << event.sequence;
  }
}

TEST_F(ReplayTest, FindsAnEngineThatDecidesOtherwise) {
  LiveADay();
  const EngineEntry& real = *FindEngine(catalog_, "queuelen");
  const DecisionEngine& engine = *real.engine;
  EngineCatalog changed;
  changed.push_back({real.name, real.version, real.sentence, real.keys,
                     std::make_unique<OtherOnOneReading>(engine, kOnce)});
  changed.push_back(std::move(*std::find_if(catalog_.begin(), catalog_.end(), [](const auto& one) {
    return one.name == "npreserving";
  })));
  Replay replay(changed, {}, {});
  for (Event& event : Events()) replay.Take(std::move(event));
  replay.Finish();
  EXPECT_EQ(replay.tally().differing, 1u);
  EXPECT_EQ(replay.tally().differences(), 1u);
  EXPECT_EQ(replay.tally().agreed + 1, replay.tally().decisions);
  ASSERT_TRUE(replay.first_difference());
  const ReplayDifference& difference = *replay.first_difference();
  EXPECT_EQ(difference.epu, Number("crunch"));
  const auto& recorded = std::get<DecisionMade>(difference.recorded.front().payload);
  const auto& decided = std::get<DecisionMade>(difference.decided.front().payload);
  EXPECT_EQ(decided.wanted, recorded.wanted + 1);
}

TEST_F(ReplayTest, FindsExactlyTheDecisionThatWasAltered) {
  LiveADay();
  const std::vector<Event> events = Events();
  for (std::size_t i = 0; i < events.size(); ++i) {
    if (!std::holds_alternative<DecisionMade>(events[i].payload)) continue;
    std::vector<Event> altered = events;
    auto& decision = std::get<DecisionMade>(altered[i].payload);
    decision.size += 1;  // Which State does not remember: what follows is as it was.
    const Replay replay = Replayed(altered);
    EXPECT_EQ(replay.tally().differing, 1u) << i;
    EXPECT_EQ(replay.tally().differences(), 1u) << i;
    ASSERT_TRUE(replay.first_difference()) << i;
    EXPECT_EQ(replay.first_difference()->epu, decision.epu);
    EXPECT_LE(replay.first_difference()->after, events[i].sequence);
  }
}

TEST_F(ReplayTest, FindsADecisionThatIsMissing) {
  Read(0);
  RunAll();
  std::vector<Event> events = Events();
  const std::size_t before = events.size();
  Read(120);  // Leads to one.
  events = Events();
  const std::size_t decision = FindDecision(events, Number("crunch"), before);
  events.resize(decision);
  const Replay replay = Replayed(events);
  EXPECT_EQ(replay.tally().missing, 1u);
  EXPECT_EQ(replay.tally().differences(), 1u);
  ASSERT_TRUE(replay.first_difference());
  EXPECT_TRUE(replay.first_difference()->recorded.empty());
  EXPECT_EQ(replay.first_difference()->after, decision);  // The last event that is there.
  EXPECT_TRUE(
      std::holds_alternative<DecisionMade>(replay.first_difference()->decided.front().payload));
}

TEST_F(ReplayTest, FindsADecisionThatShouldNotBeThere) {
  Read(50);
  RunAll();
  std::vector<Event> events = Events();
  const Time time = events.back().time + seconds(1);
  DecisionMade extra{
      Number("web"), DecisionCause::kScaling, "npreserving", 1, 2, 2, 0, {}, {}, {}, 0};
  extra.engine_version = FindEngine(catalog_, "npreserving")->version;
  events.push_back({events.back().sequence + 1, time, kServer, {}, {0, 1}, "", extra});
  const Replay replay = Replayed(events);
  EXPECT_EQ(replay.tally().extra, 1u);
  EXPECT_EQ(replay.tally().differences(), 1u);
  EXPECT_TRUE(replay.first_difference()->decided.empty());
}

TEST_F(ReplayTest, CountsDecisionsOfAnotherVersionApart) {
  LiveADay();
  std::uint64_t of_crunch = 0;
  for (const Event& event : Events()) {
    const auto* decision = std::get_if<DecisionMade>(&event.payload);
    of_crunch += decision != nullptr && decision->engine == "queuelen" ? 1 : 0;
  }
  const EngineEntry& known = *FindEngine(catalog_, "queuelen");
  const std::uint32_t version = known.version;
  for (EngineEntry& entry : catalog_) entry.version += entry.name == "queuelen" ? 1 : 0;
  const Replay newer = Replayed(Events());
  EXPECT_EQ(newer.tally().differences(), 0u);
  EXPECT_EQ(newer.tally().skipped, (std::map<std::pair<std::string, std::uint32_t>, std::uint64_t>{
                                       {{"queuelen", version}, of_crunch}}));
  EXPECT_EQ(newer.tally().agreed, newer.tally().decisions);

  std::erase_if(catalog_, [](const EngineEntry& entry) { return entry.name == "queuelen"; });
  const Replay without = Replayed(Events());
  EXPECT_EQ(without.tally().differences(), 0u);
  EXPECT_EQ(without.tally().skipped.size(), 1u);
}

TEST_F(ReplayTest, JudgesWhatIsInItsScopeAlone) {
  LiveADay();
  std::vector<Event> events = Events();
  const std::size_t of_crunch = FindDecision(events, Number("crunch"));
  std::get<DecisionMade>(events[of_crunch].payload).size += 1;
  const struct {
    std::string what;
    ReplayScope scope;
    std::uint64_t differences;
  } cases[] = {
      {"everything", {}, 1},
      {"crunch", {1, Number("crunch")}, 1},
      {"web", {1, Number("web")}, 0},
      {"what follows", {events[of_crunch].sequence + 1, {}}, 0},
      {"it and what follows", {events[of_crunch].sequence, {}}, 1},
  };
  for (const auto& [what, scope, differences] : cases) {
    EXPECT_EQ(Replayed(events, scope).tally().differences(), differences) << what;
  }
}

TEST_F(ReplayTest, ExpectsNoReviewWhileTheDiskIsFull) {
  RunAll();
  std::size_t used = 0;
  for (const Event& event : Events()) used += Encode(event).size() * sizeof(Word);
  log_.SetRoom({used + 2'000, 2'000});
  Send(Kill{{{"web", 1}}});
  EXPECT_TRUE(writer_.state().disk_full);
  EXPECT_EQ(Replayed(Events()).tally().differences(), 0u);

  log_.SetRoom({used + 1'000'000, 2'000});
  clock_.now += seconds(1);
  writer_.Process({});
  EXPECT_FALSE(writer_.state().disk_full);
  const Replay replay = Replayed(Events());
  EXPECT_EQ(replay.tally().differences(), 0u);
  EXPECT_EQ(replay.tally().agreed, replay.tally().decisions);
}

// What a candidate has under a policy that came into force behind `begun`, of crunch.
class ReplayUnderCandidate : public ReplayTest {
 protected:
  Replay Under(const CandidatePolicy& candidate, Sequence begun) const {
    Projection<State> known;
    EXPECT_TRUE(CatchUp(log_, known, begun).ok());
    const EpuNumber crunch = FindEpu(known.state, "crunch")->number;
    return Replayed(Events(), {begun + 1, crunch, candidate}, std::move(known));
  }
  static std::int64_t SettingOf(const Replay& replay, std::string_view key) {
    return IntegerOf(FindEpu(replay.state(), "crunch")->definition, key);
  }
};

TEST_F(ReplayUnderCandidate, StopsAtTheFirstDecisionWithAnotherEffect) {
  const Sequence begun = writer_.state().head;
  Read(60);
  RunAll();
  const Sequence before = writer_.state().head;
  Read(70);
  const Replay same = Under({"", {{"queuelen_high_water", std::int64_t{90}}}}, begun);
  EXPECT_FALSE(same.stopped());
  const Replay other = Under({"", {{"queuelen_high_water", std::int64_t{65}}}}, begun);
  ASSERT_TRUE(other.stopped());
  EXPECT_GT(other.first_difference()->after, before);
  EXPECT_EQ(other.state().head, other.first_difference()->after);
}

TEST_F(ReplayUnderCandidate, StaysAsItWasWhereALaterPolicyDoesNotGoWithIt) {
  const Sequence begun = writer_.state().head;
  Send(Reconfigure{"crunch", {{"max_instances", std::int64_t{7}}}});
  Send(Reconfigure{"crunch", {{"queuelen_low_water", std::int64_t{50}}}});
  const Replay replay = Under({"", {{"queuelen_high_water", std::int64_t{12}}}}, begun);
  ASSERT_FALSE(replay.stopped());
  EXPECT_EQ(SettingOf(replay, "max_instances"), 7) << "this goes with it";
  EXPECT_EQ(SettingOf(replay, "queuelen_high_water"), 12);
  EXPECT_EQ(SettingOf(replay, "queuelen_low_water"), 10) << "50 does not";
}

}  // namespace
}  // namespace epu
