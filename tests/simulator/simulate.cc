#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "tests/simulator/report.h"
#include "tests/simulator/world.h"

// simulate SEED [STEPS]         the world of one seed, and everything that happens in it
// simulate FIRST-LAST [STEPS]   those of many seeds, and what they add up to
// Ends with 1 where a world fails.

namespace epu::sim {
namespace {

constexpr std::uint64_t kSteps = 500;

int SimulateOne(std::uint64_t seed, std::uint64_t steps) {
  Tally tally;
  Trace trace(Trace::Telling::kEverything);
  const RunResult result = World(seed, tally, trace).Run(steps);
  std::printf("\n%sseed %llu %s\n", FormatTally(tally).c_str(),
              static_cast<unsigned long long>(seed),
              result.failure.empty() ? "holds" : result.failure.c_str());
  return result.failure.empty() ? 0 : 1;
}

int SimulateMany(std::uint64_t first, std::uint64_t last, std::uint64_t steps) {
  Tally tally;
  std::uint64_t failures = 0;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    Trace trace(Trace::Telling::kNothing);
    const RunResult result = World(seed, tally, trace).Run(steps);
    if (result.failure.empty()) continue;
    ++failures;
    std::printf("seed %llu %s\n", static_cast<unsigned long long>(seed), result.failure.c_str());
  }
  std::printf("%s%llu of %llu seeds fail\n", FormatTally(tally).c_str(),
              static_cast<unsigned long long>(failures),
              static_cast<unsigned long long>(last - first + 1));
  return failures == 0 ? 0 : 1;
}

}  // namespace
}  // namespace epu::sim

int main(int count, char** arguments) {
  if (count < 2 || count > 3) {
    std::fprintf(stderr, "usage: simulate SEED|FIRST-LAST [STEPS]\n");
    return 2;
  }
  const std::uint64_t steps =
      count == 3 ? std::strtoull(arguments[2], nullptr, 10) : epu::sim::kSteps;
  char* rest = nullptr;
  const std::uint64_t first = std::strtoull(arguments[1], &rest, 10);
  if (*rest != '-') return epu::sim::SimulateOne(first, steps);
  return epu::sim::SimulateMany(first, std::strtoull(rest + 1, nullptr, 10), steps);
}
