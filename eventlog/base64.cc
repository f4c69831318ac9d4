#include "eventlog/base64.h"

#include <openssl/evp.h>

#include <climits>

#include "eventlog/check.h"

namespace epu {

std::string ToBase64(Bytes bytes) {
  CHECK(bytes.size() < INT_MAX / 2);
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // OpenSSL ends it with a zero.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()), bytes.data(),
                  static_cast<int>(bytes.size()));
  text.pop_back();
  return text;
}

std::optional<std::vector<std::uint8_t>> FromBase64(std::string_view text) {
  if (text.empty()) return std::vector<std::uint8_t>();
  if (text.size() % 4 != 0 || text.size() > INT_MAX) return std::nullopt;
  std::vector<std::uint8_t> bytes(text.size() / 4 * 3);
  const int length =
      EVP_DecodeBlock(bytes.data(), reinterpret_cast<const unsigned char*>(text.data()),
                      static_cast<int>(text.size()));
  if (length != static_cast<int>(bytes.size())) return std::nullopt;
  if (text.ends_with('=')) bytes.pop_back();
  if (text.ends_with("==")) bytes.pop_back();
  if (ToBase64(bytes) != text) return std::nullopt;
  return bytes;
}

}  // namespace epu
