#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>

// SHA-256, by OpenSSL, which uses the processor's instructions for it.

namespace epu {

using Hash = std::array<std::uint8_t, 32>;
using Bytes = std::span<const std::uint8_t>;

// Of the parts, one behind the other.
Hash Sha256(std::initializer_list<Bytes> parts);

// The bytes of what lies in memory as it is stored: words of a record, a text.
template <typename Range>
Bytes BytesOf(const Range& range) {
  return {reinterpret_cast<const std::uint8_t*>(std::data(range)),
          std::size(range) * sizeof(*std::data(range))};
}

}  // namespace epu
