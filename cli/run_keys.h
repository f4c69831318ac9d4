#pragma once

#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/context.h"
#include "cli/signing_keys.h"
#include "eventlog/note.h"
#include "eventlog/tree_file.h"

// What verbs find of a run beside its log, to prove with: its keys and what is stored of its tree.

namespace epu {

// The keys of the run; with --log those beside that log, where there are any.
SigningKeys RunKeys(const Context& context);

// The public keys that are known: of both.
std::vector<VerifierKey> RunVerifiers(const Context& context);

// The key that signs for `log_id`, with what to do where there is none. Errors as
// SigningKeys::Read, but for kUnavailable instead of kFailedPrecondition: what is missing is no
// refusal.
absl::StatusOr<SigningKey> RunSigner(const Context& context, std::string_view log_id);

// What is stored of the log's tree; nothing where it is read through a server.
StoredTree RunTree(const Context& context);

}  // namespace epu
