#include "cli/yaml_tree.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include "cli/terminal.h"
#include "eventlog/utf8.h"

namespace epu {
namespace {

// EPUs need seven levels; more is a mistake. The parser itself gives up at 500.
constexpr std::size_t kDepthMax = 32;

YamlMark MarkOf(const YAML::Mark& mark) {
  if (mark.is_null()) return {};
  return {mark.line + 1, mark.column + 1};
}

// Builds the tree out of the parser's events. A map's key arrives as a node like any other, so each
// open map remembers the key that waits for its value.
class TreeBuilder final : public YAML::EventHandler {
 public:
  explicit TreeBuilder(YamlTree& tree) : tree_(tree) {}

  bool SawSecondDocument() const { return documents_ > 1; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ == 2) {
      Complain(MarkOf(mark), ": a second document begins here; one file is one document");
    }
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    Close({.kind = YamlNode::Kind::kNull, .mark = MarkOf(mark)});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Complain(MarkOf(mark), " is an alias (*); write the value out");
    Close({.kind = YamlNode::Kind::kNull, .mark = MarkOf(mark)});
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    CheckTag(mark, tag);
    Close({.kind = YamlNode::Kind::kScalar,
           .mark = MarkOf(mark),
           .quoted = tag == "!",
           .text = value});
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    CheckTag(mark, tag);
    Open({.kind = YamlNode::Kind::kSequence, .mark = MarkOf(mark)});
  }
  void OnSequenceEnd() override { CloseTop(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    CheckTag(mark, tag);
    Open({.kind = YamlNode::Kind::kMap, .mark = MarkOf(mark)});
  }
  void OnMapEnd() override { CloseTop(); }
  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    Complain(MarkOf(mark), fmt::format(" has an anchor (&{}); write the value out where it is used",
                                       Escape(name)));
  }

 private:
  struct OpenNode {
    YamlNode node;
    std::string path;
    std::optional<YamlNode> key;                    // Read, its value is still to come.
    std::map<std::string, int, std::less<>> lines;  // Of the keys so far.
  };

  void Complain(YamlMark mark, std::string text) {
    if (documents_ > 2) return;
    tree_.problems.push_back({mark, PathOfNext(), std::move(text)});
  }

  // Plain scalars come as "?", quoted ones as "!", where the file names no tag.
  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    Complain(MarkOf(mark), " has a tag (!…); write the value alone");
  }

  // The path of the node that comes next.
  std::string PathOfNext() const {
    if (open_.empty()) return "";
    const OpenNode& top = open_.back();
    if (top.node.kind == YamlNode::Kind::kSequence) {
      return fmt::format("{}[{}]", top.path, top.node.items.size());
    }
    return top.key ? JoinPath(top.path, Escape(top.key->text)) : top.path;
  }

  void Open(YamlNode node) {
    if (open_.size() == kDepthMax) {
      Complain(node.mark, fmt::format(" is nested deeper than {} levels", kDepthMax));
    }
    std::string path = PathOfNext();
    open_.push_back({std::move(node), std::move(path), std::nullopt, {}});
  }

  void CloseTop() {
    YamlNode node = std::move(open_.back().node);
    open_.pop_back();
    Close(std::move(node));
  }

  // `node` is whole: it becomes an item, a key, a value or the root.
  void Close(YamlNode node) {
    if (open_.empty()) {
      if (documents_ == 1) tree_.root = std::move(node);
      return;
    }
    OpenNode& top = open_.back();
    if (top.node.kind == YamlNode::Kind::kSequence) {
      top.node.items.push_back(std::move(node));
    } else if (top.key) {
      CloseEntry(top, std::move(node));
    } else {
      if (node.kind != YamlNode::Kind::kScalar) {
        Complain(node.mark, ": a key is a name, not a list, a map or nothing");
      }
      top.key = std::move(node);
    }
  }

  void CloseEntry(OpenNode& top, YamlNode value) {
    const auto [first, is_new] = top.lines.emplace(top.key->text, top.key->mark.line);
    if (!is_new && top.key->kind == YamlNode::Kind::kScalar) {
      tree_.problems.push_back(
          {top.key->mark, PathOfNext(),
           fmt::format(" is given twice (first in line {}); remove one", first->second)});
    }
    if (value.kind == YamlNode::Kind::kNull) value.mark = top.key->mark;
    top.node.entries.push_back({top.key->text, top.key->mark, std::move(value)});
    top.key.reset();
  }

  YamlTree& tree_;
  std::vector<OpenNode> open_;
  int documents_ = 0;
};

// Control characters and broken UTF-8. They are looked for before the parser sees the text, which
// ends a file silently at some of them. Tabs are refused everywhere: what they indent is a guess.
std::optional<YamlProblem> CheckCharacters(std::string_view text) {
  YamlMark mark{1, 1};
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\t') {
      return YamlProblem{mark, "", ": a tab; indent with blanks, and write \\t in double quotes"};
    }
    const bool ends_line = byte == '\n' || (byte == '\r' && text.substr(i + 1, 1) == "\n");
    if ((byte < 0x20 && !ends_line) || byte == 0x7f) {
      return YamlProblem{mark, "", fmt::format(": a control character, \\x{:02x}", byte)};
    }
    const std::size_t length = CharacterLength(text.substr(i));
    if (length == 0) return YamlProblem{mark, "", fmt::format(": byte {:#04x} is no UTF-8", byte)};
    i += length;
    mark.column += static_cast<int>(length);
    if (byte == '\n') mark = {mark.line + 1, 1};
  }
  return std::nullopt;
}

bool IsPlainStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '/';
}

// Words that other YAML readers take for something else than text.
bool IsReservedWord(std::string_view text) {
  constexpr std::array<std::string_view, 9> kWords = {"null", "true", "false", "yes", "no",
                                                      "on",   "off",  "y",     "n"};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return std::find(kWords.begin(), kWords.end(), lower) != kWords.end();
}

}  // namespace

YamlTree ParseYaml(std::string_view text) {
  YamlTree tree;
  if (std::optional<YamlProblem> problem = CheckCharacters(text)) {
    tree.problems.push_back(*std::move(problem));
    return tree;
  }
  std::istringstream input{std::string(text)};
  TreeBuilder builder(tree);
  try {
    YAML::Parser parser(input);
    while (!builder.SawSecondDocument() && parser.HandleNextDocument(builder)) {
    }
  } catch (const YAML::Exception& error) {
    tree.root = {};
    tree.problems.push_back({MarkOf(error.mark), "", fmt::format(": no YAML: {}", error.msg)});
  }
  std::stable_sort(tree.problems.begin(), tree.problems.end(),
                   [](const auto& left, const auto& right) { return left.mark < right.mark; });
  return tree;
}

std::string JoinPath(std::string_view path, std::string_view key) {
  return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
}

std::string QuoteYaml(std::string_view text) {
  const std::string_view word = text.substr(std::min(text.find_first_not_of('-'), text.size()));
  const bool plain = !word.empty() && text.size() - word.size() <= 2 && IsPlainStart(word[0]) &&
                     std::all_of(word.begin(), word.end(), [](char c) {
                       return IsPlainStart(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                              c == '=' || c == '+' || c == '@' || c == '%';
                     });
  if (plain && !IsReservedWord(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (c == '\n') {
      quoted += "\\n";
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\x{:02x}", byte);
    } else {
      quoted += c;
    }
  }
  return quoted + '"';
}

}  // namespace epu
