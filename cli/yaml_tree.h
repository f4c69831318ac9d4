#pragma once

#include <string>
#include <string_view>
#include <vector>

// A YAML file as it was written: every scalar keeps its text, every node its place, repeated keys
// are all there. The types that a YAML library guesses (`010` is 8, `yes` is true, the first of two
// equal keys counts) are nobody's business here: whoever reads the tree knows what is due.

namespace epu {

// A place in a file, both from 1, columns in bytes; 0 where there is none.
struct YamlMark {
  int line = 0;
  int column = 0;
  auto operator<=>(const YamlMark&) const = default;
};

struct YamlEntry;

struct YamlNode {
  enum class Kind { kNull, kScalar, kSequence, kMap };
  Kind kind = Kind::kNull;
  YamlMark mark;                        // Of an empty value: its key.
  bool quoted = false;                  // Of a scalar: in quotes, or a block of text.
  std::string text = {};                // Of a scalar.
  std::vector<YamlNode> items = {};     // Of a sequence.
  std::vector<YamlEntry> entries = {};  // Of a map, in the file's order.
};

struct YamlEntry {
  std::string key;
  YamlMark mark;
  YamlNode value;
};

// What is wrong at one place. The text follows the path directly and brings its own blank or colon:
// "epus.web" + " is given twice (first in line 7)". The path is empty where it is not known.
struct YamlProblem {
  YamlMark mark;
  std::string path;
  std::string text;
  bool operator==(const YamlProblem&) const = default;
};

struct YamlTree {
  YamlNode root;
  std::vector<YamlProblem> problems;  // In the order of the file.
};

// `text` as a tree, with everything that is refused whatever it means: what is no YAML or no UTF-8,
// tabs and other control characters, a repeated key, a second document, anchors, aliases and tags.
// After a problem that leaves no tree, the root is empty.
YamlTree ParseYaml(std::string_view text);

// "a.b", or `key` where `path` is empty.
std::string JoinPath(std::string_view path, std::string_view key);

// `text` as YAML that reads as just this text, for a key or a value: plain where that cannot be
// mistaken for anything else, else in double quotes.
std::string QuoteYaml(std::string_view text);

}  // namespace epu
