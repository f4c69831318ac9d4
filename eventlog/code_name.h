#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "eventlog/check.h"

namespace epu {

// The name of a code that counts from 0, of a table in the order of the codes.
template <typename Code, std::size_t count>
std::string_view NameOf(const std::array<std::string_view, count>& names, Code code) {
  const auto index = static_cast<std::size_t>(code);
  CHECK(index < names.size());
  return names[index];
}

}  // namespace epu
