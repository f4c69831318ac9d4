#include "cli/tree_keeper.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "cli/checkpoints.h"
#include "eventlog/log_tree.h"

namespace epu {
namespace {

using Steady = std::chrono::steady_clock;

constexpr auto kPause = std::chrono::milliseconds(250);  // Until the end is noticed.
constexpr std::size_t kBlocksAtOnce = 64;                // Some MiB of records.

}  // namespace

TreeKeeper::TreeKeeper(const EventLog& log, std::string file_id, std::string log_id, TreeFile file)
    : log_(log), file_id_(std::move(file_id)), log_id_(std::move(log_id)), file_(std::move(file)) {}

absl::Status TreeKeeper::Resume() {
  absl::Status altered;
  const absl::StatusOr<Sequence> head = log_.Head();
  if (!head.ok()) return head.status();
  StoredTree stored = file_.Read();
  const Sequence covered = stored.blocks.size() * kBlockRecords;
  if (covered > *head)
    return SetAside(fmt::format("the log ends at {}, before {}", *head, covered));
  if (!stored.blocks.empty()) {
    const auto leaves = HashRecords(log_, covered - kBlockRecords, covered);
    if (!leaves.ok()) return leaves.status();
    if (BlockOf(*leaves) != stored.blocks.back()) {
      if (stored.log_id != file_id_) return SetAside("they are of log " + stored.log_id);
      altered = absl::DataLossError(fmt::format(
          "a record from {} to {} is not as it was stored at first; see: epumgmt verify",
          covered - kBlockRecords + 1, covered));
    }
  }
  blocks_ = std::move(stored.blocks);
  resumed_ = true;
  return altered;
}

absl::Status TreeKeeper::SetAside(std::string_view why) const {
  file_.SetAside();
  return absl::DataLossError(
      fmt::format("the stored hashes were set aside ({}.other): {}", file_.path(), why));
}

absl::Status TreeKeeper::CatchUp(const std::stop_token& stop) {
  if (!resumed_) {
    if (absl::Status resumed = Resume(); !resumed.ok()) return resumed;
  }
  while (!stop.stop_requested()) {
    const absl::StatusOr<Sequence> head = log_.Head();
    if (!head.ok()) return head.status();
    const std::size_t due =
        std::min(*head / kBlockRecords, blocks_.size() + kBlocksAtOnce) - blocks_.size();
    if (due == 0) break;
    const Sequence after = blocks_.size() * kBlockRecords;
    const auto leaves = HashRecords(log_, after, after + due * kBlockRecords);
    if (!leaves.ok()) return leaves.status();
    std::vector<Block> fresh;
    for (std::size_t i = 0; i < due; ++i) {
      fresh.push_back(BlockOf(std::span(*leaves).subspan(i * kBlockRecords, kBlockRecords)));
    }
    absl::Status written = file_.Write(file_id_, blocks_.size(), fresh);
    if (!written.ok()) return written;
    blocks_.insert(blocks_.end(), fresh.begin(), fresh.end());
  }
  return absl::OkStatus();
}

absl::Status TreeKeeper::Anchor(const SigningKeys& keys, const std::string& path) {
  const absl::StatusOr<Sequence> head = log_.Head();
  if (!head.ok()) return head.status();
  if (*head == 0 || *head == anchored_) return absl::OkStatus();
  const absl::StatusOr<SigningKey> key = keys.Read(log_id_);
  if (!key.ok()) return key.status();
  const absl::StatusOr<Checkpoint> checkpoint = CheckpointAt(log_, log_id_, *head, blocks_);
  if (!checkpoint.ok()) return checkpoint.status();
  absl::Status written = WriteCheckpoint(path, *checkpoint, *key, log_, blocks_);
  if (written.ok()) anchored_ = *head;
  return written;
}

void TreeKeeper::Run(const std::stop_token& stop, const SigningKeys& keys, const AnchorRule& rule,
                     const Journal& journal) {
  std::string said;
  std::string said_of_anchor;
  const auto say = [&](const absl::Status& status, std::string_view what, std::string& before) {
    const std::string failure(status.message());
    if (!failure.empty() && failure != before) {
      journal.Write(Level::kWarn, fmt::format("{}: {}", what, failure));
    }
    before = failure;
  };
  const auto anchor = [&] {
    if (!rule.path.empty())
      say(Anchor(keys, rule.path), "no checkpoint was anchored", said_of_anchor);
  };
  auto due = Steady::now();
  while (!stop.stop_requested()) {
    say(CatchUp(stop), "the log's tree", said);
    if (Steady::now() >= due) {
      anchor();
      due = Steady::now() + rule.every;
    }
    std::this_thread::sleep_for(kPause);
  }
  anchor();
}

}  // namespace epu
