#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/context.h"
#include "eventlog/service.h"

namespace epu {

struct LaunchPlanOptions {
  std::string path;  // Of the top file.
  // What makes a cloud's machines: "process" by "cloud-ec2"; by "" that of all other clouds.
  std::map<std::string, std::string> drivers;
  std::vector<std::string> known_drivers;  // That there are.
  std::vector<std::string> globals_files;  // INI files with [globals]: over the plan's own,
  std::vector<std::pair<std::string, std::string>> globals;  // and these over both.
  std::function<std::optional<std::string>(const std::string& name)> environment;
};

// A launch plan as it was read (plan_reader.h), and what is wrong with it.
struct LaunchPlan {
  std::string path;                         // Absolute.
  std::vector<Variable> globals;            // By name.
  std::vector<ServiceDefinition> services;  // By level, then as the files have them.
  // What is kept from the log: the text of each key file that a secret variable names, and of each
  // cloud's credentials ("cloud-ec2.iaas_secret").
  std::map<std::string, std::string> secrets;
  std::vector<Complaint> warnings;
  std::vector<Complaint> faults;  // Any: the plan is not to be used.
};

// Whether what a name stands for is kept from the log, from output, and from files that others may
// read: passwords, secrets, tokens, and keys of an account.
bool IsSecretName(std::string_view name);

// Of the file of the run's keys that holds an attribute of a service; "global" owns globals.
std::string SecretFileName(std::string_view owner, std::string_view name);

}  // namespace epu
