#include "cli/markup.h"

#include "eventlog/utf8.h"

namespace epu {
namespace {

constexpr std::string_view kUnknown = "\xEF\xBF\xBD";  // U+FFFD

std::string_view Escaped(std::string_view character) {
  if (character.size() > 1) return character;
  switch (character.front()) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    case '\t':
    case '\n':
    case '\r':
      return character;
    default:
      return static_cast<unsigned char>(character.front()) < ' ' ? kUnknown : character;
  }
}

}  // namespace

std::string EscapeMarkup(std::string_view text) {
  std::string escaped;
  while (!text.empty()) {
    const std::size_t length = CharacterLength(text);
    escaped += length == 0 ? kUnknown : Escaped(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return escaped;
}

}  // namespace epu
