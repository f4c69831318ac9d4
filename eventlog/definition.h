#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "eventlog/ids.h"
#include "eventlog/time.h"

// What an operator declares: sites, and EPUs with their engine's settings, worker, health windows
// and sensors. Recorded complete, defaults filled in, so that a fold needs no other table.

namespace epu {

struct Variable {
  std::string name;
  std::string value;  // Of a secret the name of a file of the run's keys, read at each launch.
  bool secret = false;
  auto operator<=>(const Variable&) const = default;
};

// One worker of its own kind in a pool: replaced under its own key, with variables of its own.
struct UniqueInstance {
  std::string key;
  std::vector<Variable> variables;
  auto operator<=>(const UniqueInstance&) const = default;
};

// A time zone. What decides is the rule by which its clocks are set, a POSIX TZ rule
// ("CET-1CEST,M3.5.0,M10.5.0/3"), recorded with the name it was found under: whatever a time zone
// database says of that name later, a decision stays what it was.
struct TimeZone {
  std::string name;
  std::string rule;
  bool operator==(const TimeZone&) const = default;
};

// From `minute` of each of `days` on there are to be `count` workers, until the next entry.
struct ScheduleEntry {
  std::uint8_t days = 0;     // Bit 0 is Monday, bit 6 is Sunday.
  std::uint16_t minute = 0;  // Since midnight, as clocks show it.
  std::uint32_t count = 0;
  bool operator==(const ScheduleEntry&) const = default;
};
using Schedule = std::vector<ScheduleEntry>;

// The value of one key of an engine's configuration.
using Value = std::variant<std::int64_t, double, bool, std::string, Duration,
                           std::vector<UniqueInstance>, TimeZone, Schedule>;

struct Setting {
  std::string key;
  Value value;
  bool operator==(const Setting&) const = default;
};

// A sensor is read by epud from a directory or a program, or its readings come from outside by
// `sensor put`.
struct PutSource {
  bool operator==(const PutSource&) const = default;
};
struct SpoolSource {
  std::string
      directory;  // Waiting files are the reading, files in its in-progress/ the second number.
  bool operator==(const SpoolSource&) const = default;
};
struct ExecSource {
  std::vector<std::string> command;  // Prints one number; never run by a shell.
  Duration timeout{};
  bool operator==(const ExecSource&) const = default;
};
using SensorSource = std::variant<PutSource, SpoolSource, ExecSource>;

struct SensorDefinition {
  SensorNumber number{};  // Given by the server; 0 in a file that is being applied.
  std::string name;
  SensorSource source;
  Duration every{};  // How often epud reads it; 0 for readings from outside.
  bool operator==(const SensorDefinition&) const = default;
};

struct WorkerDefinition {
  SiteNumber site{};      // Given by the server; 0 in a file that is being applied.
  std::string site_name;  // As written; the number says which site of that name was meant.
  std::vector<std::string> command;  // Never run by a shell.
  std::vector<Variable> environment;
  Duration stop_grace{};     // Between SIGTERM and SIGKILL.
  Duration drain_timeout{};  // How long a busy worker that is retired may go on; 0: not at all.
  bool operator==(const WorkerDefinition&) const = default;
};

// The windows of the doctor, with the original's meaning.
struct HealthDefinition {
  bool monitor = true;
  Duration boot_timeout{};     // From started, or from RUNNING, to the first heartbeat.
  Duration missing_timeout{};  // Between heartbeats.
  Duration zombie_timeout{};   // How long after its end a worker may still be heard.
  bool operator==(const HealthDefinition&) const = default;
};

// A policy that decides beside the pool's own, from the same inputs, and is never acted on.
struct ShadowDefinition {
  std::string name;
  std::string engine;
  std::vector<Setting> settings;  // As those of an EPU.
  bool operator==(const ShadowDefinition&) const = default;
};

struct EpuDefinition {
  std::string name;
  std::string engine;
  std::vector<Setting> settings;  // Every key of the engine, in the order of its table.
  WorkerDefinition worker;
  HealthDefinition health;
  std::vector<SensorDefinition> sensors;
  std::vector<ShadowDefinition> shadows = {};
  bool operator==(const EpuDefinition&) const = default;
};

struct SiteDefinition {
  std::string name;
  std::string driver;
  std::uint32_t max_workers = 0;  // Machines of all EPUs together, requests in flight included.
  std::string credentials;        // The name of a file of the run's keys; never a secret.
  bool operator==(const SiteDefinition&) const = default;
};

}  // namespace epu
