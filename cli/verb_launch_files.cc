// launch import and export: launches of cloudinit.d itself, taken in and handed out.

#include "cli/cloudinitd_file.h"
#include "cli/launch_look.h"
#include "cli/launch_walk.h"
#include "cli/verb_launch.h"

namespace epu {
namespace {

struct LaunchFileArguments {
  std::string file;
  bool force = false;
};
void BindImport(CLI::App& app, LaunchFileArguments& arguments) {
  app.add_option("file", arguments.file, "a run database of cloudinit.d")
      ->required()
      ->type_name("FILE");
}

Exit RunImport(Context& context, const LaunchFileArguments& arguments) {
  const absl::StatusOr<CloudinitdLaunch> found = ReadCloudinitdFile(arguments.file);
  if (!found.ok()) return context.Fail(Exit::kFile, std::string(found.status().message()));
  absl::StatusOr<std::unique_ptr<LaunchRun>> run = LaunchRun::Open(context);
  if (!run.ok()) return context.Fail(run.status());
  if (absl::Status taken = (*run)->Import(*found); !taken.ok()) return context.Fail(taken);
  PrintLaunch(context, (*run)->state());
  return Exit::kDone;
}

void BindExport(CLI::App& app, LaunchFileArguments& arguments) {
  app.add_option("--cloudinitd", arguments.file, "as a run database of cloudinit.d, to this file")
      ->required()
      ->type_name("FILE");
  app.add_flag("--force", arguments.force, "replace a file that is there");
}

Exit RunExport(Context& context, const LaunchFileArguments& arguments) {
  const absl::StatusOr<LaunchLook> look = LookAtLaunch(context.Paths(), context.GetOptions().run);
  if (!look.ok()) return context.Fail(look.status());
  const absl::Status written = WriteCloudinitdFile(
      arguments.file, *look, arguments.force ? Existing::kReplace : Existing::kRefuse);
  return written.ok() ? Exit::kDone : context.Fail(written);
}

}  // namespace

void AddLaunchFileVerbs(Verbs& verbs) {
  verbs.Add<LaunchFileArguments>(
      {"launch import", VerbGroup::kLaunch, "take over a launch that cloudinit.d made",
       "epumgmt launch import ~/.cloudinitd/cloudinitd-run7.db -r run7\n"},
      &BindImport, &RunImport);
  verbs.Add<LaunchFileArguments>(
      {"launch export", VerbGroup::kLaunch, "write it as cloudinit.d would, without secrets",
       "epumgmt launch export -r base --cloudinitd cloudinitd-base.db\n"},
      &BindExport, &RunExport);
}

}  // namespace epu
