#include "cli/plan_files.h"

#include <cctype>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace epu {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnvironment = "env.";

}  // namespace

IniFile PlanFiles::Load(const std::string& path) {
  IniFile file = ReadIni(path);
  const auto add = [](std::vector<Complaint>& to, const std::vector<Complaint>& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  add(plan_.faults, file.faults);
  add(plan_.warnings, file.warnings);
  return file;
}

void PlanFiles::Fault(const Said& at, const std::string& key, std::string message) {
  plan_.faults.push_back({std::move(message), at.file, at.line, 0, key});
}

void PlanFiles::Warn(const std::string& file, int line, const std::string& key,
                     std::string message) {
  plan_.warnings.push_back({std::move(message), file, line, 0, key});
}

Said PlanFiles::Resolved(const IniEntry& entry, const std::string& file) {
  Said said{entry.value, file, entry.line};
  if (!entry.value.starts_with(kEnvironment)) return said;
  const std::string name = entry.value.substr(kEnvironment.size());
  const std::optional<std::string> value = options_.environment(name);
  if (!value) {
    Fault(said, entry.key,
          fmt::format("{} wants the environment variable {}, which is not set", entry.key, name));
  }
  said.value = value.value_or("");
  return said;
}

std::string PlanFiles::PathOf(const Said& said) const {
  if (said.value.empty()) return "";
  std::string value = said.value;
  if (value.starts_with("~/")) value = options_.environment("HOME").value_or("") + value.substr(1);
  return (fs::path(said.file).parent_path() / value).lexically_normal().string();
}

// What holds a reference is known when the service boots.
std::string PlanFiles::FileOf(const Said& said, const std::string& key) {
  std::string path = PathOf(said);
  std::error_code error;
  const bool known = said.value.find("${") == std::string::npos;
  if (!path.empty() && known && !fs::is_regular_file(path, error)) {
    Fault(said, key, fmt::format("{} names {}, which is no file", key, path));
  }
  return path;
}

bool PlanFiles::Truth(const Said& said, const std::string& key, bool otherwise) {
  if (said.value.empty()) return otherwise;
  std::string lower = said.value;
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (lower == "true") return true;
  if (lower != "false") {
    Warn(said.file, said.line, key,
         fmt::format("{} is {}, which counts as False; write True or False", key, said.value));
  }
  return false;
}

int PlanFiles::Whole(const Said& said, const std::string& key, int otherwise, int least, int most) {
  if (said.value.empty()) return otherwise;
  int value = 0;
  const char* const end = said.value.data() + said.value.size();
  const auto parsed = std::from_chars(said.value.data(), end, value);
  const bool whole = parsed.ec == std::errc() && parsed.ptr == end;
  if (whole && value >= least && value <= most) return value;
  Fault(said, key,
        fmt::format("{} is {}; a whole number from {} to {} is due", key, said.value, least, most));
  return otherwise;
}

Variable PlanFiles::Keep(const std::string& owner, const std::string& name,
                         const std::string& value) {
  if (!IsSecretName(name) || value.find("${") != std::string::npos) return {name, value, false};
  const std::string file = SecretFileName(owner, name);
  plan_.secrets[file] = value;
  return {name, file, true};
}

}  // namespace epu
