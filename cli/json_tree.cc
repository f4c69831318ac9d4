#include "cli/json_tree.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "eventlog/utf8.h"

namespace epu {
namespace {

constexpr std::size_t kDepthMax = 32;  // As in a file.

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

void AppendUtf8(std::string& text, std::uint32_t code) {
  const auto add = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) {
    add(0xc0 | code >> 6);
  } else {
    if (code < 0x10000) {
      add(0xe0 | code >> 12);
    } else {
      add(0xf0 | code >> 18);
      add(0x80 | (code >> 12 & 0x3f));
    }
    add(0x80 | (code >> 6 & 0x3f));
  }
  add(0x80 | (code & 0x3f));
}

// One text, read from the front to the back. A function that reads returns false, or nothing, after
// the one complaint about the syntax, and then nobody reads on.
class JsonParser {
 public:
  explicit JsonParser(std::string_view text) : text_(text) {}

  YamlTree Parse() {
    YamlNode root;
    SkipBlanks();
    const bool whole = ReadValue("", root) && AtEnd();
    if (whole) tree_.root = std::move(root);
    return std::move(tree_);
  }

 private:
  bool AtEnd() {
    SkipBlanks();
    return at_ == text_.size() || Refuse("something behind the end of the value");
  }

  // ---- Places and characters ----

  YamlMark Mark() const { return {line_, static_cast<int>(at_ - line_begin_) + 1}; }

  char Next() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void SkipBlanks() {
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '\n') {
        ++line_;
        line_begin_ = at_ + 1;
      } else if (c != ' ' && c != '\t' && c != '\r') {
        return;
      }
    }
  }

  bool Take(char c) {
    if (Next() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }

  bool Refuse(std::string_view what) {
    tree_.problems.push_back({Mark(), "", fmt::format(": no JSON: {}", what)});
    return false;
  }

  bool RefuseNext(std::string_view due) {
    if (at_ == text_.size()) return Refuse(fmt::format("it ends where {} is due", due));
    const std::size_t length = std::max(CharacterLength(text_.substr(at_)), std::size_t{1});
    return Refuse(fmt::format("\"{}\" where {} is due", Escape(text_.substr(at_, length)), due));
  }

  // ---- Values ----

  bool ReadValue(const std::string& path, YamlNode& node) {
    node.mark = Mark();
    const char c = Next();
    if (c == '{') return ReadMap(path, node);
    if (c == '[') return ReadSequence(path, node);
    if (c == '"') {
      node.kind = YamlNode::Kind::kScalar;
      node.quoted = true;
      return ReadString(node.text);
    }
    if (c == '-' || IsDigit(c)) return ReadNumber(node);
    return ReadWord(node);
  }

  bool ReadWord(YamlNode& node) {
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) != word) continue;
      at_ += word.size();
      node.kind = word == "null" ? YamlNode::Kind::kNull : YamlNode::Kind::kScalar;
      if (word != "null") node.text = word;
      return true;
    }
    return RefuseNext("a value");
  }

  // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
  bool ReadNumber(YamlNode& node) {
    const std::size_t begin = at_;
    const auto digits = [&] {
      const std::size_t first = at_;
      while (IsDigit(Next())) ++at_;
      return at_ > first;
    };
    Take('-');
    if (!Take('0') && !digits()) return RefuseNext("a digit");
    if (IsDigit(Next())) return Refuse("a number does not begin with 0");
    if (Take('.') && !digits()) return RefuseNext("a digit");
    if (Take('e') || Take('E')) {
      if (!Take('+')) Take('-');
      if (!digits()) return RefuseNext("a digit");
    }
    node.kind = YamlNode::Kind::kScalar;
    node.text = text_.substr(begin, at_ - begin);
    return true;
  }

  bool ReadSequence(const std::string& path, YamlNode& node) {
    node.kind = YamlNode::Kind::kSequence;
    if (!Enter()) return false;
    for (bool first = true;; first = false) {
      SkipBlanks();
      if (first && Take(']')) break;
      YamlNode item;
      if (!ReadValue(fmt::format("{}[{}]", path, node.items.size()), item)) return false;
      node.items.push_back(std::move(item));
      SkipBlanks();
      if (Take(']')) break;
      if (!Take(',')) return RefuseNext("a comma or ]");
    }
    --depth_;
    return true;
  }

  bool ReadMap(const std::string& path, YamlNode& node) {
    node.kind = YamlNode::Kind::kMap;
    if (!Enter()) return false;
    std::map<std::string, int> lines;  // Of the members so far.
    for (bool first = true;; first = false) {
      SkipBlanks();
      if (first && Take('}')) break;
      if (!ReadMember(path, node, lines)) return false;
      SkipBlanks();
      if (Take('}')) break;
      if (!Take(',')) return RefuseNext("a comma or }");
    }
    --depth_;
    return true;
  }

  bool ReadMember(const std::string& path, YamlNode& map, std::map<std::string, int>& lines) {
    YamlEntry entry;
    entry.mark = Mark();
    if (Next() != '"') return RefuseNext("a name in quotes");
    if (!ReadString(entry.key)) return false;
    SkipBlanks();
    if (!Take(':')) return RefuseNext("a colon");
    SkipBlanks();
    const std::string member_path = JoinPath(path, Escape(entry.key));
    const auto [known, is_new] = lines.emplace(entry.key, entry.mark.line);
    if (!is_new) {
      tree_.problems.push_back(
          {entry.mark, member_path,
           fmt::format(" is given twice (first in line {}); remove one", known->second)});
    }
    if (!ReadValue(member_path, entry.value)) return false;
    if (entry.value.kind == YamlNode::Kind::kNull) entry.value.mark = entry.mark;
    map.entries.push_back(std::move(entry));
    return true;
  }

  // Takes the bracket.
  bool Enter() {
    if (++depth_ > kDepthMax) {
      return Refuse(fmt::format("it is nested deeper than {} levels", kDepthMax));
    }
    ++at_;
    return true;
  }

  // ---- Strings ----

  bool ReadString(std::string& out) {
    ++at_;
    for (;;) {
      if (at_ == text_.size()) return Refuse("a string without its end");
      const char c = text_[at_];
      if (Take('"')) return true;
      if (static_cast<unsigned char>(c) < 0x20) {
        return Refuse("a control character in a string; write it as \\n, \\t or \\u….");
      }
      if (c == '\\') {
        if (!ReadEscape(out)) return false;
        continue;
      }
      const std::size_t length = CharacterLength(text_.substr(at_));
      if (length == 0) {
        return Refuse(fmt::format("byte {:#04x} is no UTF-8", static_cast<unsigned char>(c)));
      }
      out += text_.substr(at_, length);
      at_ += length;
    }
  }

  bool ReadEscape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    ++at_;
    if (Take('u')) return ReadCodes(out);
    const std::size_t letter = at_ < text_.size() ? kLetters.find(Next()) : kLetters.npos;
    if (letter == kLetters.npos) return RefuseNext("the rest of an escape");
    out += kMeanings[letter];
    ++at_;
    return true;
  }

  // Behind \u; two of them make one character beyond the first 65,536.
  bool ReadCodes(std::string& out) {
    std::optional<std::uint32_t> code = ReadHex();
    if (!code) return false;
    if (*code >= 0xd800 && *code < 0xdc00 && Take('\\') && Take('u')) {
      const std::optional<std::uint32_t> low = ReadHex();
      if (!low) return false;
      if (*low < 0xdc00 || *low >= 0xe000) return Refuse("half a character");
      code = 0x10000 + ((*code - 0xd800) << 10) + (*low - 0xdc00);
    }
    if (*code >= 0xd800 && *code < 0xe000) return Refuse("half a character");
    AppendUtf8(out, *code);
    return true;
  }

  std::optional<std::uint32_t> ReadHex() {
    constexpr std::size_t kDigits = 4;
    const std::string_view digits = text_.substr(at_, kDigits);
    std::uint32_t code = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
    if (error != std::errc() || digits.size() != kDigits || end != digits.data() + kDigits) {
      Refuse("four hexadecimal digits are due behind \\u");
      return std::nullopt;
    }
    at_ += kDigits;
    return code;
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::size_t line_begin_ = 0;
  std::size_t depth_ = 0;
  YamlTree tree_;
};

}  // namespace

YamlTree ParseJson(std::string_view text) { return JsonParser(text).Parse(); }

}  // namespace epu
