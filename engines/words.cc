#include "engines/words.h"

#include <algorithm>
#include <charconv>
#include <system_error>

#include <fmt/format.h>

#include "eventlog/event.h"

namespace epu {

std::string Quoted(std::string_view text) { return fmt::format("\"{}\"", CutText(text)); }

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsPlainNumber(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit) &&
         (text == "0" || text[0] != '0');
}

absl::StatusOr<std::int64_t> ParseWhole(std::string_view text) {
  const auto refused = [&](std::string_view rest) {
    return absl::InvalidArgumentError(fmt::format("{} {}", Quoted(text), rest));
  };
  const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
  if (!IsPlainNumber(digits) || text == "-0") return refused("is no whole number");
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc()) return refused("is beyond every limit of a whole number");
  return value;
}

}  // namespace epu
