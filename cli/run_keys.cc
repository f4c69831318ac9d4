#include "cli/run_keys.h"

#include <filesystem>
#include <string>
#include <system_error>

#include <fmt/format.h>

namespace epu {
namespace {

// `keys` beside the log that --log names.
std::string KeysBesideLog(const Context& context) {
  return (std::filesystem::path(context.Paths().log + "/").parent_path().parent_path() / "keys")
      .lexically_normal()
      .string();
}

bool IsOther(const Context& context) {
  std::error_code error;
  return !context.GetOptions().log.empty() &&
         std::filesystem::exists(KeysBesideLog(context), error);
}

}  // namespace

SigningKeys RunKeys(const Context& context) {
  return SigningKeys(IsOther(context) ? KeysBesideLog(context) : context.Paths().keys);
}

std::vector<VerifierKey> RunVerifiers(const Context& context) {
  std::vector<VerifierKey> keys = SigningKeys(context.Paths().keys).Verifiers();
  if (!IsOther(context)) return keys;
  for (VerifierKey& key : RunKeys(context).Verifiers()) keys.push_back(std::move(key));
  return keys;
}

absl::StatusOr<SigningKey> RunSigner(const Context& context, std::string_view log_id) {
  const SigningKeys keys = RunKeys(context);
  absl::StatusOr<SigningKey> key = keys.Read(log_id);
  if (key.ok()) return key;
  if (keys.Has(log_id)) return absl::UnavailableError(std::string(key.status().message()));
  return absl::UnavailableError(
      fmt::format("{}; epud makes it when it starts, and so does: epumgmt checkpoint --new-key",
                  std::string(key.status().message())));
}

StoredTree RunTree(const Context& context) {
  if (context.IsRemote()) return {};
  return TreeFile(context.Paths().log).Read();
}

}  // namespace epu
