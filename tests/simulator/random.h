#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "eventlog/time.h"

// The one source of chance of a simulated world: xoshiro256**, seeded by splitmix64. Written out,
// because the distributions of the standard library differ between libraries, and a seed must mean
// the same run everywhere.

namespace epu::sim {

// One step of splitmix64: spreads `value` over all bits.
inline std::uint64_t Spread(std::uint64_t value) {
  value += 0x9E3779B97F4A7C15;
  value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
  value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
  return value ^ (value >> 31);
}

class Random {
 public:
  explicit Random(std::uint64_t seed) {
    for (std::size_t i = 0; i < state_.size(); ++i) state_[i] = Spread(seed * 4 + i);
  }
  Random(const Random&) = delete;
  Random& operator=(const Random&) = delete;

  std::uint64_t Next() {
    const std::uint64_t result = Rotate(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = Rotate(state_[3], 45);
    return result;
  }

  // 0 to `end` - 1. The bias of the remainder is nothing to a simulation. REQUIRES: end > 0.
  std::uint64_t Below(std::uint64_t end) { return Next() % end; }

  // `first` to `last`, both included.
  std::uint64_t Between(std::uint64_t first, std::uint64_t last) {
    return first + Below(last - first + 1);
  }
  Duration Between(Duration first, Duration last) {
    return first + Duration(static_cast<std::int64_t>(
                       Below(static_cast<std::uint64_t>((last - first).count()) + 1)));
  }

  bool OneIn(std::uint64_t count) { return Below(count) == 0; }

  template <typename Element>
  const Element& Pick(const std::vector<Element>& elements) {
    return elements[Below(elements.size())];
  }

 private:
  static std::uint64_t Rotate(std::uint64_t value, int bits) {
    return (value << bits) | (value >> (64 - bits));
  }

  std::array<std::uint64_t, 4> state_{};
};

}  // namespace epu::sim
