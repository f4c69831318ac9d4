#pragma once

#include <string>

#include <absl/status/statusor.h>

#include "cli/verbs.h"
#include "cli/zone.h"
#include "commands/command.h"

namespace epu {

// `sensor put EPU/SENSOR VALUE | --absent | --broken TEXT`
struct SensorArguments {
  std::string sensor;
  std::string value;
  bool absent = false;
  std::string broken;
  std::string taken;        // --taken TIME
  std::string in_progress;  // --in-progress N
};

void BindSensor(CLI::App& app, SensorArguments& arguments);
Exit RunSensor(Context& context, const SensorArguments& arguments);

// What was typed, as an order. A time becomes an age, because the server's clock is another one.
// Pure.
absl::StatusOr<PutReading> ParsePut(const SensorArguments& arguments, Time now, Zone zone);

}  // namespace epu
