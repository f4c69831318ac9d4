#include "cli/config_reader.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "cli/terminal.h"
#include "commands/definition_rules.h"
#include "engines/suggest.h"
#include "engines/values.h"
#include "eventlog/event.h"

namespace epu {
namespace {

// `text` as an error repeats it.
std::string Repeated(std::string_view text) { return Quoted(EscapeAndCut(text, 80)); }

std::string_view KindText(YamlNode::Kind kind) {
  switch (kind) {
    case YamlNode::Kind::kNull:
      return "empty";
    case YamlNode::Kind::kScalar:
      return "a single value";
    case YamlNode::Kind::kSequence:
      return "a list";
    case YamlNode::Kind::kMap:
      break;
  }
  return "a map";
}

// " is a list; a whole number is due".
std::string WrongKind(const YamlNode& node, std::string_view due) {
  return fmt::format(" is {}; {} is due", KindText(node.kind), due);
}

bool IsSecret(const YamlNode& node) {
  return node.kind == YamlNode::Kind::kMap && node.entries.size() == 1 &&
         node.entries[0].key == "secret";
}

}  // namespace

std::string FaultMessage(const ConfigFault& fault) {
  if (!fault.path.empty()) return fault.path + fault.text;
  return fault.text.starts_with(": ") ? fault.text.substr(2) : "the file" + fault.text;
}

std::string FormatFault(std::string_view file, const ConfigFault& fault) {
  if (fault.mark.line == 0) return fmt::format("{}: {}", file, FaultMessage(fault));
  return fmt::format("{}:{}:{}: {}", file, fault.mark.line, fault.mark.column, FaultMessage(fault));
}

std::optional<std::string> NameFault(std::string_view name) {
  if (name.empty()) return " is an empty name";
  if (name.size() > kNameMax) {
    return fmt::format(" is a name of {} characters; {} are allowed", name.size(), kNameMax);
  }
  if (IsName(name)) return std::nullopt;
  if (std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return " is a name of digits alone, which would read as an event; add a letter";
  }
  return fmt::format(
      " is no name: {}; a letter or digit is due, then letters, digits, '.', '_', '-'",
      Repeated(name));
}

void ConfigReader::Add(YamlMark mark, std::string path, std::string text) {
  faults_.push_back({mark, std::move(path), std::move(text)});
}

std::vector<std::pair<std::string, ConfigReader::Item>> ConfigReader::Entries(const Item& map) {
  std::vector<std::pair<std::string, Item>> entries;
  if (map.node->kind != YamlNode::Kind::kMap) {
    Add(map.mark, map.path, WrongKind(*map.node, "a map (key: value)"));
    return entries;
  }
  std::set<std::string_view> seen;
  for (const YamlEntry& entry : map.node->entries) {
    if (!seen.insert(entry.key).second) continue;  // The tree has complained of it.
    Item item{JoinPath(map.path, Escape(entry.key)), &entry.value, entry.mark};
    const bool is_scalar = entry.value.kind == YamlNode::Kind::kScalar;
    marks_.emplace(item.path, is_scalar ? entry.value.mark : entry.mark);
    entries.emplace_back(entry.key, std::move(item));
  }
  return entries;
}

ConfigReader::Items ConfigReader::Fields(const Item& map, std::string_view whose,
                                         std::span<const std::string_view> keys,
                                         std::span<const std::string_view> required) {
  Items fields;
  if (map.node->kind != YamlNode::Kind::kMap) {
    Add(map.mark, map.path, WrongKind(*map.node, "a map (key: value)"));
    return fields;
  }
  for (auto& [key, item] : Entries(map)) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
      const bool is_null = item.node->kind == YamlNode::Kind::kNull;
      if (!is_null || syntax_ == Syntax::kYaml) fields.emplace(key, std::move(item));
      continue;
    }
    const std::optional<std::string_view> near = Suggest(key, keys);
    Add(item.mark, item.path,
        fmt::format(": {} has no such key; {}", whose,
                    near ? fmt::format("did you mean {}?", *near)
                         : fmt::format("it has {}", fmt::join(keys, ", "))));
  }
  for (const std::string_view key : required) {
    if (fields.contains(key)) continue;
    Add(map.mark, JoinPath(map.path, key), fmt::format(" is missing; {} needs it", whose));
  }
  return fields;
}

std::optional<std::string> ConfigReader::Scalar(const Item& item, std::string_view due, Form form) {
  const YamlNode& node = *item.node;
  if (node.kind != YamlNode::Kind::kScalar) {
    Add(item.mark, item.path, WrongKind(node, due));
    return std::nullopt;
  }
  const bool json = syntax_ == Syntax::kJson;
  if (node.quoted && (form == Form::kPlain || (form == Form::kWritten && !json))) {
    Add(node.mark, item.path,
        fmt::format(" is {} in quotes, which makes it text; {} is due", Repeated(node.text), due));
    return std::nullopt;
  }
  if (!node.quoted && json && form != Form::kPlain) {
    Add(node.mark, item.path, fmt::format(" is {}; {} in quotes is due", node.text, due));
    return std::nullopt;
  }
  return node.text;
}

std::optional<std::string> ConfigReader::Text(const Item& item) {
  std::optional<std::string> text = Scalar(item, "text", Form::kText);
  if (!text) return std::nullopt;
  if (text->find('\0') != text->npos) {
    Add(item.node->mark, item.path, " has a NUL character, which no program can be handed");
    return std::nullopt;
  }
  if (text->size() > kTextMax) {
    Add(item.node->mark, item.path,
        fmt::format(" is {} bytes long; {} are allowed", text->size(), kTextMax));
    return std::nullopt;
  }
  return text;
}

std::optional<std::string> ConfigReader::Name(const Item& item) {
  std::optional<std::string> name = Text(item);
  if (!name) return std::nullopt;
  if (std::optional<std::string> fault = NameFault(*name)) {
    Add(item.node->mark, item.path, *std::move(fault));
    return std::nullopt;
  }
  return name;
}

std::optional<std::int64_t> ConfigReader::Integer(const Item& item, std::int64_t least,
                                                  std::int64_t most) {
  const auto text = Scalar(item, WhatIsDue(KeyType::kInteger), Form::kPlain);
  if (!text) return std::nullopt;
  const absl::StatusOr<Value> value = ParseValue(KeyType::kInteger, *text);
  if (!value.ok()) {
    Add(item.node->mark, item.path, fmt::format(": {}", std::string(value.status().message())));
    return std::nullopt;
  }
  const std::int64_t integer = std::get<std::int64_t>(*value);
  if (integer >= least && integer <= most) return integer;
  Add(item.node->mark, item.path, fmt::format(" is {}; {} to {} is due", integer, least, most));
  return std::nullopt;
}

std::optional<bool> ConfigReader::Flag(const Item& item) {
  const auto text = Scalar(item, WhatIsDue(KeyType::kFlag), Form::kPlain);
  if (!text) return std::nullopt;
  const absl::StatusOr<Value> value = ParseValue(KeyType::kFlag, *text);
  if (value.ok()) return std::get<bool>(*value);
  Add(item.node->mark, item.path, fmt::format(": {}", std::string(value.status().message())));
  return std::nullopt;
}

std::optional<Duration> ConfigReader::Duration(const Item& item, epu::Duration least,
                                               epu::Duration most) {
  const auto text = Scalar(item, WhatIsDue(KeyType::kDuration), Form::kWritten);
  if (!text) return std::nullopt;
  const absl::StatusOr<Value> value = ParseValue(KeyType::kDuration, *text);
  if (!value.ok()) {
    Add(item.node->mark, item.path, fmt::format(": {}", std::string(value.status().message())));
    return std::nullopt;
  }
  const auto duration = std::get<epu::Duration>(*value);
  if (duration >= least && duration <= most) return duration;
  Add(item.node->mark, item.path,
      fmt::format(" is {}; {} to {} is due", FormatValue(duration), FormatValue(least),
                  FormatValue(most)));
  return std::nullopt;
}

std::optional<std::vector<std::string>> ConfigReader::Command(const Item& item) {
  constexpr std::string_view kDue = "a list of a program and its arguments, [/bin/sleep, 60],";
  if (item.node->kind != YamlNode::Kind::kSequence || item.node->items.empty()) {
    const bool empty = item.node->kind == YamlNode::Kind::kSequence;
    Add(item.mark, item.path,
        empty ? fmt::format(" is empty; {} is due", kDue) : WrongKind(*item.node, kDue));
    return std::nullopt;
  }
  if (item.node->items.size() > kArgumentsMax) {
    Add(item.mark, item.path,
        fmt::format(" has {} arguments; {} are allowed", item.node->items.size(), kArgumentsMax));
    return std::nullopt;
  }
  std::vector<std::string> command;
  for (const YamlNode& node : item.node->items) {
    const std::string path = fmt::format("{}[{}]", item.path, command.size());
    const std::optional<std::string> argument = Text({path, &node, node.mark});
    if (!argument) return std::nullopt;
    command.push_back(*argument);
  }
  if (!IsProgram(command[0])) {
    Add(item.node->items[0].mark, item.path + "[0]",
        fmt::format(" is {}; a program is due, by its absolute path or its name alone",
                    Repeated(command[0])));
    return std::nullopt;
  }
  return command;
}

std::optional<std::string> ConfigReader::Directory(const Item& item) {
  std::optional<std::string> directory = Text(item);
  if (!directory || directory->starts_with('/')) return directory;
  Add(item.node->mark, item.path,
      fmt::format(" is {}; an absolute path is due, because epud has another directory",
                  Repeated(*directory)));
  return std::nullopt;
}

std::optional<std::vector<Variable>> ConfigReader::Variables(const Item& item) {
  const std::size_t faults = faults_.size();
  std::vector<Variable> variables;
  for (const auto& [name, entry] : Entries(item)) {
    CheckVariable(entry, name);
    if (IsSecret(*entry.node)) {
      const YamlNode& key = entry.node->entries[0].value;
      if (std::optional<std::string> key_name = Name({entry.path + ".secret", &key, key.mark})) {
        variables.push_back({name, *std::move(key_name), true});
      }
      continue;
    }
    if (entry.node->kind == YamlNode::Kind::kNull) {
      Add(entry.mark, entry.path, " is empty; write \"\" for an empty value");
      continue;
    }
    if (std::optional<std::string> value = Text(entry)) {
      variables.push_back({name, *std::move(value)});
    }
  }
  if (variables.size() > kVariablesMax) {
    Add(item.mark, item.path,
        fmt::format(" has {} variables; {} are allowed", variables.size(), kVariablesMax));
  }
  if (faults_.size() != faults) return std::nullopt;
  return variables;
}

void ConfigReader::CheckVariable(const Item& item, std::string_view name) {
  if (IsOwnVariable(name)) {
    Add(item.mark, item.path, " is a variable that EPU itself sets; take another name");
  } else if (!IsVariableName(name)) {
    Add(item.mark, item.path,
        fmt::format(" cannot name a variable; 1 to {} characters without '=' or controls are due",
                    kVariableNameMax));
  }
}

std::vector<ConfigFault> ConfigReader::TakeFaults() {
  std::stable_sort(faults_.begin(), faults_.end(),
                   [](const auto& left, const auto& right) { return left.mark < right.mark; });
  return std::exchange(faults_, {});
}

}  // namespace epu
