#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

// What every value from outside is read and refused with.

namespace epu {

// Text from outside as an error repeats it: in quotes, and cut where it is long.
std::string Quoted(std::string_view text);

bool IsDigit(char c);

// "0" or digits that do not begin with 0.
bool IsPlainNumber(std::string_view text);

// A whole number without leading zeros, plus signs or points. The error names the text: `"3.7" is
// no whole number`.
absl::StatusOr<std::int64_t> ParseWhole(std::string_view text);

}  // namespace epu
