#pragma once

#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "commands/command.h"
#include "eventlog/definition.h"
#include "projections/state.h"

// The sensors that epud reads itself: which are due, and one reading of each. Directories are read
// at once, by one thread in turn; a program may take as long as its timeout and therefore has a
// thread of its own, so that one that hangs delays no other.

namespace epu {

struct DueSensor {
  std::string epu;
  SensorDefinition definition;
  bool operator==(const DueSensor&) const = default;
};

// When each sensor was last read; lost with the process, and then all are due.
using SampleTimes = std::map<SensorNumber, Time>;

// The sensors of living EPUs that are to be read at `now`: directories first, each kind by how long
// it has waited. Pure.
std::vector<DueSensor> DueSensors(const State& state, const SampleTimes& sampled, Time now);

// When the next sensor is due; `now` where one is already, Time::max() where there is none. Pure.
Time NextSensorTime(const State& state, const SampleTimes& sampled, Time now);

// Reads a sensor and says what there is to report of it. Takes as long as its program, at most its
// timeout, or until `stop`. REQUIRES: it is read by epud, that is, its source is no PutSource.
PutReading Sample(const std::string& epu, const SensorDefinition& sensor,
                  std::stop_token stop = {});

// ---- The two sources ----

struct SampledReading {
  Measure measure = Absent{};
  std::optional<double> in_progress;
  bool operator==(const SampledReading&) const = default;
};

// The files that wait at the top of `directory`, and those in progress: in its directory
// in-progress/ and one level of directories below that (one a worker). Names that begin with a dot
// or end in .tmp, .part or ~ are files that are still being written, and do not count; nor do
// directories. Without an in-progress/ nothing is said of work in progress.
SampledReading SpoolReading(const std::string& directory);

// What `command` prints, which is to be one number and nothing else. Whatever it has started in its
// session is killed with it once it has ended or `timeout` has passed.
SampledReading ExecReading(const std::vector<std::string>& command, Duration timeout,
                           std::stop_token stop = {});

// The one number in `text`, blanks and line ends around it apart; Broken for anything else, nan and
// infinities among it.
Measure ParseReading(const std::string& text);

}  // namespace epu
