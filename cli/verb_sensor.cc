#include "cli/verb_sensor.h"

#include <utility>

#include <fmt/format.h>

#include "cli/change.h"
#include "cli/change_words.h"
#include "cli/describe.h"
#include "cli/reference.h"
#include "commands/decide.h"

namespace epu {

void BindSensor(CLI::App& app, SensorArguments& arguments) {
  app.require_subcommand(1);
  CLI::App* put = app.add_subcommand("put", "hand in a reading");
  put->fallthrough();
  put->add_option("sensor", arguments.sensor, "EPU/SENSOR")->required();
  CLI::Option* value = put->add_option("value", arguments.value, "a number");
  CLI::Option* absent = put->add_flag("--absent", arguments.absent, "the sensor says nothing");
  CLI::Option* broken = put->add_option("--broken", arguments.broken, "the sensor failed, and how");
  absent->excludes(value)->excludes(broken);
  broken->excludes(value);
  put->add_option("--taken", arguments.taken, "when it was read: a time, or an age like 10s");
  put->add_option("--in-progress", arguments.in_progress, "work that was taken and is not done");
}

absl::StatusOr<PutReading> ParsePut(const SensorArguments& arguments, Time now, Zone zone) {
  const absl::StatusOr<SensorWords> words = ParseSensor(arguments.sensor);
  if (!words.ok()) return words.status();
  PutReading put;
  put.epu = words->epu;
  put.sensor = words->sensor;
  if (!arguments.broken.empty()) {
    put.measure = Broken{CutText(arguments.broken)};
  } else if (!arguments.value.empty()) {
    const absl::StatusOr<double> value = ParseReadingValue(arguments.value);
    if (!value.ok()) return value.status();
    put.measure = *value;
  } else if (!arguments.absent) {
    return absl::InvalidArgumentError("a number, --absent or --broken TEXT is due");
  }
  if (!arguments.in_progress.empty()) {
    const absl::StatusOr<double> in_progress = ParseReadingValue(arguments.in_progress);
    if (!in_progress.ok()) return in_progress.status();
    put.in_progress = *in_progress;
  }
  if (arguments.taken.empty()) return put;
  const absl::StatusOr<Time> taken = ParseTime(arguments.taken, now, zone);
  if (!taken.ok()) return taken.status();
  put.age = now - *taken;
  if (put.age >= -kReadingAheadMax) return put;
  return absl::InvalidArgumentError(
      fmt::format("--taken {} is {} in the future; at most {} are allowed", arguments.taken,
                  FormatDuration(-put.age), FormatDuration(kReadingAheadMax)));
}

Exit RunSensor(Context& context, const SensorArguments& arguments) {
  const Zone zone = context.GetOptions().local ? Zone::kLocal : Zone::kUtc;
  absl::StatusOr<PutReading> put = ParsePut(arguments, context.Now(), zone);
  if (!put.ok()) return context.Fail(put.status());
  const std::string text = ReadingText(arguments.sensor, put->measure, put->in_progress);
  std::vector<std::string> words = {"sensor", "put", arguments.sensor};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) words.insert(words.end(), {name, value});
  };
  if (!arguments.value.empty()) words.push_back(arguments.value);
  if (arguments.absent) words.push_back("--absent");
  add("--broken", arguments.broken);
  add("--taken", arguments.taken);
  add("--in-progress", arguments.in_progress);
  CommandSender sender(context, std::move(words));
  const absl::StatusOr<Answer> answer = sender.Send(*put, text);
  if (!answer.ok()) return context.Fail(answer.status());
  return Finish(context, *answer, text + "\n", {{"sensor", arguments.sensor}});
}

}  // namespace epu
