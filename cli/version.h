#pragma once

#include <string_view>

namespace epu {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace epu
