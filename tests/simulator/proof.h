#pragma once

#include <cstdint>
#include <map>

#include "commands/command.h"
#include "engines/catalog.h"
#include "eventlog/memory_log.h"
#include "projections/state.h"
#include "tests/simulator/verdict.h"

namespace epu::sim {

// Decides the log again, from nothing: each review and each client's command in the state before
// it, at its recorded time, and compares the records that come out with those that are stored, byte
// for byte. A review is then asked once more on its own result, and must find nothing. Then the
// fold must be `folded`, which was made on the way, and a replay (commands/replay.h) must agree.
// `given` are the commands that clients gave.
void ProveLog(const MemoryLog& disk, const EngineCatalog& catalog,
              const std::map<CommandId, Command>& given, const State& folded, Verdict& verdict);

// A number that two logs share only if they hold the same records.
std::uint64_t HashOf(const MemoryLog& disk);

}  // namespace epu::sim
