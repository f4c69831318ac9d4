#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "eventlog/note.h"
#include "eventlog/sha256.h"

// A checkpoint (c2sp.org/tlog-checkpoint): what a log was at one size, as the text of a signed
// note.
//
//   epu/qme3                                         its origin, which is also the key's name
//   356                                              so many records,
//   ifUPMsQnwdCPu1wtuNLZFJZdqVTfcECyuUOfNQR6l3s=     their root
//   time 2026-11-27T11:18:05.828346Z                 further lines, which the signature covers too
//
//   — epu/qme3 ksUBg2R2XtghTxdCcMXGzjsdQtMzE9L+BL…

namespace epu {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Hash root{};
  std::vector<std::string> further;  // "time 2026-11-27T11:18:05.828346Z"
  bool operator==(const Checkpoint&) const = default;
};

// "epu/k3f9": by the log's id, so that it is the same wherever the log lies.
std::string OriginOf(std::string_view log_id);

// What stands behind `word` and a blank in the first of the further lines that begin so; "" where
// none does.
std::string FurtherOf(const Checkpoint& checkpoint, std::string_view word);

// The text to be signed. REQUIRES: no line of it is empty or has a line end in it.
std::string FormatCheckpoint(const Checkpoint& checkpoint);

// kFailedPrecondition where `text` is none.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// A checkpoint as it was found, and who signed it.
struct SignedCheckpoint {
  Checkpoint checkpoint;
  VerifierKey key;
};

// Reads a signed one. kFailedPrecondition where it is none, or none of the `known` keys signed it
// under the name that is its origin.
absl::StatusOr<SignedCheckpoint> OpenCheckpoint(std::string_view note,
                                                std::span<const VerifierKey> known);

}  // namespace epu
