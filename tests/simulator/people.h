#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "commands/command.h"
#include "projections/state.h"
#include "tests/simulator/random.h"

// What people and sensors say: orders drawn at random, sensible ones and wrong ones.

namespace epu::sim {

// What a world is made of; drawn once.
struct Cast {
  std::vector<std::string> sites;
  std::vector<std::string> pools;
};
Cast DrawCast(Random& random);

// Declares every site and pool of the cast.
Apply DeclareAll(const Cast& cast, Random& random);

// What an operator may do next, who knows `known`.
Order DrawOrder(const Cast& cast, const State& known, Random& random);

// What a sensor may say next of the one pool that has one.
PutReading DrawReading(Random& random);

// The orders that leave every pool free to reach its size: generous limits, launching allowed,
// nothing paused.
std::vector<Order> FinalOrders(const Cast& cast);

// The reading from the end of the faults on; `work` picks among none, some and much.
PutReading FinalReading(std::uint64_t work);

}  // namespace epu::sim
