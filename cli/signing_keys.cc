#include "cli/signing_keys.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

#include <fmt/format.h>

#include "cli/new_file.h"
#include "eventlog/checkpoint.h"
#include "provisioner/key_file.h"

namespace epu {
namespace {

constexpr std::string_view kKey = ".key";
constexpr std::string_view kVerifiers = ".verifiers";

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return absl::OkStatus();
  return absl::UnavailableError(fmt::format("{}: {}", path, std::strerror(errno)));
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

absl::StatusOr<SigningKey> SigningKeys::Read(std::string_view log_id) const {
  const std::string name = fmt::format("{}{}", log_id, kKey);
  const absl::StatusOr<std::string> text = ReadKeyFile(directory_, name);
  if (!text.ok()) return text.status();
  absl::StatusOr<SigningKey> key = ParseSigningKey(*text);
  if (key.ok() && key->name == OriginOf(log_id)) return key;
  return absl::FailedPreconditionError(
      fmt::format("the key {}/{} is damaged, or of another log", directory_, name));
}

absl::StatusOr<SigningKey> SigningKeys::Make(std::string_view log_id) const {
  const std::string keys = std::filesystem::path(directory_).parent_path();
  if (absl::Status made = MakeDirectory(keys); !made.ok()) return made;
  if (absl::Status made = MakeDirectory(directory_); !made.ok()) return made;
  const SigningKey key = DrawSigningKey(OriginOf(log_id));
  // First what verifies: there is no signature that nobody can check.
  const std::string verifiers = fmt::format("{}/{}{}", directory_, log_id, kVerifiers);
  absl::Status written =
      WriteNewFile(verifiers, ReadText(verifiers) + FormatVerifierKey(VerifierOf(key)) + "\n",
                   Existing::kReplace, 0600);
  if (written.ok()) {
    written = WriteNewFile(fmt::format("{}/{}{}", directory_, log_id, kKey),
                           FormatSigningKey(key) + "\n", Existing::kReplace, 0600);
  }
  if (!written.ok()) return written;
  return key;
}

bool SigningKeys::Has(std::string_view log_id) const {
  std::error_code error;
  return std::filesystem::exists(fmt::format("{}/{}{}", directory_, log_id, kKey), error);
}

std::vector<VerifierKey> SigningKeys::Verifiers() const {
  std::vector<VerifierKey> keys;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(directory_, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->path().extension() != kVerifiers) continue;
    std::ifstream file(entry->path());
    for (std::string line; std::getline(file, line);) {
      absl::StatusOr<VerifierKey> key = ParseVerifierKey(line);
      if (key.ok()) keys.push_back(*std::move(key));
    }
  }
  return keys;
}

}  // namespace epu
