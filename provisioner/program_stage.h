#pragma once

#include <string>

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "provisioner/run_program.h"
#include "provisioner/service_host.h"

// What is laid on a host to run a program there, and the script that runs it at most once. The same
// for this machine and for one that ssh leads to.
//
// The script makes a mark (a directory, which one of many makers alone succeeds to make), starts
// the program in a session of its own, and waits for its end; called again for the same mark it
// waits, or tells the end. So neither the death of a launcher nor a lost connection ends a program
// or has it run twice.
//
//   PROGRAM, bootconf.json, bootenv.sh   what the original's programs expect beside them
//   .run.sh, .environment.sh             the script, and what it exports
//   .marks/TOKEN/                        process, out, err, status, bootout.json

namespace epu {

// Lays all that `run` needs into `directory`, which is made; what is there of an earlier run is
// replaced.
absl::Status LayOut(const ProgramRun& run, const std::string& directory);

// The command line, for a POSIX shell in that directory, that runs what was laid out.
std::string RunLine(const ProgramRun& run);

// The command line, for a POSIX shell, that ends the programs that were laid out in `directory` and
// still run, with their sessions, those whose tokens begin with `tokens`; and removes it. Ending
// takes some ten seconds at most.
std::string RemoveLine(const std::string& directory, const std::string& tokens);
inline constexpr Duration kRemoveMax = std::chrono::minutes(2);

// What the script printed, taken apart; what the program printed is added to the run's log.
//   kInternal  it is nothing that the script prints
absl::StatusOr<ProgramResult> ReadReport(const ProgramRun& run, const std::string& report);

// What the script prints is at most this long.
inline constexpr std::size_t kReportMax = 256 * 1024;

// A bootout.json beyond this is refused.
inline constexpr std::size_t kDocumentMax = 64 * 1024;

}  // namespace epu
