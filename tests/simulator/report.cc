#include "tests/simulator/report.h"

#include <algorithm>

#include <fmt/format.h>

#include "tests/simulator/trace.h"
#include "tests/simulator/world.h"

namespace epu::sim {

namespace {

// "label: this 12, that 0, …", broken into lines.
template <typename Counts, typename Name>
std::string FormatCounts(std::string_view label, const Counts& counts, Name name) {
  std::string text = fmt::format("{}:", label);
  std::size_t line = text.size();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const std::string count = fmt::format(" {} {},", name(i), counts[i]);
    if (line + count.size() > 100) text += "\n   ";
    line = line + count.size() > 100 ? 3 + count.size() : line + count.size();
    text += count;
  }
  text.back() = '\n';
  return text;
}

std::string FormatReached(const Reached& reached) {
  return FormatCounts("events", reached.kinds, [](std::size_t i) { return KindNames()[i]; }) +
         FormatCounts(
             "reasons", reached.reasons,
             [](std::size_t i) { return i == 0 ? "none" : ReasonName(static_cast<Reason>(i)); }) +
         FormatCounts(
             "constraints", reached.constraints,
             [](std::size_t i) { return ConstraintName(static_cast<ConstraintKind>(i)); }) +
         FormatCounts("health", reached.healths,
                      [](std::size_t i) { return HealthName(static_cast<Health>(i)); });
}

}  // namespace

std::string FormatTally(const Tally& tally) {
  std::string text =
      fmt::format("{:<34} {:>9}   {:<30} {:>10}\n", "fault", "fired", "check", "checked");
  for (std::size_t i = 0; i < std::max(kFaultCount, kCheckCount); ++i) {
    text += i < kFaultCount
                ? fmt::format("{:<34} {:>9}", FaultName(static_cast<Fault>(i)), tally.fired[i])
                : std::string(44, ' ');
    if (i < kCheckCount) {
      text += fmt::format("   {:<30} {:>10}", CheckName(static_cast<Check>(i)), tally.checked[i]);
    }
    text += '\n';
  }
  text += FormatReached(tally.reached);
  return text + fmt::format(
                    "{} steps with faults, {} to converge; {} events, {} machines, {} servers\n",
                    tally.steps, tally.settling_steps, tally.events, tally.machines, tally.servers);
}

std::vector<std::string> WhatNeverHappened(const Tally& tally) {
  std::vector<std::string> never;
  for (std::size_t i = 0; i < kFaultCount; ++i) {
    if (tally.fired[i] == 0) never.emplace_back(FaultName(static_cast<Fault>(i)));
  }
  for (std::size_t i = 0; i < kCheckCount; ++i) {
    if (tally.checked[i] == 0) never.emplace_back(CheckName(static_cast<Check>(i)));
  }
  return never;
}

std::string TellLast(std::uint64_t seed, std::uint64_t steps) {
  Tally tally;
  Trace trace(Trace::Telling::kLast);
  World(seed, tally, trace).Run(steps);
  std::string text;
  for (const std::string& line : trace.last()) text += line + '\n';
  return text;
}

}  // namespace epu::sim
