#include "projections/snapshot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "projections/evolve.h"

namespace epu {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr SiteNumber kLocal{3};
constexpr EpuNumber kPool{5};
constexpr SensorNumber kQueue{5 * kSensorsMax};

EpuDefinition PoolDefinition() {
  EpuDefinition pool;
  pool.name = "crunch";
  pool.engine = "queuelen";
  pool.settings = {
      {"sensor", std::string("queue")},
      {"max_instances", std::int64_t{8}},
      {"factor", -0.5},
      {"eager", true},
      {"reading_age_max", Duration(30s)},
      {"unique_instances",
       std::vector<UniqueInstance>{{"leader", {{"ROLE", "leader", false}, {"KEY", "key", true}}}}},
      {"zone", TimeZone{"Europe/Paris", "CET-1CEST,M3.5.0,M10.5.0/3"}},
      {"schedule", Schedule{{0x1f, 8 * 60, 4}}}};
  pool.worker = {kLocal, "local", {"/bin/crunch", "--all"}, {{"REGION", "north", false}}, 10s, 5s};
  pool.health = {true, 30s, 15s, 2min};
  pool.sensors = {
      {kQueue, "queue", SpoolSource{"/srv/spool"}, 2s},
      {SensorNumber{ToInteger(kQueue) + 1}, "load", ExecSource{{"load", "-1"}, 2s}, 30s},
      {SensorNumber{ToInteger(kQueue) + 2}, "put", PutSource{}, 0s}};
  return pool;
}

WorkerChanged Change(std::uint32_t worker, WorkerState from, WorkerState to, Reason reason,
                     std::string machine) {
  return {kPool, WorkerNumber{worker}, from, to, reason, "why", std::move(machine)};
}

// What a log can say, every kind of it: a morning with one worker that runs, and one that failed.
std::vector<Payload> EveryKind() {
  DecisionMade decision{kPool, DecisionCause::kScaling, "queuelen", 1, 0, 2, 2, {}, {}, {}, 5};
  decision.constraints = {{ConstraintKind::kHighWater, 132, 100, std::nullopt},
                          {ConstraintKind::kBackOff, 1, 0, Time(77s)}};
  const auto request = [](std::uint32_t worker) {
    return WorkerRequested{kPool, WorkerNumber{worker}, kLocal, {7, worker}, "leader", 5};
  };
  return {
      ServerStarted{"k3f9", 7, "host", 4711, "/var/lib/epu/default/log"},
      ActorIntroduced{1000, "ops"},
      SiteDefined{kLocal, {"local", "process", 16, "key"}},
      SiteAnswered{kLocal, false, "denied"},
      EpuDefined{kPool, PoolDefinition()},
      RunLimited{40},
      ClockDiffered{-90s},
      LaunchingSwitched{kLocal, false},
      EpuReconfigured{kPool, {{"max_instances", std::int64_t{9}}}},
      ReadingTaken{kPool, kQueue, 132.25, 4.0, 200ms, "spool /srv/spool"},
      ReadingTaken{kPool, SensorNumber{ToInteger(kQueue) + 1}, Broken{"exit 1"}, {}, 0s, ""},
      decision,
      request(1),
      request(2),
      Change(1, WorkerState::kRequested, WorkerState::kPending, Reason::kNone, ""),
      Change(1, WorkerState::kPending, WorkerState::kStarted, Reason::kNone, "pid 7"),
      MachineChanged{kPool, WorkerNumber{1}, Presence::kListed, "pid 7"},
      Change(1, WorkerState::kStarted, WorkerState::kRunning, Reason::kNone, ""),
      HealthChanged{kPool, WorkerNumber{1}, Health::kOk, 0s, ""},
      Change(2, WorkerState::kRequested, WorkerState::kPending, Reason::kNone, ""),
      Change(2, WorkerState::kPending, WorkerState::kFailed, Reason::kIaasFull, ""),
      HealthChanged{kPool, WorkerNumber{1}, Health::kMissing, 15s, "exit 1"},
      WorkReported{kPool, WorkerNumber{1}, {Activity::kBusy, "a.jpg", {{"rate", 0.5}}, "no", 1s}},
      DrainBegun{kPool, WorkerNumber{1}, Reason::kRetired, Time(99s)},
      ScalingPaused{kPool, true, true, Time(88s)},
      ScalingResumed{kPool, false, true},
      EngineErrorChanged{kPool, "no such key"},
      DevModeFailed{kPool, WorkerNumber{2}},
      CommandDenied{"killrun"},
      EpuDefined{EpuNumber{30}, {"web", "npreserving", {}, {}, {}, {}}},
      RemovalBegun{kPool},
      EpuRemoved{EpuNumber{30}},
  };
}

Projection<State> FoldOfEveryKind() {
  Projection<State> fold;
  for (const Payload& payload : EveryKind()) {
    Event event;
    event.sequence = ++fold.position;
    event.time = Time(std::chrono::hours(24 * 365 * 50) + event.sequence * 1s);
    event.actor = ActorNumber{2};
    event.command = {event.sequence % 3, event.sequence};
    event.payload = payload;
    Evolve(fold.state, event);
  }
  return fold;
}

TEST(Snapshot, GivesTheFoldAgain) {
  const SavedFold saved{FoldOfEveryKind(), 0x1234567890abcdef};
  const absl::StatusOr<SavedFold> again = DecodeSnapshot(EncodeSnapshot(saved));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->fold.state == saved.fold.state);
  EXPECT_EQ(again->fold.position, saved.fold.position);
  EXPECT_EQ(again->record_checksum, saved.record_checksum);
  const absl::StatusOr<SavedFold> empty = DecodeSnapshot(EncodeSnapshot({}));
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->fold.state == State{});
}

TEST(Snapshot, IsNotUsedWhenASingleBitOfItDiffers) {
  const Snapshot whole = EncodeSnapshot({FoldOfEveryKind(), 1});
  for (std::size_t bit = 0; bit < 64 * whole.size(); ++bit) {
    Snapshot damaged = whole;
    damaged[bit / 64] ^= Word{1} << bit % 64;
    EXPECT_TRUE(absl::IsDataLoss(DecodeSnapshot(damaged).status())) << bit;
  }
}

// As an older program or a malicious one may have sealed it: read without a crash, and refused.
TEST(Snapshot, IsNotUsedWhenItIsCutShortAndSealedAgain) {
  const Snapshot whole = EncodeSnapshot({FoldOfEveryKind(), 1});
  for (std::size_t words = 0; words < whole.size(); ++words) {
    Snapshot cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(words));
    if (words > 1) Seal(cut);
    EXPECT_TRUE(absl::IsDataLoss(DecodeSnapshot(cut).status())) << words;
  }
  constexpr std::size_t kBytesWord = 5;
  for (Word bytes = 0; bytes < whole[kBytesWord]; ++bytes) {
    Snapshot cut = whole;
    cut[kBytesWord] = bytes;
    Seal(cut);
    EXPECT_TRUE(absl::IsDataLoss(DecodeSnapshot(cut).status())) << bytes;
  }
}

TEST(Snapshot, IsNotUsedWhenItsBytesAreOthersAndSealedAgain) {
  const Snapshot whole = EncodeSnapshot({FoldOfEveryKind(), 1});
  constexpr std::size_t kHeaderWords = 6;
  for (std::size_t word = kHeaderWords; word < whole.size(); ++word) {
    Snapshot wild = whole;
    wild[word] = ~Word{0};
    Seal(wild);
    const absl::StatusOr<SavedFold> read = DecodeSnapshot(wild);  // Whatever comes, it ends.
    EXPECT_TRUE(read.ok() || absl::IsDataLoss(read.status()));
  }
}

TEST(Snapshot, OfAnotherVersionIsNotUsed) {
  Snapshot other = EncodeSnapshot({FoldOfEveryKind(), 1});
  constexpr std::size_t kVersionWord = 2;
  other[kVersionWord] += 1;
  Seal(other);
  EXPECT_TRUE(absl::IsFailedPrecondition(DecodeSnapshot(other).status()));
}

TEST(Snapshot, HasAShapeThatGoesDownToTheNumbers) {
  EXPECT_THAT(StateShape(),
              HasSubstr("{enum uint64, {text, text, uint32, text}, uint64, bool, bool?, "
                        "text, time}"))
      << "a site";
}

// ---- What a version stands for ----

TEST(Snapshot, IsTestedWithEveryKindOfEvent) {
  std::set<std::size_t> kinds;
  for (const Payload& payload : EveryKind()) kinds.insert(payload.index());
  EXPECT_EQ(kinds.size(), std::variant_size_v<Payload>) << "give EveryKind the new one";
}

// The bytes of one fold. They change with the shape of a state, and when Evolve does something else
// than it did with the same events.
TEST(Snapshot, KeepsItsVersionOnlyWhileAStateMeansTheSame) {
  struct Version {
    std::uint32_t fold_version;
    Word bytes;
  };
  constexpr Version kKnown{1, 15574833779822236554u};
  const Word bytes = EncodeSnapshot({FoldOfEveryKind(), 1}).front();
  EXPECT_EQ(bytes, kKnown.bytes)
      << "A state is another one now. Where a struct of it has another field, the version of "
         "snapshots has changed by itself. Where Evolve does something else than before with the "
         "same events, raise kFoldVersion in snapshot.h. Then put both into kKnown.";
  EXPECT_EQ(kFoldVersion, kKnown.fold_version) << "put it into kKnown";
}

}  // namespace
}  // namespace epu
