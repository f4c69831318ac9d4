#include "cli/verb_import.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <memory>
#include <ostream>

#include <fmt/format.h>

#include "cli/history_view.h"
#include "cli/import_log.h"
#include "cli/input_file.h"
#include "cli/json_view.h"
#include "cli/new_directory.h"
#include "cli/progress_bar.h"

namespace epu {

void BindImport(CLI::App& app, ImportArguments& arguments) {
  app.add_option("file", arguments.file, "what export wrote; - for standard input")
      ->required()
      ->type_name("FILE|-");
}

Exit RunImport(Context& context, const ImportArguments& arguments) {
  const std::string& directory = context.GetOptions().log;
  if (directory.empty()) {
    return context.Fail(Exit::kTyped,
                        "import makes a log in a new or an empty directory; name it: --log DIR");
  }
  std::ifstream file;
  if (arguments.file != "-") {
    file.open(arguments.file, std::ios::binary);
    if (!file) {
      return context.Fail(Exit::kTyped,
                          fmt::format("{}: {}", arguments.file, std::strerror(errno)));
    }
  }
  const absl::StatusOr<std::unique_ptr<NewDirectory>> made = NewDirectory::Make(directory);
  if (!made.ok()) return context.Fail(made.status());
  const auto begun = std::chrono::steady_clock::now();
  ProgressBar bar(context);
  const Imported imported =
      ImportLog(arguments.file == "-" ? context.In() : file, (*made)->UnfinishedPath(),
                [&](Sequence done, Sequence all) { bar.Show(done, all); });
  bar.Clear();
  if (!imported.fault.ok()) {
    const Complaint complaint{std::string(imported.fault.message()), InputName(arguments.file),
                              static_cast<int>(imported.line), 0, ""};
    return context.Fail(ExitOf(imported.fault), std::vector<Complaint>{complaint});
  }
  if (const absl::Status done = (*made)->Finish(); !done.ok()) return context.Fail(done);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  if (context.GetOptions().json) {
    context.Out() << ToLine({{"events", imported.events},
                             {"bytes", imported.bytes},
                             {"log_id", imported.log_id},
                             {"directory", directory},
                             {"took_s", took.count()}})
                  << "\n";
  } else {
    context.Print(fmt::format("{} events of log {} are in {}, each as its record says ({:.2f}s)\n",
                              WithThousands(imported.events), imported.log_id, Escape(directory),
                              took.count()));
  }
  return Exit::kDone;
}

}  // namespace epu
