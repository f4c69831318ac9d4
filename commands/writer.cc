#include "commands/writer.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "commands/decide.h"
#include "commands/health.h"
#include "eventlog/check.h"
#include "eventlog/codec.h"

namespace epu {

Writer::Writer(EventLog& log, Clock& clock, const EngineCatalog& catalog)
    : log_(log), clock_(clock), catalog_(catalog) {}

absl::Status Writer::Load() {
  absl::Status status = CatchUp(log_, durable_);
  draft_ = durable_.state;
  return status;
}

absl::Status Writer::Start(const StartServer& start) {
  if (absl::Status status = Load(); !status.ok()) return status;
  epoch_ = start.fact.epoch;
  const Command command{{}, std::nullopt, "", start};
  const Time now = clock_.Now();
  CHECK(now >= durable_.state.time);
  Batch batch;
  batch.time = now;
  const Answer answer = DecideOne(command, Scope::kAll, batch);
  if (!answer.status.ok()) return answer.status;
  absl::Status status = AppendBatch(batch, Reserve::kSpend);
  if (status.ok()) TakeDurable(batch);
  return status;
}

std::vector<Answer> Writer::Process(std::span<const Command> commands) {
  if (!fault_.ok()) return std::vector<Answer>(commands.size(), Answer{fault_});
  concerns_sites_ = false;
  const Time now = clock_.Now();
  CHECK(now >= durable_.state.time);
  Batch batch = DecideBatch(commands, now, Scope::kAll);
  absl::Status status = AppendBatch(batch, Reserve::kKeep);
  if (absl::IsAborted(status)) {  // Another writer was here: by what it wrote, we go on or we end.
    fault_ = ReadAgain();
    if (!fault_.ok()) return AnswerUnwritten(commands, fault_);
    batch = DecideBatch(commands, std::max(now, durable_.state.time), Scope::kAll);
    status = AppendBatch(batch, Reserve::kKeep);
  }
  if (absl::IsResourceExhausted(status)) {
    draft_ = durable_.state;
    batch = DecideBatch(commands, std::max(now, durable_.state.time), Scope::kUrgent);
    status = AppendBatch(batch, Reserve::kSpend);
  }
  if (status.ok()) {
    TakeDurable(batch);
    return std::move(batch.answers);
  }
  const bool unknown = !absl::IsAborted(status) && !absl::IsResourceExhausted(status);
  if (unknown) {
    const State meant = std::exchange(draft_, {});
    fault_ = ReadAgain();
    if (fault_.ok() && durable_.state == meant) {  // It was written after all.
      NoteBatch(batch);
      return std::move(batch.answers);
    }
  }
  draft_ = durable_.state;
  return AnswerUnwritten(commands, fault_.ok() ? status : fault_);
}

void Writer::Hear(const Heartbeat& heartbeat) {
  epu::Hear(durable_.state, heartbeat, clock_.Now(), liveness_);
}

Writer::Batch Writer::DecideBatch(std::span<const Command> commands, Time now, Scope scope) {
  Batch batch;
  batch.time = now;
  batch.events.reserve(2 * commands.size());
  batch.answers.reserve(commands.size());
  NoteDiskFor(commands, scope, batch);
  for (const Command& command : commands) {
    if (batch.events.size() > kBatchEventsSoft) {
      batch.answers.push_back({absl::UnavailableError("busy: the batch is full; send it again")});
    } else {
      batch.answers.push_back(DecideOne(command, scope, batch));
    }
  }
  if (scope == Scope::kUrgent) return batch;
  for (Order& report : HealthReports(draft_, liveness_, now)) {
    if (batch.events.size() > kBatchEventsSoft) break;
    DecideOne({{}, std::nullopt, "", std::move(report)}, scope, batch);
  }
  std::set<EpuNumber> reviews = Due(draft_, reviewed_, now);
  reviews.merge(std::set<EpuNumber>(batch.touched));
  for (const EpuNumber number : reviews) {
    if (!HasRoomForReview(batch.events.size())) break;
    DecideOne({{}, std::nullopt, "", Review{number}}, scope, batch);
    batch.reviewed.insert(number);
  }
  return batch;
}

// A full disk is a fact of the log, as its end is: nothing else there says why no pool was
// reviewed.
void Writer::NoteDiskFor(std::span<const Command> commands, Scope scope, Batch& batch) {
  const bool full = scope == Scope::kUrgent;
  const bool due = !full || std::any_of(commands.begin(), commands.end(),
                                        [](const Command& one) { return IsUrgent(one.order); });
  if (due) DecideOne({{}, std::nullopt, "", NoteDisk{full}}, scope, batch);
}

Answer Writer::DecideOne(const Command& command, Scope scope, Batch& batch) {
  absl::StatusOr<std::vector<Payload>> payloads = Decide(draft_, command, batch.time, catalog_);
  if (!payloads.ok()) return {payloads.status()};
  if (payloads->empty()) {
    const Outcome* const outcome = FindOutcome(draft_, command.id);  // A repeat has its first one.
    return outcome == nullptr ? Answer{} : Answer{absl::OkStatus(), outcome->first, outcome->last};
  }
  if (scope == Scope::kUrgent && !IsUrgent(command.order)) {
    return {absl::ResourceExhaustedError("the disk is full: only what ends workers is recorded")};
  }
  std::vector<Event> events = ToEvents(draft_, command, *std::move(payloads), batch.time);
  const Answer answer{absl::OkStatus(), events.front().sequence, events.back().sequence};
  for (Event& event : events) {
    Evolve(draft_, event);
    Touch(draft_, event, batch.touched);
    batch.events.push_back(std::move(event));
  }
  return answer;
}

// Commands decided together stand on each other: where nothing was written, none of their answers
// holds, but those of repeats.
std::vector<Answer> Writer::AnswerUnwritten(std::span<const Command> commands,
                                            const absl::Status& status) const {
  std::vector<Answer> answers;
  for (const Command& command : commands) {
    const Outcome* outcome = FindOutcome(durable_.state, command.id);
    answers.push_back(outcome == nullptr ? Answer{status}
                                         : Answer{absl::OkStatus(), outcome->first, outcome->last});
  }
  return answers;
}

absl::Status Writer::AppendBatch(const Batch& batch, Reserve reserve) {
  if (batch.events.empty()) return absl::OkStatus();
  std::vector<Record> records;
  records.reserve(batch.events.size());
  for (const Event& event : batch.events) records.push_back(Encode(event));
  return log_.Append(durable_.position, records, reserve).status();
}

void Writer::TakeDurable(const Batch& batch) {
  for (const Event& event : batch.events) Evolve(durable_.state, event);
  durable_.position += batch.events.size();
  NoteBatch(batch);
}

// What was written is known. A pool that was touched and found no room in the batch is due at once.
void Writer::NoteBatch(const Batch& batch) {
  concerns_sites_ = std::any_of(batch.events.begin(), batch.events.end(),
                                [](const Event& event) { return ConcernsSites(event.payload); });
  for (const EpuNumber number : batch.touched) reviewed_.erase(number);
  for (const EpuNumber number : batch.reviewed) reviewed_[number] = batch.time;
  Forget(durable_.state, liveness_);
}

absl::Status Writer::ReadAgain() {
  absl::Status status = CatchUp(log_, durable_);
  if (status.ok() && durable_.state.epoch != epoch_) {
    status = absl::AbortedError(
        fmt::format("another server writes this log: its epoch {:04x} began at {}",
                    durable_.state.epoch, FormatSeconds(durable_.state.server_started)));
  }
  draft_ = durable_.state;
  return status;
}

}  // namespace epu
