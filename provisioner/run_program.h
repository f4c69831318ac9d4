#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "eventlog/time.h"

namespace epu {

enum class ProgramEnd { kNotStarted, kExit, kSignal, kTimeout };

struct ProgramOutcome {
  ProgramEnd end{};
  int code = 0;        // The exit status or the signal.
  std::string output;  // Its first bytes, as many as its limits say.
  std::string errors;  // The same of stderr; of a program that was not started, why.
};

// How it ended, where that is not well: "exit 3: no such queue", "killed by signal 9", "no answer
// within 5s"; empty where it is. `timeout` is what it had.
std::string FailureText(const ProgramOutcome& outcome, Duration timeout);

inline constexpr std::size_t kProgramOutputMax = 4096;

struct ProgramLimits {
  Duration timeout{};
  std::size_t output_max = kProgramOutputMax;  // Of its output, and of its errors.
  bool leave_on_stop = false;  // Whether `stop` leaves it running, to whatever becomes of it.
  std::string directory = "/";  // Where it starts.
};

// Runs a program to its end, at most for its timeout or until `stop` (which counts as one): no
// shell, nothing to read, a session of its own, this process's environment. Whatever is left of its
// process group is then killed, so that a call leaves nothing behind but what fled into another
// session. What it prints beyond the limit is thrown away.
ProgramOutcome RunProgram(const std::vector<std::string>& command, const ProgramLimits& limits,
                          std::stop_token stop = {});

}  // namespace epu
