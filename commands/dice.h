#pragma once

#include <cstdint>
#include <initializer_list>

// What happens in a property test: chosen by its seed.

namespace epu {

// The same numbers for the same seed, on any machine (SplitMix64).
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Below(std::uint64_t bound) {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return (mixed ^ (mixed >> 31)) % bound;
  }
  template <typename Choice>
  Choice Of(std::initializer_list<Choice> choices) {
    return choices.begin()[Below(choices.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace epu
