#pragma once

#include <string>
#include <vector>

#include "eventlog/definition.h"

// What differs between two declarations, a key at a time, with the paths of the configuration file.
// Numbers that the server gives are no part of it. Pure.

namespace epu {

struct FieldChange {
  std::string key;     // "config.max_instances", "worker.command", "sensors.queue"
  std::string before;  // As a person writes it; "-" where there was none.
  std::string after;   // The same; "-" where there is none any more.
  bool operator==(const FieldChange&) const = default;
};

std::vector<FieldChange> Differences(const EpuDefinition& before, const EpuDefinition& after);
std::vector<FieldChange> Differences(const SiteDefinition& before, const SiteDefinition& after);

// The engine's settings in short, those at their defaults left out: "preserve_n 2".
std::string SettingsInShort(const EpuDefinition& definition, const std::vector<Setting>& defaults);

}  // namespace epu
