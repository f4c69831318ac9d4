#pragma once

#include <optional>
#include <string_view>

namespace epu {

enum class Level { kError, kWarn, kInfo, kDebug };
std::optional<Level> ParseLevel(std::string_view text);  // "error", "warn", "info", "debug"

// What epud has to say while it runs: one line each on stderr, with UTC time and level, written in
// one call so that lines of several threads do not mix. Text from outside is escaped.
class Journal {
 public:
  explicit Journal(Level most) : most_(most) {}

  // "2026-11-22T09:30:00.112Z warn  site=local listing failed: Permission denied"
  void Write(Level level, std::string_view text) const;

 private:
  const Level most_;
};

}  // namespace epu
