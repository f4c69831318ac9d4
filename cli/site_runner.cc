#include "cli/site_runner.h"

#include <utility>

#include <fmt/format.h>

namespace epu {
namespace {

// A fold of the log is there already: the site need not wait for one of its own.
Provisioner& Resumed(Provisioner& provisioner, const State& known) {
  provisioner.Resume({known, known.head});
  return provisioner;
}

}  // namespace

SiteRunner::SiteRunner(const SiteSurroundings& surroundings, const State& state, const Site& site)
    : name_(site.definition.name),
      journal_(surroundings.journal),
      driver_({surroundings.run_directory + "/workers", surroundings.run_directory + "/keys",
               surroundings.agent_path, surroundings.endpoint, state.log_id, surroundings.run,
               KeptEnvironment()}),
      provisioner_(site.number, driver_, surroundings.log, surroundings.clock, surroundings.report),
      thread_(Resumed(provisioner_, state),
              [this](const absl::Status& status, const Provisioner& passed) {
                Observe(status, passed);
              }) {}

void SiteRunner::Observe(const absl::Status& status, const Provisioner& passed) {
  if (!status.ok()) {
    ++failures_;
    journal_.Write(
        Level::kWarn,
        fmt::format("site={} {}; tried {} in a row", name_, std::string(status.message()),
                    failures_ == 1 ? "once" : fmt::format("{} times", failures_)));
    return;
  }
  if (failures_ > 0) journal_.Write(Level::kInfo, fmt::format("site={} answers again", name_));
  failures_ = 0;
  const std::size_t strangers = passed.CountStrangers();
  if (strangers > strangers_) {
    journal_.Write(Level::kWarn,
                   fmt::format("site={} {} machines from another history of this log are left "
                               "alone; see: epumgmt get strangers",
                               name_, strangers));
  }
  strangers_ = strangers;
}

}  // namespace epu
