#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <absl/status/status.h>

#include "eventlog/checkpoint.h"
#include "eventlog/ids.h"
#include "eventlog/log.h"
#include "eventlog/sha256.h"
#include "eventlog/tree_file.h"

// Whether a log is whole: every checksum, the sequence without gaps, time that never decreases,
// every record an event that this build can read. And whether it is the one that was written: its
// tree against the hashes stored of it, and against an older checkpoint, if there is one.

namespace epu {

// What to hold the records against, beside themselves.
struct Evidence {
  StoredTree stored;                // Read before the log, lest it be longer.
  std::optional<Checkpoint> older;  // Its signature is the caller's to check.
};

struct Verified {
  Sequence events = 0;  // Found whole, from the first.
  std::uint64_t bytes = 0;
  absl::Status fault;               // kDataLoss with the first of `faults`; OK without.
  std::vector<std::string> faults;  // What was found, each named; the first kFaultsMax.
  std::uint64_t faults_found = 0;   // All of them.
  std::optional<Hash> root;         // Of the whole log; none where a record cannot be read.
  std::size_t stored_agreeing = 0;  // Blocks whose stored hash is the one of the records.
  std::set<std::string> log_ids;    // That this log ever went by.
};

inline constexpr std::size_t kFaultsMax = 20;

// `progress` is told how many events were looked at, of how many, now and then.
using Progress = std::function<void(Sequence done, Sequence head)>;
Verified Verify(const EventLog& log, const Progress& progress, const Evidence& evidence = {});

}  // namespace epu
