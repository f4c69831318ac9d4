#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/simulator/verdict.h"

namespace epu::sim {

// Two columns: each fault with how often it fired, each check with how often it had something to
// check; then the totals.
std::string FormatTally(const Tally& tally);

// The faults that never fired and the checks that never had anything to check.
std::vector<std::string> WhatNeverHappened(const Tally& tally);

// Runs `seed` again and returns the last lines of what happened, for people who look at a failure.
std::string TellLast(std::uint64_t seed, std::uint64_t steps);

}  // namespace epu::sim
