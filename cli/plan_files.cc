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

bool IsReference(std::string_view value) {
  return value.starts_with("${") && value.find('}') == value.size() - 1 &&
         value.find('.') != std::string_view::npos;
}

}  // namespace

IniFile PlanFiles::Load(const std::string& path) {
  IniFile file = ReadIni(path);
  for (const Complaint& fault : file.faults) Add(plan_.faults, fault);
  for (const Complaint& warning : file.warnings) Add(plan_.warnings, warning);
  return file;
}

void PlanFiles::Fault(const Said& at, const std::string& key, std::string message) {
  Add(plan_.faults, {std::move(message), at.file, at.line, 0, key});
}

void PlanFiles::Warn(const std::string& file, int line, const std::string& key,
                     std::string message) {
  Add(plan_.warnings, {std::move(message), file, line, 0, key});
}

void PlanFiles::Add(std::vector<Complaint>& complaints, Complaint complaint) {
  const std::string told =
      fmt::format("{}:{}: {}", complaint.file, complaint.line, complaint.message);
  if (told_.insert(told).second) complaints.push_back(std::move(complaint));
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

std::string PlanFiles::PathOf(const Said& said, const std::string& beside) const {
  if (said.value.empty()) return "";
  std::string value = said.value;
  if (value.starts_with("~/")) value = options_.environment("HOME").value_or("") + value.substr(1);
  return (fs::path(beside).parent_path() / value).lexically_normal().string();
}

// What holds a reference is known when the service boots.
std::string PlanFiles::FileOf(const Said& said, const std::string& key, const std::string& beside) {
  std::string path = PathOf(said, beside);
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
  if (!IsSecretName(name) || IsReference(value)) return {name, value, false};
  const std::string file = SecretFileName(owner, name);
  plan_.secrets[file] = value;
  return {name, file, true};
}

}  // namespace epu
