#include "cli/input_file.h"

#include <cerrno>
#include <fstream>
#include <istream>
#include <system_error>

#include <fmt/format.h>

#include "cli/config_file.h"

namespace epu {
namespace {

// At most one byte more than a file may have, which ParseConfig then refuses.
std::string ReadAll(std::istream& input) {
  std::string text(kConfigBytesMax + 1, '\0');
  input.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(input.gcount()));
  return text;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(Context& context, const std::string& file) {
  if (file == "-") return ReadAll(context.In());
  errno = 0;
  std::ifstream stream(file, std::ios::binary);
  std::string text;
  if (stream) text = ReadAll(stream);
  if (!stream.is_open() || stream.bad() || (text.empty() && errno != 0)) {
    const int error = errno;
    const std::string message =
        fmt::format("cannot read {}: {}", file, std::generic_category().message(error));
    return error == ENOENT ? absl::NotFoundError(message) : absl::UnavailableError(message);
  }
  return text;
}

std::string InputName(const std::string& file) { return file == "-" ? "stdin" : file; }

Exit FailByFaults(Context& context, const std::string& file,
                  const std::vector<ConfigFault>& faults) {
  std::vector<Complaint> complaints;
  for (const ConfigFault& fault : faults) {
    complaints.push_back(
        {FaultMessage(fault), InputName(file), fault.mark.line, fault.mark.column, fault.path});
  }
  const Exit exit = context.Fail(Exit::kFile, complaints);
  if (!context.GetOptions().json) {
    context.Note(fmt::format("nothing was changed ({} error{})", faults.size(),
                             faults.size() == 1 ? "" : "s"));
  }
  return exit;
}

}  // namespace epu
