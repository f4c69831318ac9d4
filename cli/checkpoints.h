#pragma once

#include <span>
#include <string>
#include <string_view>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/block.h"
#include "eventlog/checkpoint.h"
#include "eventlog/log.h"

// Checkpoints of a log that can be read: made, and written where they outlast it.

namespace epu {

// What the log `log_id` is with its first `size` records, of which `stored` blocks need not be read
// again, with the time of the last of them. Errors as ReadLogTree. REQUIRES: size > 0.
absl::StatusOr<Checkpoint> CheckpointAt(const EventLog& log, std::string_view log_id, Sequence size,
                                        std::span<const Block> stored);

// Whether `log` begins with what `older` is of.
//   kFailedPrecondition  it does not, or is shorter
absl::Status CheckGrownFrom(const EventLog& log, const Checkpoint& older,
                            std::span<const Block> stored);

// Signs `checkpoint`, one of `log`, and writes it to `path`, whole or not at all. Where another is
// there, the log has to have grown from it, and the new one to cover as much: it is the one thing
// that shows if the log has not.
//   kFailedPrecondition  it has not, or the file is something else; it stays
//   kUnavailable         it cannot be read or written
absl::Status WriteCheckpoint(const std::string& path, const Checkpoint& checkpoint,
                             const SigningKey& key, const EventLog& log,
                             std::span<const Block> stored);

// "2026-11-22 09:13:46Z", or "an unknown time" of a checkpoint that tells none.
std::string DateOf(const Checkpoint& checkpoint);

}  // namespace epu
