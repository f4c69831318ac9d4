#include "cli/sensors.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <limits>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "engines/values.h"
#include "eventlog/overloaded.h"
#include "provisioner/run_program.h"

namespace epu {
namespace {

namespace files = std::filesystem;

constexpr std::string_view kInProgress = "in-progress";

SampledReading Failed(std::string error) { return {Broken{CutText(error)}, std::nullopt}; }

// ---- Schedule ----

struct Candidate {
  DueSensor sensor;
  Time due{};
};

// Every sensor that epud reads, with the time at which it is to be read again.
std::vector<Candidate> Candidates(const State& state, const SampleTimes& sampled) {
  std::vector<Candidate> candidates;
  for (const auto& [epu_number, epu] : state.epus) {
    if (epu.removed || epu.removing) continue;
    for (const auto& [number, sensor] : epu.sensors) {
      if (std::holds_alternative<PutSource>(sensor.definition.source)) continue;
      const auto last = sampled.find(number);
      const Time due = last == sampled.end() ? Time::min() : last->second + sensor.definition.every;
      candidates.push_back({{epu.definition.name, sensor.definition}, due});
    }
  }
  return candidates;
}

bool IsProgram(const Candidate& candidate) {
  return std::holds_alternative<ExecSource>(candidate.sensor.definition.source);
}

// ---- Directories ----

bool IsWritten(std::string_view name) {
  return !name.starts_with('.') && !name.ends_with('~') && !name.ends_with(".tmp") &&
         !name.ends_with(".part");
}

struct Contents {
  double files = 0;
  std::vector<files::path> directories;
  std::error_code error;
};

// What is in `directory`, as far as names and kinds go. A name that vanishes meanwhile is not
// there.
Contents Look(const files::path& directory) {
  Contents contents;
  files::directory_iterator entry(directory, contents.error);
  while (!contents.error && entry != files::directory_iterator()) {
    std::error_code vanished;
    const files::file_status status = entry->symlink_status(vanished);
    if (!vanished && status.type() == files::file_type::directory) {
      contents.directories.push_back(entry->path());
    } else if (!vanished && status.type() != files::file_type::not_found &&
               IsWritten(entry->path().filename().string())) {
      contents.files += 1;
    }
    entry.increment(contents.error);
  }
  return contents;
}

SampledReading Unreadable(const files::path& directory, const std::error_code& error) {
  return Failed(fmt::format("cannot read {}: {}", directory.string(), error.message()));
}

bool IsMissing(const std::error_code& error) {
  return error == std::errc::no_such_file_or_directory;
}

}  // namespace

std::vector<DueSensor> DueSensors(const State& state, const SampleTimes& sampled, Time now) {
  std::vector<Candidate> candidates = Candidates(state, sampled);
  std::erase_if(candidates, [&](const Candidate& candidate) { return candidate.due > now; });
  std::stable_sort(candidates.begin(), candidates.end(), [](const auto& left, const auto& right) {
    if (IsProgram(left) != IsProgram(right)) return IsProgram(right);
    return left.due < right.due;
  });
  std::vector<DueSensor> due;
  for (Candidate& candidate : candidates) due.push_back(std::move(candidate.sensor));
  return due;
}

Time NextSensorTime(const State& state, const SampleTimes& sampled, Time now) {
  Time next = Time::max();
  for (const Candidate& candidate : Candidates(state, sampled)) {
    next = std::min(next, std::max(candidate.due, now));
  }
  return next;
}

PutReading Sample(const std::string& epu, const SensorDefinition& sensor, std::stop_token stop) {
  const auto begun = std::chrono::steady_clock::now();
  PutReading order;
  order.epu = epu;
  order.sensor = sensor.name;
  SampledReading reading;
  if (const auto* spool = std::get_if<SpoolSource>(&sensor.source)) {
    reading = SpoolReading(spool->directory);
    order.source = "spool " + spool->directory;
  } else if (const auto* exec = std::get_if<ExecSource>(&sensor.source)) {
    reading = ExecReading(exec->command, exec->timeout, std::move(stop));
    order.source = "exec " + exec->command.at(0);
  }
  order.measure = std::move(reading.measure);
  order.in_progress = reading.in_progress;
  // What was looked at may be as old as the look was long.
  order.age = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begun);
  return order;
}

// What waits is counted before what is in progress: a file that a worker takes meanwhile is counted
// twice for once, rather than not at all, and a pool is not ended under its work.
SampledReading SpoolReading(const std::string& directory) {
  const Contents waiting = Look(directory);
  if (waiting.error) return Unreadable(directory, waiting.error);
  SampledReading reading{waiting.files, std::nullopt};

  const files::path in_progress = files::path(directory) / kInProgress;
  const Contents taken = Look(in_progress);
  if (IsMissing(taken.error)) return reading;
  if (taken.error) return Unreadable(in_progress, taken.error);
  double count = taken.files;
  for (const files::path& worker : taken.directories) {
    const Contents of_worker = Look(worker);
    if (of_worker.error && !IsMissing(of_worker.error)) return Unreadable(worker, of_worker.error);
    count += of_worker.files;
  }
  reading.in_progress = count;
  return reading;
}

SampledReading ExecReading(const std::vector<std::string>& command, Duration timeout,
                           std::stop_token stop) {
  const ProgramOutcome outcome = RunProgram(command, {timeout}, std::move(stop));
  const std::string failure = FailureText(outcome, timeout);
  return failure.empty() ? SampledReading{ParseReading(outcome.output), std::nullopt}
                         : Failed(failure);
}

Measure ParseReading(const std::string& text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const std::size_t first = text.find_first_not_of(kBlank);
  if (first == text.npos) return Broken{"printed nothing"};
  const std::string trimmed = text.substr(first, text.find_last_not_of(kBlank) - first + 1);
  const absl::StatusOr<Value> value = ParseValue(KeyType::kNumber, trimmed);
  if (value.ok()) return std::get<double>(*value);
  constexpr std::size_t kShown = 100;
  return Broken{fmt::format("printed \"{}\", which is no number", trimmed.substr(0, kShown))};
}

}  // namespace epu
