#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/sha256.h"

// Base 64 of RFC 4648, section 4, with padding.

namespace epu {

std::string ToBase64(Bytes bytes);

// None for what ToBase64 does not print: there is one text for the same bytes.
std::optional<std::vector<std::uint8_t>> FromBase64(std::string_view text);

}  // namespace epu
