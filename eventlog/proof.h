#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "eventlog/checkpoint.h"
#include "eventlog/ids.h"
#include "eventlog/record.h"
#include "eventlog/sha256.h"

// Proofs for whoever has not the log.
//
// That a record stands in it (c2sp.org/tlog-proof): the record, its path to the root, and the
// signed checkpoint that has the root.
//
//   c2sp.org/tlog-proof@v1
//   extra AAAA…                  the record's bytes, as they are stored
//   index 18180                  its sequence less one
//   QTkB1bdY…                    the path, from the leaf up
//
//   epu/k3f9                     the checkpoint, as it was signed
//
// That it only grew (what c2sp.org/tlog-witness asks of a log): "old" and the size that is known,
// the path from there, and the newer checkpoint.

namespace epu {

struct Proof {
  Record record;
  Sequence sequence = 0;
  std::vector<Hash> path;
  std::string checkpoint;
  bool operator==(const Proof&) const = default;
};

std::string FormatProof(const Proof& proof);

// kFailedPrecondition where `text` is none. The checkpoint is not looked at.
absl::StatusOr<Proof> ParseProof(std::string_view text);

// kFailedPrecondition unless the path leads from the record to the root of `checkpoint`, which is
// that of the proof, opened.
absl::Status CheckProof(const Proof& proof, const Checkpoint& checkpoint);

struct Growth {
  Sequence old_size = 0;
  std::vector<Hash> path;
  std::string checkpoint;
  bool operator==(const Growth&) const = default;
};

std::string FormatGrowth(const Growth& growth);

// Whether `text` is to be read as such a proof.
bool IsGrowth(std::string_view text);

// kFailedPrecondition where `text` is none. The checkpoint is not looked at.
absl::StatusOr<Growth> ParseGrowth(std::string_view text);

// kFailedPrecondition unless it proves that the log of `newer`, which is the checkpoint of the
// proof, opened, begins with what `older` covers.
absl::Status CheckGrowth(const Growth& growth, const Checkpoint& older, const Checkpoint& newer);

}  // namespace epu
