#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

// "did you mean …?"

namespace epu {

// Longer words get no suggestion: the comparison takes time in proportion to the square.
inline constexpr std::size_t kSuggestLengthMax = 64;

// The nearest of `candidates` to a mistyped `word`: the first of those that differ in the fewest
// letters (one in three at most; two swapped neighbours count once), else the only one that
// contains the word. None where nothing is near.
std::optional<std::string_view> Suggest(std::string_view word,
                                        std::span<const std::string_view> candidates);

}  // namespace epu
