#include "provisioner/agent_options.h"

#include <charconv>
#include <cstdint>
#include <limits>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr const char* kFlags[] = {"--endpoint", "--dir",    "--token",
                                  "--epu",      "--worker", "--grace-ms"};

absl::StatusOr<std::uint64_t> ParseNumber(std::string_view flag, std::string_view text,
                                          std::uint64_t max) {
  std::uint64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || number > max) {
    return absl::InvalidArgumentError(
        fmt::format("{} is a whole number up to {}, not \"{}\"", flag, max, text));
  }
  return number;
}

bool IsFlag(std::string_view text) {
  for (const char* flag : kFlags) {
    if (text == flag) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> FormatAgentArguments(const AgentOptions& options) {
  const auto grace = std::chrono::duration_cast<std::chrono::milliseconds>(options.stop_grace);
  std::vector<std::string> arguments;
  if (options.detach == Detach::kDetach) arguments.push_back("--detach");
  const std::map<std::string_view, std::string> values = {
      {"--endpoint", options.endpoint},
      {"--dir", options.directory},
      {"--token", FormatToken(options.token)},
      {"--epu", fmt::format("{}", ToInteger(options.worker.epu))},
      {"--worker", fmt::format("{}", ToInteger(options.worker.number))},
      {"--grace-ms", fmt::format("{}", grace.count())}};
  for (const char* flag : kFlags) {
    arguments.push_back(flag);
    arguments.push_back(values.at(flag));
  }
  arguments.push_back("--");
  arguments.insert(arguments.end(), options.command.begin(), options.command.end());
  return arguments;
}

absl::StatusOr<AgentOptions> ParseAgentArguments(const std::vector<std::string>& arguments) {
  AgentOptions options;
  std::map<std::string_view, std::string_view> values;
  std::size_t at = 0;
  for (; at < arguments.size() && arguments[at] != "--"; ++at) {
    const std::string_view flag = arguments[at];
    if (flag == "--detach") {
      options.detach = Detach::kDetach;
      continue;
    }
    if (!IsFlag(flag)) return absl::InvalidArgumentError(fmt::format("no option \"{}\"", flag));
    if (++at == arguments.size()) {
      return absl::InvalidArgumentError(fmt::format("{} needs a value", flag));
    }
    values[flag] = arguments[at];
  }
  for (const char* flag : kFlags) {
    if (!values.contains(flag)) {
      return absl::InvalidArgumentError(fmt::format("{} is missing", flag));
    }
  }
  if (at + 1 >= arguments.size()) {
    return absl::InvalidArgumentError("-- and the worker's command are missing");
  }
  options.command.assign(arguments.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.end());
  options.endpoint = values["--endpoint"];
  options.directory = values["--dir"];

  const absl::StatusOr<Token> token = ParseToken(values["--token"]);
  if (!token.ok()) return token.status();
  const auto epu = ParseNumber("--epu", values["--epu"], std::numeric_limits<std::uint64_t>::max());
  if (!epu.ok()) return epu.status();
  const auto worker =
      ParseNumber("--worker", values["--worker"], std::numeric_limits<std::uint32_t>::max());
  if (!worker.ok()) return worker.status();
  constexpr std::uint64_t kGraceMsMax = 7 * 24 * 3600 * std::uint64_t{1000};
  const auto grace = ParseNumber("--grace-ms", values["--grace-ms"], kGraceMsMax);
  if (!grace.ok()) return grace.status();
  options.token = *token;
  options.worker = {EpuNumber{*epu}, WorkerNumber{static_cast<std::uint32_t>(*worker)}};
  options.stop_grace = std::chrono::milliseconds(*grace);
  return options;
}

}  // namespace epu
