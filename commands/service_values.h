#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>

#include "commands/launch.h"
#include "projections/state.h"

// What a step of a service is made with: its definition and its attributes with every reference
// filled in, as they are when the step is made. Pure.

namespace epu {

struct ServiceValues {
  std::string hostname;    // Where its programs run; empty for one whose programs run here.
  ServiceProgram program;  // Of the step, and
  std::vector<std::string> arguments;  // its arguments, one by one.
  // Its own attributes by name: what a boot configuration is filled with and a program is told.
  std::vector<std::pair<std::string, std::string>> attributes;
  std::vector<std::string> secrets;  // Texts that stand in all this and are to be told to nobody.
  bool operator==(const ServiceValues&) const = default;
};

// The text of a secret by the name of its key file.
using SecretSource = std::function<absl::StatusOr<std::string>(const std::string& key_file)>;

// An error names the service, what refers, and to what: "epu-web: boot program arguments:
// ${broker.port}: broker has no attribute port". `run_name` is the attribute of that name that
// every service has.
absl::StatusOr<ServiceValues> ValuesOf(const Launch& launch, const Service& service,
                                       ServiceStep step, const std::string& run_name,
                                       const SecretSource& secrets);

// `text` without any of `secrets`, for what a program printed: "(secret)" stands for each. Those of
// fewer than kSecretShown characters are left: they would be found in every other word.
std::string MaskSecrets(std::string text, const std::vector<std::string>& secrets);
inline constexpr std::size_t kSecretShown = 4;

// The program that a step runs; without a path where it runs none.
const ServiceProgram& ProgramOf(const ServiceDefinition& definition, ServiceStep step);

}  // namespace epu
