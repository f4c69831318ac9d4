#include "cli/epud_options.h"

namespace epu {

void BindEpud(CLI::App& app, EpudArguments& arguments) {
  app.add_option("-r,--run", arguments.run, "which run (default: default)")
      ->envname("EPU_RUN")
      ->type_name("NAME");
  app.add_option("--log", arguments.log, "directory of the log (default: log/ of the run)")
      ->type_name("DIR");
  app.add_option("--listen", arguments.listen, "endpoint; only the run's own ipc:// socket")
      ->type_name("URL");
  app.add_option("--log-level", arguments.level, "error, warn, info or debug (default: warn)")
      ->type_name("LEVEL");
  app.add_option("--role", arguments.role,
                 "which parts to run: all (default), controllers or provisioner")
      ->check(CLI::IsMember({"all", "controllers", "provisioner"}))
      ->type_name("ROLE");
  CLI::Option* const anchor =
      app.add_option("--anchor", arguments.anchor,
                     "keep a signed checkpoint of the log in this file, best of another machine")
          ->type_name("PATH");
  app.add_option("--anchor-every", arguments.anchor_every,
                 "how often, while the log grows (default: 1h); also when epud stops")
      ->type_name("DUR")
      ->needs(anchor);
  CLI::Option* const take_over =
      app.add_flag("--take-over", arguments.takes_over,
                   "the log was written elsewhere, and the server there is gone for good");
  app.add_flag("--new-identity", arguments.is_copy, "the log is a copy: give it an id of its own")
      ->excludes(take_over);
}

}  // namespace epu
