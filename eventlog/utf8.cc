#include "eventlog/utf8.h"

#include <algorithm>

namespace epu {
namespace {

std::size_t LengthByLead(unsigned char lead) {
  return lead < 0x80   ? 1
         : lead < 0xc2 ? 0
         : lead < 0xe0 ? 2
         : lead < 0xf0 ? 3
         : lead < 0xf5 ? 4
                       : 0;
}

// Whether the second byte makes the character behind `lead` overlong, a surrogate or too large.
bool IsOutOfRange(unsigned char lead, unsigned char second) {
  return (lead == 0xe0 && second < 0xa0) || (lead == 0xed && second >= 0xa0) ||
         (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second >= 0x90);
}

}  // namespace

std::size_t CharacterLength(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t length = LengthByLead(lead);
  if (length < 2) return length;
  if (length > text.size()) return 0;
  const std::string_view rest = text.substr(1, length - 1);
  const bool whole = std::all_of(rest.begin(), rest.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
  });
  return whole && !IsOutOfRange(lead, static_cast<unsigned char>(rest[0])) ? length : 0;
}

bool IsUtf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace epu
