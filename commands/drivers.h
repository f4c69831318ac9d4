#pragma once

#include <algorithm>
#include <array>
#include <string_view>

// The drivers of sites that this build has, as far as a definition is judged by them.

namespace epu {

struct DriverEntry {
  std::string_view name;
  bool takes_credentials = false;  // Whether a site of it may name a file of the run's keys.
};

inline constexpr std::array<DriverEntry, 1> kDrivers = {{{"process", false}}};

// Null where there is none of that name.
constexpr const DriverEntry* FindDriver(std::string_view name) {
  const auto found = std::find_if(kDrivers.begin(), kDrivers.end(),
                                  [&](const DriverEntry& driver) { return driver.name == name; });
  return found == kDrivers.end() ? nullptr : &*found;
}

}  // namespace epu
