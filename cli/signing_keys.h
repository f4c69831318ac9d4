#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "eventlog/note.h"

// The keys that sign the checkpoints of a run: files of `signing/` in its directory of keys, where
// no definition of a worker can name them.
//
//   signing/k3f9.key        0600: the private key of the log k3f9, as signers of notes keep it
//   signing/k3f9.verifiers  the public keys that it ever had, one a line, the last in use
//
// A key that is replaced is gone; what it signed is still verified by its line.

namespace epu {

// Safe for many processes at once, as far as one of them makes keys.
class SigningKeys {
 public:
  // Those in `keys`, which need not be there.
  explicit SigningKeys(const std::string& keys) : directory_(keys + "/signing") {}

  // The key that signs for the log `log_id`.
  //   kFailedPrecondition  there is none, others may read it, or it is damaged
  //   kUnavailable         it cannot be read now
  absl::StatusOr<SigningKey> Read(std::string_view log_id) const;

  // Makes a new one, which takes the place of one that is there.
  absl::StatusOr<SigningKey> Make(std::string_view log_id) const;

  // Whether there is one, whatever its state.
  bool Has(std::string_view log_id) const;

  // The public keys of every log that ever had one here.
  std::vector<VerifierKey> Verifiers() const;

 private:
  std::string directory_;
};

}  // namespace epu
