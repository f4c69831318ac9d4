#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/yaml_tree.h"
#include "eventlog/definition.h"

// What a configuration file, and a command as JSON, is read with: maps with known keys, values of a
// known type. Every fault is collected with its place, and reading goes on, so that one look shows
// all of them.

namespace epu {

// A fault of a configuration file; see YamlProblem for its text.
using ConfigFault = YamlProblem;

// The whole line: "pools.yaml:13:7: epus.web.config.preserve_m: npreserving has no such key; …".
// Text that came from the file is escaped.
std::string FormatFault(std::string_view file, const ConfigFault& fault);

// Path and text of a fault, without its place.
std::string FaultMessage(const ConfigFault& fault);

// What is wrong with `name` as that of an EPU, a site or a sensor, as the text of a fault; none
// where it is a letter or digit, then letters, digits, '.', '_', '-', not digits alone.
std::optional<std::string> NameFault(std::string_view name);

// Used by one thread, for one file.
class ConfigReader {
 public:
  // How the tree was written. In JSON quotes are never left out and mean text: a duration ("10s")
  // has them, a number has not. A member that is null is one that is not given.
  enum class Syntax { kYaml, kJson };

  explicit ConfigReader(Syntax syntax) : syntax_(syntax) {}
  ConfigReader(const ConfigReader&) = delete;
  ConfigReader& operator=(const ConfigReader&) = delete;

  // A value that is to be read, and where it stands.
  struct Item {
    std::string path;
    const YamlNode* node = nullptr;
    YamlMark mark;  // Of its key, or of the value itself where it has none.
  };
  // Of what is due: text; a number or a flag; what is written with letters and is no text.
  enum class Form { kText, kPlain, kWritten };
  using Items = std::map<std::string, Item, std::less<>>;

  void Add(YamlMark mark, std::string path, std::string text);

  // The entries of a map with any keys, in the file's order, each key once. None, with a fault, for
  // anything else. The places of all entries are remembered.
  std::vector<std::pair<std::string, Item>> Entries(const Item& map);

  // The entries of a map that may have `keys` and must have those of `required`. `whose` begins the
  // sentence about an unknown key: "a site", in "a site has no such key".
  Items Fields(const Item& map, std::string_view whose, std::span<const std::string_view> keys,
               std::span<const std::string_view> required);

  // The values of one type; none, with a fault, for anything else. `least` and `most` are included.
  std::optional<std::string> Text(const Item& item);
  std::optional<std::string> Name(const Item& item);
  std::optional<std::int64_t> Integer(const Item& item, std::int64_t least, std::int64_t most);
  std::optional<bool> Flag(const Item& item);
  std::optional<epu::Duration> Duration(const Item& item, epu::Duration least, epu::Duration most);

  // A program and its arguments.
  std::optional<std::vector<std::string>> Command(const Item& item);

  // An absolute directory.
  std::optional<std::string> Directory(const Item& item);

  // Variables by name, in the order of the file.
  std::optional<std::vector<Variable>> Variables(const Item& item);

  // The text of a scalar; none, with a fault that says what is due, for anything else. Quotes are
  // refused where text is not due: "3" is no number.
  std::optional<std::string> Scalar(const Item& item, std::string_view due, Form form);

  const std::map<std::string, YamlMark>& Marks() const { return marks_; }

  // All faults, in the order of the file.
  std::vector<ConfigFault> TakeFaults();

 private:
  void CheckVariable(const Item& item, std::string_view name);

  const Syntax syntax_;
  std::vector<ConfigFault> faults_;
  std::map<std::string, YamlMark> marks_;  // By path; of a map or a list its key.
};

}  // namespace epu
