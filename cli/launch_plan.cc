#include "cli/launch_plan.h"

#include <cctype>

#include <fmt/format.h>

namespace epu {

bool IsSecretName(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const std::string_view word : {"password", "passwd", "secret", "token"}) {
    if (lower.find(word) != std::string::npos) return true;
  }
  return lower.ends_with("_key");
}

std::string SecretFileName(std::string_view owner, std::string_view name) {
  std::string file = fmt::format("launch.{}.{}", owner, name);
  for (char& c : file) {
    const bool plain =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '-';
    if (!plain) c = '_';
  }
  return file;
}

}  // namespace epu
