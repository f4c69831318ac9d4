#include "commands/decide.h"

#include <limits>

#include <gtest/gtest.h>

#include "commands/given.h"

namespace epu {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

Given Running(std::uint32_t size) {
  Given given;
  given.Pool("web", "npreserving", "preserve_n=" + std::to_string(size)).Review("web");
  for (std::uint32_t worker = 1; worker <= size; ++worker) given.Runs("web", worker);
  return given;
}

Given WithQueue() {
  Given given;
  given.Pool("crunch", "queuelen", "sensor=queue queuelen_high_water=9 queuelen_low_water=2");
  return given;
}

// ---- Commands ----

TEST(Decide, GivesNothingForACommandThatWasAccepted) {
  Given given = Running(3);
  const Command command{{5, 1}, Author{1000, "olga"}, "", KillSome{"web", 1}};
  ASSERT_EQ(given.Send(command)->size(), 1u);
  EXPECT_EQ(given.Send(command)->size(), 0u);
  EXPECT_EQ(given.Would(KillSome{"web", 1}), "2 to TERMINATING KILLED");
}

TEST(Decide, DecidesARefusedCommandAnewWhenItIsRepeated) {
  Given given;
  const Command command{{5, 1}, Author{1000, "olga"}, "", Remove{"web"}};
  EXPECT_EQ(given.Send(command).status().code(), absl::StatusCode::kNotFound);
  given.Pool("web", "npreserving", "");
  EXPECT_EQ(given.Send(command)->size(), 1u);
}

TEST(Decide, RecordsThatAStrangerWasDenied) {
  const Given given;
  EXPECT_EQ(given.Would(NoteDenied{"uid 7 may not use this run"}), "denied");
}

TEST(Decide, RefusesClientsAndUsersBeyondTheirLimits) {
  State state = Running(1).state();
  for (std::uint64_t client = 1; state.clients.size() < kClientsMax; ++client) {
    state.clients[client];
  }
  const Order kill = KillSome{"web", 1};
  const EngineCatalog catalog = BuiltInEngines();
  const auto decide = [&](CommandId id, std::uint32_t user) {
    return Decide(state, {id, Author{user, "x"}, "", kill}, kGivenStart, catalog).status().code();
  };
  EXPECT_EQ(decide({0x0b5e, 99}, 1000), absl::StatusCode::kOk);
  EXPECT_EQ(decide({~std::uint64_t{0}, 1}, 1000), absl::StatusCode::kUnavailable);
  while (state.actors.size() < kActorsMax) state.actors.push_back({ActorNumber{1}, 7, "x"});
  EXPECT_EQ(decide({0x0b5e, 99}, 1001), absl::StatusCode::kFailedPrecondition);
}

TEST(ToEvents, StandBehindTheHeadWithTheirPlacesAndOneNote) {
  const State state = Running(2).state();
  const Command command{{5, 3}, Author{1001, "otto"}, "because", KillSome{"web", 2}};
  const EngineCatalog catalog = BuiltInEngines();
  auto payloads = Decide(state, command, kGivenStart, catalog);
  const std::vector<Event> events = ToEvents(state, command, *std::move(payloads), kGivenStart);
  ASSERT_EQ(events.size(), 3u);
  for (std::uint16_t i = 0; i < 3; ++i) {
    EXPECT_EQ(events[i].sequence, state.head + 1 + i);
    EXPECT_EQ(events[i].actor, ActorNumber{state.head + 1});  // Introduced by the first of them.
    EXPECT_EQ(events[i].place, (Place{i, 3}));
    EXPECT_EQ(events[i].note, i == 0 ? "because" : "");
  }
}

// ---- Ending workers ----

TEST(Kill, EndsEachNamedWorkerOnce) {
  Given given = Running(3);
  given.Order(Kill{{{"web", 1}}});
  EXPECT_EQ(given.Would(Kill{{{"web", 3}, {"web", 1}, {"web", 3}}}), "3 to TERMINATING KILLED");
}

TEST(Kill, IsRefusedAsAWholeWithEveryFault) {
  EXPECT_EQ(Running(1).Would(Kill{{{"web", 1}, {"web", 9}, {"wob", 1}}}),
            "no worker web/9: it has ended, or never was\nno EPU \"wob\"");
}

TEST(KillSome, EndsThemInThePoolsOrder) {
  EXPECT_EQ(Running(3).Would(KillSome{"web", 2}),
            "3 to TERMINATING KILLED; 2 to TERMINATING KILLED");
  EXPECT_EQ(Running(3).Would(KillSome{"web", 0}), "");
}

TEST(KillSome, EndsNobodyWhereThereAreFewer) {
  EXPECT_EQ(Running(3).Would(KillSome{"web", 4}),
            "4 workers are to end, web has 3; nothing was ended");
  EXPECT_EQ(Running(3).Would(KillSome{"web", 4001}),
            "4001 workers at once; at most 4000 in one command");
}

// ---- Pausing ----

TEST(Pause, HoldsEachDirectionUntilItIsResumed) {
  Given given = Running(1);
  EXPECT_EQ(given.Would(PauseScaling{"web", true, true, {}}), "pause out in");
  given.Order(PauseScaling{"web", true, false, {}});
  // Who paused it first stays known.
  EXPECT_EQ(given.Would(PauseScaling{"web", true, false, {}}), "");
  EXPECT_EQ(given.Would(PauseScaling{"web", true, true, {}}), "pause in");
  EXPECT_EQ(given.Would(ResumeScaling{"web", false, true}), "");
  EXPECT_EQ(given.Would(ResumeScaling{"web", true, true}), "resume out");
  given.Order(ResumeScaling{"web", true, true});
  EXPECT_EQ(given.Would(ResumeScaling{"web", true, true}), "");
}

TEST(Pause, LastsAsLongAsItsAuthorSays) {
  Given given = Running(1);
  given.Order(PauseScaling{"web", true, true, Duration(hours(2))});
  EXPECT_EQ(given.last(), "pause out in until +2h");
  given.Later(hours(1));
  EXPECT_EQ(given.Would(PauseScaling{"web", true, true, Duration(hours(1))}), "");
  EXPECT_EQ(given.Would(PauseScaling{"web", true, false, Duration(hours(2))}),
            "pause out until +3h");
  EXPECT_EQ(given.Would(PauseScaling{"web", true, true, {}}), "pause out in");
  given.Later(hours(1));  // It has let go.
  EXPECT_EQ(given.Would(ResumeScaling{"web", true, true}), "");
}

TEST(Pause, IsRefused) {
  Given given = Running(1);
  const struct {
    Order order;
    std::string refusal;
  } cases[] = {
      {PauseScaling{"wep", true, true, {}}, "no EPU \"wep\""},
      {ResumeScaling{"wep", true, true}, "no EPU \"wep\""},
      {PauseScaling{"web", false, false, {}}, "nothing to pause: out, in or both is due"},
      {ResumeScaling{"web", false, false}, "nothing to resume: out, in or both is due"},
      {PauseScaling{"web", true, true, Duration::zero()},
       "web is to be paused for 0s; more than nothing is due, and at most 366d"},
      {PauseScaling{"web", true, true, Duration(seconds(-1))},
       "web is to be paused for -1s; more than nothing is due, and at most 366d"},
      {PauseScaling{"web", true, true, Duration::min()},
       "web is to be paused for -106751991d4h; more than nothing is due, and at most 366d"},
      {PauseScaling{"web", true, true, Duration::max()},
       "web is to be paused for 106751991d4h; more than nothing is due, and at most 366d"},
  };
  for (const auto& [order, refusal] : cases) EXPECT_EQ(given.Would(order), refusal);
  given.Order(Remove{"web"});
  EXPECT_EQ(given.Would(PauseScaling{"web", true, true, {}}), "web is being removed");
}

TEST(EndRun, DisablesLaunchingAndEndsEveryWorkerInRounds) {
  Given given;
  given.Pool("a", "npreserving", "preserve_n=4000 max_instances=9000").Review("a");
  given.Pool("b", "npreserving", "preserve_n=10").Review("b");
  given.Order(EndRun{});
  EXPECT_EQ(given.last_payloads().size(), 4001u);
  EXPECT_FALSE(given.state().enabled);
  given.Order(EndRun{});
  EXPECT_EQ(given.last_payloads().size(), 10u);
  EXPECT_EQ(given.Would(EndRun{}), "");
}

TEST(SwitchLaunching, IsRecordedWhereItChangesSomething) {
  Given given;
  EXPECT_EQ(given.Would(SwitchLaunching{"", true}), "");
  EXPECT_EQ(given.Would(SwitchLaunching{"", false}), "launching");
  EXPECT_EQ(given.Would(SwitchLaunching{"here", false}), "launching");
  EXPECT_EQ(given.Would(SwitchLaunching{"there", false}), "no site \"there\"");
}

// ---- Readings ----

TEST(PutReading, IsAlwaysRecorded) {
  Given given = WithQueue();
  given.Reads("crunch", 41).Reads("crunch", 41);
  EXPECT_EQ(given.last(), "reading");
}

TEST(PutReading, TakesWhatIsNoFiniteNumberForBroken) {
  const struct {
    Measure measure;
    std::optional<double> in_progress;
    Measure recorded;
  } cases[] = {
      {41.0, 3.0, 41.0},
      {Absent{}, {}, Absent{}},
      {Broken{"no such file"}, {}, Broken{"no such file"}},
      {kNan, {}, Broken{"the value is no finite number"}},
      {kInfinity, {}, Broken{"the value is no finite number"}},
      {-kInfinity, 2.0, Broken{"the value is no finite number"}},
      {41.0, kNan, Broken{"the number in progress is no finite number"}},
  };
  for (const auto& [measure, in_progress, recorded] : cases) {
    Given given = WithQueue();
    given.Order(PutReading{"crunch", "queue", measure, in_progress, {}, ""});
    EXPECT_EQ(FindSensor(given.pool("crunch"), "queue")->latest.measure, recorded);
  }
}

TEST(PutReading, IsRefusedWhereItsAgeCannotBe) {
  const struct {
    Duration age;
    std::string outcome;
  } cases[] = {
      {seconds(0), "reading"},
      {seconds(30), "reading"},
      {-seconds(5), "reading"},
      {-seconds(6), "crunch/queue is said to be taken 6s in the future; at most 5s"},
      {Duration::min(), "crunch/queue is said to be taken 3660d in the future; at most 5s"},
      {hours(24 * 3661), "crunch/queue is said to be 3661d old; at most 3660d"},
  };
  for (const auto& [age, outcome] : cases) {
    EXPECT_EQ(WithQueue().Would(PutReading{"crunch", "queue", 1.0, {}, age, ""}), outcome);
  }
  Given given = WithQueue();
  given.Order(PutReading{"crunch", "queue", 1.0, {}, -seconds(5), ""});
  EXPECT_EQ(FindSensor(given.pool("crunch"), "queue")->latest.age, Duration::zero());
}

TEST(PutReading, IsRefusedWhereNobodyKnowsTheSensor) {
  EXPECT_EQ(WithQueue().Would(PutReading{"crash", "queue", 1.0, {}, {}, ""}), "no EPU \"crash\"");
  EXPECT_EQ(WithQueue().Would(PutReading{"crunch", "cue", 1.0, {}, {}, ""}),
            "crunch has no sensor \"cue\"");
}

// ---- Reports ----

TEST(ReportWorker, NeverTakesAStateBack) {
  const WorkerState states[] = {WorkerState::kRequesting, WorkerState::kRequested,
                                WorkerState::kPending,    WorkerState::kRunning,
                                WorkerState::kTerminated, WorkerState::kFailed};
  for (const WorkerState from : states) {
    for (const WorkerState to : states) {
      Given given;
      given.Pool("web", "npreserving", "preserve_n=1").Review("web");
      given.Reports("web", 1, WorkerState::kPending);  // So that it does not leave at its end.
      given.Reports("web", 1, from);
      const bool higher = to > FindWorker(given.state(), given.worker("web", 1))->state;
      EXPECT_EQ(given.Decided(ReportWorker{given.worker("web", 1), to, {}, "", ""})->size(),
                higher ? 1u : 0u);
    }
  }
}

TEST(Reports, OfWhatIsUnknownOrSoAlreadyLeaveNoEvent) {
  Given given = Running(1);
  const WorkerId web1 = given.worker("web", 1);
  const WorkerId stranger{web1.epu, WorkerNumber{9}};
  const WorkerId elsewhere{EpuNumber{999}, WorkerNumber{1}};
  const SiteNumber here = FindSite(given.state(), "here")->number;
  given.Order(ReportHealth{web1, Health::kProcessError, {}, "exit 1"});
  const struct {
    Order order;
    std::string outcome;
  } cases[] = {
      {ReportWorker{stranger, WorkerState::kFailed, {}, "", ""}, ""},
      {ReportWorker{elsewhere, WorkerState::kFailed, {}, "", ""}, ""},
      {ReportMachine{stranger, Presence::kGone, ""}, ""},
      {ReportMachine{web1, Presence::kListed, ""}, ""},
      {ReportMachine{web1, Presence::kUnasked, ""}, ""},
      {ReportMachine{web1, Presence::kUnlisted, ""}, "machine of 1 unlisted"},
      {ReportHealth{stranger, Health::kOk, {}, ""}, ""},
      {ReportHealth{web1, Health::kProcessError, {}, ""}, ""},
      {ReportHealth{web1, Health::kProcessError, {}, "exit 1"}, ""},
      {ReportHealth{web1, Health::kProcessError, {}, "exit 2"}, "1 is PROCESS_ERROR"},
      {ReportHealth{web1, Health::kOk, {}, ""}, "1 is OK"},
      {ReportSite{SiteNumber{999}, false, ""}, ""},
      {ReportSite{here, true, ""}, "site-answer"},
      {NoteClock{{}}, ""},
      {NoteClock{seconds(90)}, "clock"},
      {Review{EpuNumber{999}}, ""},
  };
  for (const auto& [order, outcome] : cases) EXPECT_EQ(given.Would(order), outcome);
  given.Order(ReportSite{here, false, "no route"});
  EXPECT_EQ(given.Would(ReportSite{here, false, "no route"}), "");
  EXPECT_EQ(given.Would(ReportSite{here, false, "timeout"}), "site-answer");
}

TEST(Reports, CutLongTexts) {
  Given given = Running(1);
  const std::string text(9'000, 'x');
  given.Order(ReportHealth{given.worker("web", 1), Health::kProcessError, {}, text});
  EXPECT_EQ(std::get<HealthChanged>(given.last_payloads()[0]).detail, CutText(text));
  EXPECT_EQ(given.Would(ReportHealth{given.worker("web", 1), Health::kProcessError, {}, text}), "");
}

TEST(StartServer, RefusesAnEpochUsedBeforeAndTheLogOfAnother) {
  const Given given;
  EXPECT_EQ(given.Decided(StartServer{{"k3f9", 0x5d1e, "host", 1, "/srv/log"}}).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(given.Would(StartServer{{"zzzz", 1, "host", 1, "/srv/log"}}),
            "the log is k3f9, not zzzz");
  EXPECT_EQ(given.Would(StartServer{{"k3f9", 1, "host", 1, "/srv/log"}}), "server");
}

TEST(StartServer, InAnotherPlaceIsATakeOverOrACopy) {
  const ServerStarted moved{"k3f9", 1, "host", 1, "/new/log"};
  const ServerStarted elsewhere{"k3f9", 1, "other", 1, "/srv/log"};
  const ServerStarted copy{"a1b2", 1, "other", 1, "/new/log"};
  const std::string offer =
      "; --take-over if that server is gone for good, --new-identity if this is a copy";
  const struct {
    StartServer start;
    std::string outcome;
  } cases[] = {
      {{moved, Succession::kSame}, "the log /new/log was last written on host at /srv/log" + offer},
      {{elsewhere, Succession::kSame},
       "the log /srv/log was last written on host at /srv/log" + offer},
      {{moved, Succession::kTakeOver}, "server"},
      {{elsewhere, Succession::kTakeOver}, "server"},
      {{copy, Succession::kTakeOver}, "the log is k3f9, not a1b2"},
      {{copy, Succession::kNewIdentity}, "server; launching"},
      {{moved, Succession::kNewIdentity}, "the copy has the log's own id; draw another"},
  };
  const Given given;
  for (const auto& [start, outcome] : cases) EXPECT_EQ(given.Would(start), outcome);
  Given taken;
  taken.Order(StartServer{moved, Succession::kTakeOver});
  EXPECT_EQ(taken.Would(StartServer{{"k3f9", 2, "host", 1, "/new/log"}}), "server");
}

}  // namespace
}  // namespace epu
