#include "cli/plan_keys.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "commands/definition_rules.h"

namespace epu {
namespace {

constexpr std::array<std::string_view, 9> kOfClouds = {
    "iaas",         "iaas_url",     "iaas_key",      "iaas_secret", "sshkeyname", "localsshkeypath",
    "ssh_username", "scp_username", "securitygroups"};
constexpr std::array<std::string_view, 12> kOfDefaults = {
    "allocation",        "image",       "bootconf",      "bootpgm",
    "bootpgm_args",      "readypgm",    "readypgm_args", "terminatepgm",
    "terminatepgm_args", "pgm_timeout", "local_exe",     "hostname"};
constexpr std::array<std::string_view, 4> kOfServices = {"cloud", "iaas_launch", "replica_count",
                                                         "deps"};

}  // namespace

bool IsCloudKey(std::string_view key) {
  return std::find(kOfClouds.begin(), kOfClouds.end(), key) != kOfClouds.end();
}

bool IsDefaultKey(std::string_view key) {
  return IsCloudKey(key) ||
         std::find(kOfDefaults.begin(), kOfDefaults.end(), key) != kOfDefaults.end();
}

std::vector<std::string_view> CloudKeys() { return {kOfClouds.begin(), kOfClouds.end()}; }

std::vector<std::string_view> DefaultKeys() {
  std::vector<std::string_view> keys = CloudKeys();
  keys.insert(keys.end(), kOfDefaults.begin(), kOfDefaults.end());
  return keys;
}

std::vector<std::string_view> ServiceKeys() {
  std::vector<std::string_view> keys = DefaultKeys();
  keys.insert(keys.end(), kOfServices.begin(), kOfServices.end());
  return keys;
}

bool IsServiceName(std::string_view name) {
  return !name.empty() && name.size() <= kNameMax && name != "global" && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-';
         });
}

}  // namespace epu
