#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "eventlog/definition.h"
#include "eventlog/ids.h"
#include "eventlog/time.h"

// What a launch plan declares: the services of the base system, booted level by level; and the
// words of the vocabulary (event.h) that say how far each has come.

namespace epu {

// A program of a service: taken to the machine of the service, and run there.
struct ServiceProgram {
  std::string path;  // On the launcher's machine, absolute; what ends in .tar.gz is unpacked and
                     // its run.sh is run. Empty: there is none. May hold references.
  std::string arguments;  // Split as a shell line is, before references in them are filled in.
  auto operator<=>(const ServiceProgram&) const = default;
};

// A service as its plan has it: values of its own before those of its cloud, and those before the
// defaults. References ("${broker.hostname}") stand as they were written.
struct ServiceDefinition {
  std::string name;
  std::uint32_t level = 0;  // Boots when every service of a lower level is verified.
  std::string cloud;        // "cloud-ec2", as the plan names it; empty: none.
  std::string driver;       // Of the site that it gets a machine of its own from: "process".
                            // Empty: it runs on a host that is there already.
  std::string hostname;     // Of that host; empty: of its own machine. May hold references.
  std::string image;        // What its machine is made of, by the site's own words, as are these:
  std::string allocation;
  std::string security_groups;
  std::string key_name;
  std::string ssh_user;  // Empty: whom ssh takes.
  std::string scp_user;  // Empty: ssh_user.
  std::string ssh_key;   // Path of a private key on the launcher's machine; empty: those of ssh.
  bool local = false;    // Its programs run on the launcher's machine, whatever its host.
  std::string boot_template;  // Path of the boot configuration: a text with "${name}" of its own
                              // attributes. Empty: none.
  ServiceProgram boot;        // Once on each machine,
  ServiceProgram ready;       // at each verification: 0 is ready,
  ServiceProgram terminate;   // before its machine is ended.
  Duration program_timeout = std::chrono::minutes(20);  // Of each.
  std::vector<Variable> attributes;  // By its deps files, one of a name. A secret's value is the
                                     // name of a file of the run's keys.
  auto operator<=>(const ServiceDefinition&) const = default;
};

// The original's codes. They go down only where a service starts anew on another machine.
enum class ServiceState : std::uint16_t {
  kInitial = 0,         // No machine.
  kLaunched = 2,        // Its machine is there.
  kContextualized = 4,  // Its boot program has succeeded; or it has none.
  kTerminated = 6,      // Ended, and its machine gone.
};

// What is done to a service, one at a time, each recorded before and after.
enum class ServiceStep : std::uint16_t {
  kMachine = 1,  // A machine is asked of the site.
  kReach,        // Its host is waited for until it takes programs.
  kBoot,         // The boot program is run: never twice on one machine.
  kReady,        // The ready program is run.
  kTerminate,    // The terminate program is run.
  kEnd,          // The machine is ended, until a listing lacks it.
};

// What a launcher set out to do with all services of a launch, level by level.
enum class WalkKind : std::uint16_t {
  kBoot = 1,   // Machines, programs, verification; ends at a level that fails.
  kVerify,     // Ready programs alone, of all levels.
  kRepair,     // The same, and what fails is ended and booted again, twice at most.
  kReboot,     // All is ended, then booted.
  kTerminate,  // All is ended, the highest level first, and faults hold up nothing.
  kClean,      // Machines are ended that are no service's current one.
};

enum class WalkEnd : std::uint16_t {
  kDone = 1,
  kFailed,       // A service failed.
  kInterrupted,  // By its operator; it goes on where it was when it is asked for again.
};

// ---- Names ----

std::string_view ServiceStateName(ServiceState state);  // "launched"
std::string_view StepName(ServiceStep step);            // "boot"
std::string_view WalkName(WalkKind kind);               // "repair"
std::string_view WalkEndName(WalkEnd end);              // "failed"

}  // namespace epu
