#pragma once

#include <cstddef>
#include <string_view>

// Text is UTF-8 wherever it is kept: a log, a file and JSON can each carry it, and nothing else.

namespace epu {

// The bytes of the character that `text` begins with; 0 where that is none: a stray or missing
// continuation, an overlong form, a surrogate, a code beyond U+10FFFF. REQUIRES: not empty.
std::size_t CharacterLength(std::string_view text);

bool IsUtf8(std::string_view text);

}  // namespace epu
