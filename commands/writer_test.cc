#include "commands/writer.h"

#include <gtest/gtest.h>

#include "commands/given.h"
#include "eventlog/memory_log.h"

namespace epu {
namespace {

using std::chrono::seconds;

// How the next Append fails; once, unless a test sets it again.
enum class Failure { kNone, kBefore, kAfter };  // Before or after the batch was written.

// A log on a disk that fails on order.
class FailingLog final : public EventLog {
 public:
  absl::StatusOr<Sequence> Append(Sequence expected, std::span<const Record> records,
                                  Reserve reserve) override {
    ++appends;
    const Failure failure = std::exchange(next, Failure::kNone);
    if (failure == Failure::kBefore) return absl::InternalError("input/output error");
    absl::StatusOr<Sequence> head = memory.Append(expected, records, reserve);
    if (failure == Failure::kAfter) return absl::InternalError("input/output error");
    return head;
  }
  absl::StatusOr<Sequence> Visit(Sequence after, ReadLimit limit,
                                 const Visitor& visit) const override {
    if (unreadable) return absl::DataLossError("damaged");
    return memory.Visit(after, limit, visit);
  }
  absl::StatusOr<Sequence> Head() const override { return memory.Head(); }

  MemoryLog memory;
  Failure next = Failure::kNone;
  bool unreadable = false;
  int appends = 0;
};

const Author kOlga{1000, "olga"};

Command By(std::uint64_t number, Order order) { return {{7, number}, kOlga, "", std::move(order)}; }

Order Reading(double value) { return PutReading{"web", "queue", value, {}, {}, ""}; }

// A writer on a log, with a pool "web" of two workers and a sensor.
class WriterTest : public testing::Test {
 protected:
  WriterTest() {
    EXPECT_TRUE(Restart(1).ok());
    EpuDefinition web = DefinitionOf(catalog_, "web", "npreserving", "preserve_n=2");
    web.sensors = {{{}, "queue", PutSource{}, {}}};
    EXPECT_TRUE(Send(By(1, Apply{{}, {{"here", "process", 100, ""}}, {web}})).status.ok());
  }

  // A new writer on the same log.
  absl::Status Restart(std::uint32_t epoch) {
    writer_ = std::make_unique<Writer>(log_, clock_, catalog_);
    return writer_->Start({{"k3f9", epoch, "host", 77, "/srv/log"}});
  }

  Answer Send(Command command) {
    const Command commands[] = {std::move(command)};
    return writer_->Process(commands).front();
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

  // The kinds of what was recorded after `sequence`, in order.
  std::string KindsAfter(Sequence sequence) const {
    std::string kinds;
    for (const Event& event : Events()) {
      if (event.sequence <= sequence) continue;
      kinds += (kinds.empty() ? "" : " ") + std::string(KindName(event.payload));
    }
    return kinds;
  }

  Sequence head() const { return *log_.Head(); }

  // Leaves `free` bytes, and `reserve` more for what only ends things.
  void LeaveRoom(std::size_t free, std::size_t reserve) {
    std::size_t used = 0;
    EXPECT_TRUE(log_.Visit(0, {1'000'000, 1'000'000'000},
                           [&](Sequence, RecordView record) {
                             used += record.size_bytes();
                             return true;
                           })
                    .ok());
    log_.memory.SetRoom({used + free + reserve, reserve});
  }

  void ExpectStateIsTheFoldOfTheLog() const {
    Projection<State> fold;
    EXPECT_TRUE(CatchUp(log_, fold).ok());
    EXPECT_TRUE(fold.state == writer_->state());
    EXPECT_EQ(fold.position, fold.state.head);
  }

  const EngineCatalog catalog_ = BuiltInEngines();
  StillClock clock_;
  FailingLog log_;
  std::unique_ptr<Writer> writer_;
};

// ---- Answers ----

TEST_F(WriterTest, AnswersWithWhatTheCommandLedToAndReviewsInTheSameBatch) {
  const int appends = log_.appends;
  const Sequence before = head();
  const Answer answer = Send(By(2, Reconfigure{"web", {{"preserve_n", std::int64_t{3}}}}));
  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.first, before + 1);
  EXPECT_EQ(answer.last, before + 1);
  EXPECT_EQ(KindsAfter(before), "reconfigure decision request");
  EXPECT_EQ(log_.appends, appends + 1);
  ExpectStateIsTheFoldOfTheLog();
}

TEST_F(WriterTest, AnswersEachCommandOfABatchInOrder) {
  const Sequence before = head();
  const Command commands[] = {By(2, Reading(1)), By(3, Remove{"wob"}),
                              By(4, SwitchLaunching{"", true}), By(5, Reading(2))};
  const std::vector<Answer> answers = writer_->Process(commands);
  ASSERT_EQ(answers.size(), 4u);
  EXPECT_EQ(answers[0].first, before + 1);
  EXPECT_EQ(answers[1].status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(answers[2].status.ok());
  EXPECT_EQ(answers[2].first, 0u);
  EXPECT_EQ(answers[3].first, before + 2);
}

TEST_F(WriterTest, WritesNothingWhereThereIsNothingToDo) {
  const int appends = log_.appends;
  EXPECT_TRUE(writer_->Process({}).empty());
  clock_.now += seconds(60);
  EXPECT_TRUE(writer_->Process({}).empty());
  EXPECT_EQ(log_.appends, appends);
}

TEST_F(WriterTest, ARepeatGetsTheFirstOutcome) {
  const Answer first = Send(By(2, Reading(41)));
  const Sequence before = head();
  const Command twice[] = {By(2, Reading(41)), By(3, KillSome{"web", 1}),
                           By(3, KillSome{"web", 1})};
  const std::vector<Answer> answers = writer_->Process(twice);
  EXPECT_EQ(answers[0].first, first.first);
  EXPECT_EQ(answers[1].first, before + 1);
  EXPECT_EQ(answers[2].first, before + 1);

  ASSERT_TRUE(Restart(2).ok());
  EXPECT_EQ(Send(By(2, Reading(41))).first, first.first);
  EXPECT_EQ(Send(By(3, KillSome{"web", 1})).last, before + 1);
}

TEST_F(WriterTest, RefusesAnEpochUsedBefore) {
  EXPECT_EQ(Restart(1).code(), absl::StatusCode::kAlreadyExists);
}

// ---- Time and heartbeats ----

TEST_F(WriterTest, RecordsWhatTimeHasMadeDue) {
  const WorkerId web1{FindEpu(writer_->state(), "web")->number, WorkerNumber{1}};
  for (const WorkerState to : {WorkerState::kPending, WorkerState::kStarted}) {
    Send({{}, {}, "", ReportWorker{web1, to, {}, "", ""}});
  }
  Sequence before = head();
  writer_->Hear({web1, FindWorker(writer_->state(), web1)->launch, Health::kOk, ""});
  EXPECT_EQ(head(), before);
  writer_->Process({});
  EXPECT_EQ(KindsAfter(before), "worker health");

  before = head();
  clock_.now += seconds(121);
  writer_->Process({});
  EXPECT_EQ(KindsAfter(before), "health decision worker request");
  ExpectStateIsTheFoldOfTheLog();
}

TEST_F(WriterTest, ReviewsAPoolWhenItsBackOffHasLetGo) {
  for (std::uint32_t worker = 1; worker <= 3; worker += 2) {  // Web/3 replaces web/1.
    const WorkerId id{FindEpu(writer_->state(), "web")->number, WorkerNumber{worker}};
    Send({{}, {}, "", ReportWorker{id, WorkerState::kFailed, {}, "", ""}});
  }
  const Sequence before = head();
  clock_.now += seconds(1) - Duration(10);
  writer_->Process({});
  EXPECT_EQ(head(), before);
  clock_.now += Duration(10);
  writer_->Process({});
  EXPECT_EQ(KindsAfter(before), "decision request");
}

// ---- Batches ----

TEST_F(WriterTest, IsBusyWhenABatchIsFull) {
  std::vector<Command> commands;
  for (std::uint64_t number = 2; number < 2 + kBatchEventsSoft + 10; ++number) {
    commands.push_back(By(number, Reading(1)));
  }
  const std::vector<Answer> answers = writer_->Process(commands);
  std::size_t recorded = 0;
  while (recorded < answers.size() && answers[recorded].status.ok()) ++recorded;
  EXPECT_EQ(recorded, kBatchEventsSoft + 1);
  for (std::size_t i = recorded; i < answers.size(); ++i) {
    EXPECT_EQ(answers[i].status.code(), absl::StatusCode::kUnavailable);
  }
  EXPECT_TRUE(Send(commands.back()).status.ok());
}

// ---- A disk that fails ----

TEST_F(WriterTest, ABatchThatWasNotWrittenIsForgottenAndMayBeSentAgain) {
  const Sequence before = head();
  log_.next = Failure::kBefore;
  const Command commands[] = {By(2, Reading(1)), By(3, SwitchLaunching{"", false}),
                              By(4, SwitchLaunching{"", false}), By(1, Reading(0))};
  const std::vector<Answer> answers = writer_->Process(commands);
  EXPECT_EQ(answers[0].status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(answers[1].status.code(), absl::StatusCode::kInternal);
  EXPECT_EQ(answers[2].status.code(), absl::StatusCode::kInternal);  // It stood on the one before.
  EXPECT_TRUE(answers[3].status.ok());                               // It was recorded long ago.
  EXPECT_EQ(head(), before);
  EXPECT_TRUE(writer_->fault().ok());
  ExpectStateIsTheFoldOfTheLog();

  EXPECT_EQ(writer_->Process(commands)[0].first, before + 1);
  EXPECT_EQ(KindsAfter(before), "reading launching");
  ExpectStateIsTheFoldOfTheLog();
}

TEST_F(WriterTest, ABatchThatWasWrittenAfterAllIsAnsweredAndNotDoubled) {
  const Sequence before = head();
  log_.next = Failure::kAfter;
  const Answer answer = Send(By(2, Reconfigure{"web", {{"preserve_n", std::int64_t{3}}}}));
  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.first, before + 1);
  EXPECT_EQ(KindsAfter(before), "reconfigure decision request");
  ExpectStateIsTheFoldOfTheLog();
  EXPECT_EQ(Send(By(2, Reading(0))).first, before + 1);
  writer_->Process({});
  EXPECT_EQ(KindsAfter(before), "reconfigure decision request");
}

TEST_F(WriterTest, EndsWhereTheLogCannotBeReadAfterAFailedWrite) {
  log_.next = Failure::kAfter;
  log_.unreadable = true;
  EXPECT_EQ(Send(By(2, Reading(1))).status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(writer_->fault().code(), absl::StatusCode::kDataLoss);
  log_.unreadable = false;
  EXPECT_EQ(Send(By(3, Reading(1))).status, writer_->fault());

  ASSERT_TRUE(Restart(2).ok());
  const Answer repeated = Send(By(2, Reading(1)));
  EXPECT_TRUE(repeated.status.ok());  // It was written, once.
  EXPECT_EQ(KindsAfter(repeated.first - 1), "reading server");
}

TEST_F(WriterTest, DoesNotStartOnADamagedLog) {
  log_.memory.TEST_FlipBit(1, 70);
  EXPECT_EQ(Restart(2).code(), absl::StatusCode::kDataLoss);
}

// ---- Another writer ----

TEST_F(WriterTest, EndsWhenAnotherServerHasBegunToWrite) {
  Writer other(log_, clock_, catalog_);
  ASSERT_TRUE(other.Start({{"k3f9", 2, "host", 78, "/srv/log"}}).ok());
  const Sequence before = head();
  const Answer answer = Send(By(2, Reading(1)));
  EXPECT_EQ(answer.status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(writer_->fault().code(), absl::StatusCode::kAborted);
  EXPECT_NE(writer_->fault().message().find("epoch 0002"), std::string_view::npos);
  EXPECT_EQ(Send(By(3, Reading(1))).status, writer_->fault());
  EXPECT_EQ(head(), before);
}

TEST_F(WriterTest, GoesOnWhereWhatWasWrittenIsOfItsOwnEpoch) {
  const State& state = writer_->state();
  const Command limit{{}, {}, "", Apply{99, {}, {}}};
  const Time later = clock_.now + seconds(1);  // Than the time of the batch that meets it.
  const std::vector<Event> events =
      ToEvents(state, limit, *Decide(state, limit, later, catalog_), later);
  const Record records[] = {Encode(events[0])};
  ASSERT_TRUE(log_.memory.Append(state.head, records, Reserve::kKeep).ok());

  const Answer answer = Send(By(2, Reading(1)));
  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.first, head());
  EXPECT_EQ(writer_->state().max_workers, 99u);
  EXPECT_EQ(writer_->state().time, later);  // Recorded time does not go back.
  ExpectStateIsTheFoldOfTheLog();
}

// ---- A full disk ----

TEST_F(WriterTest, OnAFullDiskOnlyWhatEndsWorkersIsRecordedFromTheReserve) {
  LeaveRoom(0, 2'000);
  const Sequence before = head();
  const Command commands[] = {By(2, Reading(1)), By(3, Kill{{{"web", 1}}}), By(4, Remove{"wob"}),
                              By(1, Reading(0)), By(5, SwitchLaunching{"", true})};
  const std::vector<Answer> answers = writer_->Process(commands);
  EXPECT_EQ(answers[0].status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(answers[1].status.ok());
  EXPECT_EQ(answers[1].first, before + 2);  // The disk is full; then the worker.
  EXPECT_EQ(answers[2].status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(answers[3].status.ok());  // Recorded long ago.
  EXPECT_TRUE(answers[4].status.ok());  // Nothing to do.
  EXPECT_EQ(KindsAfter(before), "disk worker");
  EXPECT_TRUE(writer_->state().disk_full);
  ExpectStateIsTheFoldOfTheLog();

  LeaveRoom(100'000, 2'000);  // It resumes at once, and repairs what it could not.
  writer_->Process({});
  EXPECT_EQ(KindsAfter(before), "disk worker disk decision request");
  EXPECT_FALSE(writer_->state().disk_full);
  EXPECT_TRUE(Send(By(2, Reading(1))).status.ok());
  ExpectStateIsTheFoldOfTheLog();
}

TEST_F(WriterTest, WhereTheReserveIsSpentTooNothingIsLost) {
  LeaveRoom(0, 0);
  const Sequence before = head();
  EXPECT_EQ(Send(By(2, Kill{{{"web", 1}}})).status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(head(), before);
  EXPECT_TRUE(writer_->fault().ok());
  ExpectStateIsTheFoldOfTheLog();
  LeaveRoom(100'000, 0);
  EXPECT_TRUE(Send(By(2, Kill{{{"web", 1}}})).status.ok());
  EXPECT_EQ(KindsAfter(before), "worker decision request");
}

// ---- The log decided again ----

TEST_F(WriterTest, DecidingTheReviewsOfTheLogAgainGivesTheLog) {
  for (std::uint64_t number = 2; number < 60; ++number) {
    clock_.now += seconds(number % 7);
    Send(By(number, number % 3 == 0 ? Order(KillSome{"web", 1})
                                    : Order(Reconfigure{
                                          "web", {{"preserve_n", std::int64_t(number % 5 + 1)}}})));
  }
  State state;
  const std::vector<Event> events = Events();
  std::size_t reviews = 0;
  for (std::size_t i = 0; i < events.size(); i += events[i].place.count) {
    if (const auto* made = std::get_if<DecisionMade>(&events[i].payload)) {
      const Command review{{}, {}, "", Review{made->epu}};
      const std::vector<Event> again =
          ToEvents(state, review, *Decide(state, review, events[i].time, catalog_), events[i].time);
      ASSERT_EQ(again.size(), events[i].place.count);
      for (std::size_t k = 0; k < again.size(); ++k) EXPECT_EQ(again[k], events[i + k]);
      ++reviews;
    }
    for (std::size_t k = 0; k < events[i].place.count; ++k) Evolve(state, events[i + k]);
  }
  EXPECT_GT(reviews, 40u);
  EXPECT_TRUE(state == writer_->state());
}

}  // namespace
}  // namespace epu
