#pragma once

#include <chrono>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>

#include "cli/journal.h"
#include "cli/signing_keys.h"
#include "eventlog/block.h"
#include "eventlog/log.h"
#include "eventlog/time.h"
#include "eventlog/tree_file.h"

// Follows a log, beside the writer and never in its way: stores the hash of each block that is
// full, and writes a signed checkpoint elsewhere by a rule.

namespace epu {

// Where the log's checkpoints are anchored, and how often, as long as it grows. None with "".
struct AnchorRule {
  std::string path;
  Duration every = std::chrono::hours(1);
};

// Used by one thread. The log outlives it.
class TreeKeeper {
 public:
  // Goes on from what `file` has of `log`. `file_id` is the id by which the log was made, `log_id`
  // the one it goes by.
  TreeKeeper(const EventLog& log, std::string file_id, std::string log_id, TreeFile file);
  TreeKeeper(const TreeKeeper&) = delete;
  TreeKeeper& operator=(const TreeKeeper&) = delete;

  // Stores each block that is full and not stored yet. Ends early with OK where `stop` asks for it.
  //   kDataLoss  what is stored is of a longer or another log: it is set aside, and the next call
  //              begins anew. Or its last block is of other records: it stays, the next call goes
  //              on behind it, and `verify` names what was altered.
  // and the errors of the log and of the file.
  absl::Status CatchUp(const std::stop_token& stop);

  // Signs a checkpoint of the whole log and writes it to `path`; nothing where one of this size was
  // written last.
  absl::Status Anchor(const SigningKeys& keys, const std::string& path);

  // Does both over and over, until `stop`, and anchors a last time then. What went wrong is said
  // when it changes.
  void Run(const std::stop_token& stop, const SigningKeys& keys, const AnchorRule& rule,
           const Journal& journal);

  const std::vector<Block>& blocks() const { return blocks_; }

 private:
  absl::Status Resume();
  absl::Status SetAside(std::string_view why) const;

  const EventLog& log_;
  const std::string file_id_;
  const std::string log_id_;
  const TreeFile file_;
  bool resumed_ = false;
  std::vector<Block> blocks_;  // As they are stored.
  Sequence anchored_ = 0;      // The size of the checkpoint that was written last.
};

}  // namespace epu
