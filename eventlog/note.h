#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "eventlog/sha256.h"

// Signed notes (c2sp.org/signed-note): a text of whole lines, an empty line, and signature lines
// "— NAME BASE64". Signatures are Ed25519, by OpenSSL. A key has a name, which stands in what it
// signs, and an id of four bytes, by which a signature says which key it is of.

namespace epu {

// "epu/k3f9": not empty, without white space and "+".
bool IsKeyName(std::string_view name);

// The public half: what is handed to whoever is to verify.
struct VerifierKey {
  std::string name;
  std::array<std::uint8_t, 32> key{};
  bool operator==(const VerifierKey&) const = default;
};

// "epu/k3f9+1a2b3c4d": by what a key is told in messages.
std::string ShortNameOf(const VerifierKey& key);

// "epu/k3f9+1a2b3c4d+AX…", the form that verifiers of signed notes are given.
std::string FormatVerifierKey(const VerifierKey& key);

// kInvalidArgument where `text` is no such form.
absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view text);

// The private half. Nothing prints it but FormatSigningKey.
struct SigningKey {
  std::string name;
  std::array<std::uint8_t, 32> seed{};
};

// A new one, from the system's randomness. REQUIRES: IsKeyName(name).
SigningKey DrawSigningKey(std::string_view name);

VerifierKey VerifierOf(const SigningKey& key);

// "PRIVATE+KEY+epu/k3f9+1a2b3c4d+AX…", as signers of notes keep it.
std::string FormatSigningKey(const SigningKey& key);

// kInvalidArgument, with nothing of `text` in the message, where it is no such form.
absl::StatusOr<SigningKey> ParseSigningKey(std::string_view text);

struct NoteSignature {
  std::string name;
  std::vector<std::uint8_t> bytes;  // The key's id, then the signature.
};
struct Note {
  std::string text;  // Ends with a line end.
  std::vector<NoteSignature> signatures;
};

// `text` with the signature below it. REQUIRES: it is not empty and ends with a line end.
std::string SignNote(std::string_view text, const SigningKey& key);

// kFailedPrecondition where `note` is none.
absl::StatusOr<Note> ParseNote(std::string_view note);

// The first of the `known` keys that signed it. Signatures by other keys, for instance witnesses,
// are not looked at.
//   kFailedPrecondition  none of them did, or a signature that says to be of one is not.
absl::StatusOr<VerifierKey> CheckSignature(const Note& note, std::span<const VerifierKey> known);

}  // namespace epu
