#include "provisioner/driver.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace epu {
namespace {

// A log's id has four letters or digits; more are let through, so that a longer one to come is
// still a token of another history and not garbage.
constexpr std::size_t kLogIdMax = 16;

bool IsLogId(std::string_view text) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return !text.empty() && text.size() <= kLogIdMax &&
         std::all_of(text.begin(), text.end(), is_letter_or_digit);
}

}  // namespace

std::string FormatToken(const Token& token) {
  return fmt::format("{}-{:04x}-{}", token.log_id, token.launch.epoch, token.launch.request);
}

absl::StatusOr<Token> ParseToken(std::string_view text) {
  const absl::Status no_token =
      absl::InvalidArgumentError(fmt::format("\"{}\" is no token like k3f9-5d1e-208", text));
  const std::size_t first = text.find('-');
  const std::size_t second = text.rfind('-');
  if (first == second) return no_token;
  Token token;
  token.log_id = std::string(text.substr(0, first));
  if (!IsLogId(token.log_id)) return no_token;
  std::from_chars(text.data() + first + 1, text.data() + second, token.launch.epoch, 16);
  std::from_chars(text.data() + second + 1, text.data() + text.size(), token.launch.request, 10);
  // One launch has one spelling: leading zeros, capitals, signs and anything left over show here.
  if (token.launch.request == 0 || FormatToken(token) != text) return no_token;
  return token;
}

}  // namespace epu
