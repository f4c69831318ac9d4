#include "cli/snapshot_keeper.h"

#include <chrono>
#include <string>
#include <thread>
#include <utility>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr auto kPause = std::chrono::milliseconds(250);  // Until the end is noticed.

}  // namespace

SnapshotKeeper::SnapshotKeeper(const EventLog& log, SnapshotFiles files, Projection<State> known)
    : log_(log), files_(std::move(files)), known_(std::move(known)) {}

absl::Status SnapshotKeeper::CatchUpAndSave(const std::stop_token& stop) {
  absl::Status saved;
  while (!stop.stop_requested()) {
    const Sequence due = (known_.position / kSnapshotEvery + 1) * kSnapshotEvery;
    if (absl::Status status = CatchUp(log_, known_, due); !status.ok()) return status;
    if (known_.position < due) break;
    const absl::StatusOr<Sequence> head = log_.Head();
    if (!head.ok()) return head.status();
    if (!IsSnapshotKept(due, *head)) continue;
    if (absl::Status status = files_.Save(log_, known_); !status.ok()) saved = status;
    files_.DeleteOld(*head);
  }
  return saved;
}

void SnapshotKeeper::Run(const std::stop_token& stop, const Journal& journal) {
  std::string said;
  while (!stop.stop_requested()) {
    const std::string failure(CatchUpAndSave(stop).message());
    if (!failure.empty() && failure != said) {
      journal.Write(Level::kWarn, fmt::format("no snapshot was saved: {}", failure));
    }
    said = failure;
    std::this_thread::sleep_for(kPause);
  }
}

}  // namespace epu
