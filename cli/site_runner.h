#pragma once

#include <string>

#include "cli/journal.h"
#include "projections/state.h"
#include "provisioner/process_driver.h"
#include "provisioner/provisioner.h"
#include "provisioner/site_thread.h"

// One site at work: its driver, its provisioner and its thread.

namespace epu {

// What a site needs of the program it runs in; outlives its runner.
struct SiteSurroundings {
  std::string run;
  std::string run_directory;  // With workers/ and keys/.
  std::string agent_path;     // Of epu-agent.
  std::string endpoint;       // Where agents send their heartbeats.
  const EventLog& log;
  Clock& clock;
  const Journal& journal;
  ReportSink report;
};

class SiteRunner {
 public:
  // Begins at once, for the server whose log and epoch `state` tells.
  SiteRunner(const SiteSurroundings& surroundings, const State& state, const Site& site);
  SiteRunner(const SiteRunner&) = delete;
  SiteRunner& operator=(const SiteRunner&) = delete;

  void Poke() { thread_.Poke(); }  // Any thread.
  void Stop() { thread_.Stop(); }

 private:
  void Observe(const absl::Status& status, const Provisioner& passed);

  const std::string name_;
  const Journal& journal_;
  std::size_t strangers_ = 0;  // As last seen.
  int failures_ = 0;           // Passes in a row.
  ProcessDriver driver_;
  Provisioner provisioner_;
  SiteThread thread_;  // Ends first.
};

}  // namespace epu
