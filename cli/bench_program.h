#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "cli/bench_setting.h"
#include "provisioner/run_program.h"

// epumgmt as a program, measured from its start to its end: what an operator waits for.

namespace epu {

struct ProgramTime {
  double ms = 0;
  std::string output;  // As far as RunProgram keeps it.
};

// `epumgmt` with these words. An error where it does not end with 0.
absl::StatusOr<ProgramTime> TimeProgram(const BenchSetting& setting,
                                        std::vector<std::string> words);

// The times of `rounds` such programs, in milliseconds, each with the words of its round.
absl::StatusOr<std::vector<double>> TimePrograms(
    const BenchSetting& setting, int rounds,
    const std::function<std::vector<std::string>(int)>& words);

// The row of such times; its figure is the median, or the slowest where each is to be below.
enum class Figure { kMedian, kSlowest };
BenchRow ProgramRow(std::string name, const std::vector<double>& times, Figure figure, double below,
                    std::string_view note);

}  // namespace epu
