#include "tests/simulator/proof.h"

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "commands/decide.h"
#include "commands/replay.h"
#include "eventlog/check.h"
#include "eventlog/codec.h"
#include "projections/evolve.h"
#include "projections/ledger.h"
#include "projections/pool.h"
#include "projections/snapshot.h"
#include "tests/simulator/random.h"

namespace epu::sim {
namespace {

constexpr std::uint64_t kCommandsPerSnapshot = 16;
constexpr ReadLimit kEverything{SIZE_MAX, SIZE_MAX};

// Whether a command of the server's own that begins with `payload` is a review.
bool BeginsReview(const Payload& payload) {
  const auto* change = std::get_if<WorkerChanged>(&payload);
  return std::holds_alternative<DecisionMade>(payload) ||
         std::holds_alternative<EngineErrorChanged>(payload) ||
         std::holds_alternative<DevModeFailed>(payload) ||
         std::holds_alternative<EpuRemoved>(payload) ||
         (change != nullptr && change->reason == Reason::kRemoved);
}

class Prover {
 public:
  Prover(const EngineCatalog& catalog, const std::map<CommandId, Command>& given, Verdict& verdict)
      : catalog_(catalog), given_(given), verdict_(verdict) {}

  // Takes the events of one command, and their records.
  void Take(std::span<const Event> events, std::span<const Record> records) {
    const Event& first = events.front();
    const std::optional<Command> command = CommandBehind(first);
    const bool review = command && command->id.client == 0;
    if (command) {
      const Check check = review ? Check::kReviewDecidedAgain : Check::kCommandDecidedAgain;
      const std::string difference = Compare(*command, first.time, records);
      if (!verdict_.Holds(check, difference.empty())) {
        verdict_.Fail(check, fmt::format("event {}: {}", first.sequence, difference));
      }
    }
    for (const Event& event : events) Evolve(state_, event);
    if (review) AskAgain(*command, first);
    if (++commands_ % kCommandsPerSnapshot == 0) SaveAndReadAgain(records.back().front());
  }

  const State& state() const { return state_; }

 private:
  // The command that led to the group of events that begins with `first`, where that is known.
  std::optional<Command> CommandBehind(const Event& first) const {
    if (first.command.client == 0) {
      if (!BeginsReview(first.payload)) return std::nullopt;
      return Command{{}, std::nullopt, "", Review{SubjectOf(first.payload).epu}};
    }
    const auto found = given_.find(first.command);
    CHECK(found != given_.end());
    return found->second;
  }

  // How deciding `command` now differs from what is stored; empty where it does not.
  std::string Compare(const Command& command, Time time, std::span<const Record> records) const {
    absl::StatusOr<std::vector<Payload>> payloads = Decide(state_, command, time, catalog_);
    if (!payloads.ok()) return "refused when decided again";
    const std::vector<Event> events = ToEvents(state_, command, *std::move(payloads), time);
    if (events.size() != records.size()) {
      return fmt::format("{} events when decided again, not {}", events.size(), records.size());
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (Encode(events[i]) != records[i]) return fmt::format("the event at {} differs", i);
    }
    return {};
  }

  void AskAgain(const Command& command, const Event& first) {
    const absl::StatusOr<std::vector<Payload>> more = Decide(state_, command, first.time, catalog_);
    if (!verdict_.Holds(Check::kReviewSettles, more.ok() && more->empty())) {
      verdict_.Fail(Check::kReviewSettles,
                    fmt::format("the review at {} decides more when asked again", first.sequence));
    }
  }

  // Two equal states fold to equal ones: what is equal here stays so to the log's end.
  void SaveAndReadAgain(Word checksum) {
    const absl::StatusOr<SavedFold> again =
        DecodeSnapshot(EncodeSnapshot({{state_, state_.head}, checksum}));
    const bool equal = again.ok() && again->fold.state == state_ &&
                       again->fold.position == state_.head && again->record_checksum == checksum;
    if (!verdict_.Holds(Check::kSnapshotIsTheFold, equal)) {
      verdict_.Fail(Check::kSnapshotIsTheFold,
                    fmt::format("the snapshot at {} is another state", state_.head));
    }
  }

  const EngineCatalog& catalog_;
  const std::map<CommandId, Command>& given_;
  Verdict& verdict_;
  State state_;
  std::uint64_t commands_ = 0;
};

// The ledger of machines comes to what State knows.
void ProveLedger(const MemoryLog& disk, const State& folded, Verdict& verdict) {
  Projection<Ledger> ledger;
  CHECK(CatchUp(disk, ledger, ~Sequence{0}, &ConcernsLedger).ok());
  std::uint64_t machines = 0;
  for (const auto& [epu_number, epu] : folded.epus) {
    for (const auto& [number, worker] : epu.workers) machines += MayHaveMachine(worker) ? 1 : 0;
  }
  if (verdict.Holds(Check::kLedgerAgrees, CountOpen(ledger.state) == machines)) return;
  verdict.Fail(Check::kLedgerAgrees,
               fmt::format("{} machines are open by the ledger, {} by the state",
                           CountOpen(ledger.state), machines));
}

// The replay that people are given, over the same log.
void ProveReplay(const MemoryLog& disk, const EngineCatalog& catalog, Verdict& verdict) {
  Replay replay(catalog, {}, {});
  const auto seen = disk.Visit(0, kEverything, [&](Sequence, RecordView record) {
    absl::StatusOr<Event> event = Decode(record);
    CHECK(event.ok());
    replay.Take(*std::move(event));
    return true;
  });
  CHECK(seen.ok());
  replay.Finish();
  const std::optional<ReplayDifference>& difference = replay.first_difference();
  if (verdict.Holds(Check::kReplayAgrees, !difference)) return;
  verdict.Fail(Check::kReplayAgrees,
               fmt::format("EPU {} behind event {}: {} events recorded, {} decided",
                           ToInteger(difference->epu), difference->after,
                           difference->recorded.size(), difference->decided.size()));
}

}  // namespace

void ProveLog(const MemoryLog& disk, const EngineCatalog& catalog,
              const std::map<CommandId, Command>& given, const State& folded, Verdict& verdict) {
  Prover prover(catalog, given, verdict);
  std::vector<Event> events;
  std::vector<Record> records;
  const auto seen = disk.Visit(0, kEverything, [&](Sequence, RecordView record) {
    absl::StatusOr<Event> event = Decode(record);
    CHECK(event.ok());
    records.emplace_back(record.begin(), record.end());
    events.push_back(*std::move(event));
    if (events.size() < events.front().place.count) return true;
    prover.Take(events, records);
    events.clear();
    records.clear();
    return !verdict.failed();
  });
  CHECK(seen.ok());
  if (verdict.failed()) return;
  if (!verdict.Holds(Check::kRefoldIsTheFold, events.empty() && prover.state() == folded)) {
    verdict.Fail(Check::kRefoldIsTheFold, "folding from nothing gives another state");
  }
  ProveLedger(disk, folded, verdict);
  ProveReplay(disk, catalog, verdict);
}

std::uint64_t HashOf(const MemoryLog& disk) {
  std::uint64_t hash = 0;
  const auto seen = disk.Visit(0, kEverything, [&](Sequence, RecordView record) {
    for (const Word word : record) hash = Spread(hash ^ word);
    return true;
  });
  CHECK(seen.ok());
  return hash;
}

}  // namespace epu::sim
