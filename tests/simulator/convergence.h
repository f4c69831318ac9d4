#pragma once

#include <memory>
#include <string>
#include <vector>

#include "eventlog/time.h"
#include "projections/state.h"
#include "tests/simulator/simulated_site.h"
#include "tests/simulator/verdict.h"

namespace epu::sim {

// What is still not as it should be in a world without faults; empty where all is. Every pool that
// is not removed, has an engine that decides and has not failed in development mode is to have its
// wanted size in healthy workers that run and are listed, or no more than that where launching is
// disabled; no worker is on its way; and the machines that are alive are those of the workers.
std::string WhatIsMissing(const State& state,
                          const std::vector<std::unique_ptr<SimulatedSite>>& sites, Time now);

// The same for what must hold once nothing is missing: unique instances once each, removed pools
// without machines, no machine that no worker accounts for.
void JudgeRest(const State& state, const std::vector<std::unique_ptr<SimulatedSite>>& sites,
               Time now, Verdict& verdict);

}  // namespace epu::sim
