#pragma once

#include <cstdint>
#include <functional>
#include <istream>
#include <string>

#include <absl/status/status.h>

#include "eventlog/ids.h"

// A log made anew from the lines of an export: the same records under the same sequences. What a
// line tells must be what its record says.

namespace epu {

struct Imported {
  std::string log_id;
  Sequence events = 0;      // That were taken,
  std::uint64_t bytes = 0;  // and of their records.

  // kInvalidArgument for what is no line of an export, or a part of one; kDataLoss for a damaged
  // record, and one that says another thing than its line; other errors are the directory's.
  absl::Status fault;
  std::uint64_t line = 0;  // At which it was found, from 1; 0 where it is about none.
};

// Writes a log into `directory`, which is made. What it leaves there after a fault is no log.
// `progress` is told how many events of how many are taken.
Imported ImportLog(std::istream& in, const std::string& directory,
                   const std::function<void(Sequence, Sequence)>& progress);

}  // namespace epu
