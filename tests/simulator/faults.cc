#include "tests/simulator/faults.h"

namespace epu::sim {
namespace {

// In 10,000 opportunities.
constexpr std::uint32_t kWhole = 10'000;

struct FaultEntry {
  std::string_view name;
  std::uint32_t chance_max;  // At its strongest, in 10,000 opportunities.
};

// In the order of Fault.
constexpr std::array<FaultEntry, kFaultCount> kFaults = {{
    {"append: fails, not written", 400},
    {"append: written, reported unknown", 400},
    {"disk: full for a while", 60},
    {"log: cannot be read", 50},
    {"process: gone between two calls", 200},
    {"process: gone before an append", 300},
    {"process: gone after an append", 300},
    {"process: gone before a driver's call", 250},
    {"process: gone after a driver's call", 800},
    {"process: draws a used epoch", 4000},
    {"launch: done, answer lost", 4000},
    {"launch: done later, answer unknown", 4000},
    {"launch: never done, answer unknown", 4000},
    {"launch: no room", 2000},
    {"launch: refused for good", 1000},
    {"listing: fails", 1000},
    {"listing: lacks a new machine", 4000},
    {"listing: shows an ended machine", 4000},
    {"end: fails", 1500},
    {"end: has to be asked for again", 2000},
    {"site: a call takes seconds", 1000},
    {"machine: ends unasked", 200},
    {"machine: is never heard", 1500},
    {"machine: silent for a while", 200},
    {"machine: loses its agent", 150},
    {"machine: its process fails", 200},
    {"machine: of another history", 30},
    {"message: lost", 2000},
    {"message: doubled", 1500},
    {"message: late, overtaken", 3000},
    {"answer: lost", 2500},
    {"server: busy", 500},
    {"reports: lost", 1500},
    {"reports: doubled", 1500},
    {"time: leaps", 30},
}};

}  // namespace

std::string_view FaultName(Fault fault) { return kFaults[static_cast<std::size_t>(fault)].name; }

Faults::Faults(Random& random, FaultCounts& fired) : random_(random), fired_(fired) {
  // One seed in sixteen is a world without faults; in the others each fault is there or not, and at
  // most an eighth to all of its strongest.
  if (random_.OneIn(16)) return;
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    if (random_.OneIn(2)) chances_[i] = 1 + (kFaults[i].chance_max >> random_.Below(4));
  }
}

bool Faults::Fires(Fault fault) {
  const auto index = static_cast<std::size_t>(fault);
  if (stopped_ || chances_[index] == 0 || random_.Below(kWhole) >= chances_[index]) return false;
  ++fired_[index];
  return true;
}

}  // namespace epu::sim
