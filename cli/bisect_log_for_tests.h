#pragma once

#include <vector>

#include "commands/given.h"
#include "eventlog/check.h"
#include "eventlog/codec.h"
#include "eventlog/memory_log.h"

// A log that the production Decide made, in which a queue above its mark adds a second worker.

namespace epu {

// Fills `log`, which is empty, and returns the sequence of that decision, the last.
inline Sequence PutBisected(MemoryLog& log) {
  Given given;
  given.Pool("crunch", "queuelen",
             "sensor=queue queuelen_high_water=100 queuelen_low_water=10 min_instances=1 "
             "max_instances=8 reading_age_max=1h");
  given.Review("crunch").Runs("crunch", 1);
  given.Later(std::chrono::seconds(10)).Reads("crunch", 132).Review("crunch");
  std::vector<Record> records;
  Sequence decision = 0;
  for (const Event& event : given.events()) {
    records.push_back(Encode(event));
    if (std::holds_alternative<DecisionMade>(event.payload)) decision = event.sequence;
  }
  CHECK(log.Append(0, records, Reserve::kKeep).ok());
  return decision;
}

}  // namespace epu
