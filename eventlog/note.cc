#include "eventlog/note.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>

#include "eventlog/base64.h"
#include "eventlog/check.h"

namespace epu {
namespace {

constexpr std::uint8_t kEd25519 = 1;                 // The algorithm's number among notes'.
constexpr std::string_view kDash = "\xe2\x80\x94 ";  // An em dash.
constexpr std::string_view kPrivate = "PRIVATE+KEY+";
constexpr std::size_t kIdBytes = 4;
constexpr std::size_t kSignatureBytes = 64;
constexpr std::size_t kSignaturesMax = 100;

using Raw = std::array<std::uint8_t, 32>;
using Id = std::array<std::uint8_t, kIdBytes>;

template <auto Free>
struct Freeing {
  template <typename Resource>
  void operator()(Resource* resource) const {
    Free(resource);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freeing<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX_free>>;

Key PrivateKey(const Raw& seed) {
  Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()));
  CHECK(key != nullptr);
  return key;
}

Id IdOf(const VerifierKey& key) {
  constexpr std::uint8_t kBetween[] = {'\n', kEd25519};
  const Hash hash = Sha256({BytesOf(key.name), kBetween, key.key});
  Id id;
  std::copy_n(hash.begin(), id.size(), id.begin());
  return id;
}

std::string HexOf(const Id& id) {
  return fmt::format("{:02x}{:02x}{:02x}{:02x}", id[0], id[1], id[2], id[3]);
}

std::string Format(std::string_view name, const Id& id, const Raw& raw) {
  std::vector<std::uint8_t> bytes{kEd25519};
  bytes.insert(bytes.end(), raw.begin(), raw.end());
  return fmt::format("{}+{}+{}", name, HexOf(id), ToBase64(bytes));
}

struct Parts {
  std::string name;
  std::string id;
  Raw raw{};
};

// "NAME+ID+BASE64" taken apart; base 64 itself may hold a "+".
std::optional<Parts> Parse(std::string_view text) {
  const std::size_t first = text.find('+');
  const std::size_t second = first == text.npos ? text.npos : text.find('+', first + 1);
  if (second == text.npos) return std::nullopt;
  Parts parts{std::string(text.substr(0, first)),
              std::string(text.substr(first + 1, second - first - 1)),
              {}};
  const auto bytes = FromBase64(text.substr(second + 1));
  if (!IsKeyName(parts.name) || !bytes || bytes->size() != 1 + parts.raw.size() ||
      bytes->front() != kEd25519) {
    return std::nullopt;
  }
  std::copy(bytes->begin() + 1, bytes->end(), parts.raw.begin());
  return parts;
}

bool Verifies(const VerifierKey& key, std::string_view text, Bytes signature) {
  const Key verifier(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.key.data(), key.key.size()));
  const Digest context(EVP_MD_CTX_new());
  if (verifier == nullptr || signature.size() != kSignatureBytes) return false;
  CHECK(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, verifier.get()) == 1);
  const Bytes bytes = BytesOf(text);
  return EVP_DigestVerify(context.get(), signature.data(), signature.size(), bytes.data(),
                          bytes.size()) == 1;
}

// "— NAME BASE64"
std::optional<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kDash)) return std::nullopt;
  line.remove_prefix(kDash.size());
  const std::size_t blank = line.find(' ');
  if (blank == line.npos || !IsKeyName(line.substr(0, blank))) return std::nullopt;
  auto bytes = FromBase64(line.substr(blank + 1));
  if (!bytes || bytes->size() <= kIdBytes) return std::nullopt;
  return NoteSignature{std::string(line.substr(0, blank)), *std::move(bytes)};
}

bool IsBy(const NoteSignature& signature, const VerifierKey& key) {
  const Id id = IdOf(key);
  return signature.name == key.name && std::equal(id.begin(), id.end(), signature.bytes.begin());
}

absl::Status NoNote(std::string_view what) {
  return absl::FailedPreconditionError(fmt::format("it is no signed note: {}", what));
}

}  // namespace

bool IsKeyName(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(),
                                      [](char c) { return c > ' ' && c <= '~' && c != '+'; });
}

std::string ShortNameOf(const VerifierKey& key) {
  return fmt::format("{}+{}", key.name, HexOf(IdOf(key)));
}

std::string FormatVerifierKey(const VerifierKey& key) {
  return Format(key.name, IdOf(key), key.key);
}

absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view text) {
  const std::optional<Parts> parts = Parse(text);
  if (parts) {
    VerifierKey key{parts->name, parts->raw};
    if (HexOf(IdOf(key)) == parts->id) return key;
  }
  return absl::InvalidArgumentError(
      "it is no verifier key: NAME+ID+BASE64 on one line, as `checkpoint --public-key` prints it");
}

SigningKey DrawSigningKey(std::string_view name) {
  CHECK(IsKeyName(name));
  SigningKey key{std::string(name), {}};
  CHECK(RAND_bytes(key.seed.data(), static_cast<int>(key.seed.size())) == 1);
  return key;
}

VerifierKey VerifierOf(const SigningKey& key) {
  const Key private_key = PrivateKey(key.seed);
  VerifierKey verifier{key.name, {}};
  std::size_t size = verifier.key.size();
  CHECK(EVP_PKEY_get_raw_public_key(private_key.get(), verifier.key.data(), &size) == 1);
  return verifier;
}

std::string FormatSigningKey(const SigningKey& key) {
  return std::string(kPrivate) + Format(key.name, IdOf(VerifierOf(key)), key.seed);
}

absl::StatusOr<SigningKey> ParseSigningKey(std::string_view text) {
  if (text.starts_with(kPrivate)) {
    if (const std::optional<Parts> parts = Parse(text.substr(kPrivate.size()))) {
      SigningKey key{parts->name, parts->raw};
      if (HexOf(IdOf(VerifierOf(key))) == parts->id) return key;
    }
  }
  return absl::InvalidArgumentError("it is no signing key");
}

std::string SignNote(std::string_view text, const SigningKey& key) {
  CHECK(text.ends_with('\n'));
  const Key private_key = PrivateKey(key.seed);
  const Digest context(EVP_MD_CTX_new());
  CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, private_key.get()) == 1);
  const Id id = IdOf(VerifierOf(key));
  std::vector<std::uint8_t> signature(id.begin(), id.end());
  signature.resize(kIdBytes + kSignatureBytes);
  std::size_t size = kSignatureBytes;
  const Bytes bytes = BytesOf(text);
  CHECK(EVP_DigestSign(context.get(), signature.data() + kIdBytes, &size, bytes.data(),
                       bytes.size()) == 1);
  return fmt::format("{}\n{}{} {}\n", text, kDash, key.name, ToBase64(signature));
}

absl::StatusOr<Note> ParseNote(std::string_view note) {
  const std::size_t end = note.rfind("\n\n");  // The text itself may have empty lines.
  if (end == note.npos || end == 0) return NoNote("no empty line stands before its signatures");
  if (!note.ends_with('\n')) return NoNote("its last line has no end");
  Note parsed{std::string(note.substr(0, end + 1)), {}};
  for (const char c : parsed.text) {
    if (static_cast<unsigned char>(c) < ' ' && c != '\n') return NoNote("a control character");
  }
  std::string_view rest = note.substr(end + 2);
  while (!rest.empty()) {
    const std::size_t line = rest.find('\n');
    std::optional<NoteSignature> signature = ParseSignature(rest.substr(0, line));
    if (!signature) return NoNote("a line below it is no signature");
    parsed.signatures.push_back(*std::move(signature));
    if (parsed.signatures.size() > kSignaturesMax) return NoNote("too many signatures");
    rest.remove_prefix(line + 1);
  }
  if (parsed.signatures.empty()) return NoNote("it has no signature");
  return parsed;
}

absl::StatusOr<VerifierKey> CheckSignature(const Note& note, std::span<const VerifierKey> known) {
  for (const NoteSignature& signature : note.signatures) {
    for (const VerifierKey& key : known) {
      if (!IsBy(signature, key)) continue;
      if (Verifies(key, note.text, Bytes(signature.bytes).subspan(kIdBytes))) return key;
      return absl::FailedPreconditionError(
          fmt::format("its signature by {} is wrong: it was altered", ShortNameOf(key)));
    }
  }
  const NoteSignature& first = note.signatures.front();
  Id id;
  std::copy_n(first.bytes.begin(), id.size(), id.begin());
  return absl::FailedPreconditionError(
      fmt::format("it is signed by {}+{}, a key that is not known here", first.name, HexOf(id)));
}

}  // namespace epu
