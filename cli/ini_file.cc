#include "cli/ini_file.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace epu {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";
constexpr std::string_view kDefault = "DEFAULT";

std::string_view Trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string InLowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// Without a comment that follows a blank and ";".
std::string_view WithoutComment(std::string_view value) {
  for (std::size_t at = value.find(';'); at != std::string_view::npos;
       at = value.find(';', at + 1)) {
    if (at == 0 || kBlanks.find(value[at - 1]) != std::string_view::npos) {
      return Trimmed(value.substr(0, at));
    }
  }
  return value;
}

class Parser {
 public:
  Parser(const std::string& name, IniFile& file) : name_(name), file_(file) {}

  void Read(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      ++line_;
      ReadLine(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
  }

 private:
  void ReadLine(std::string_view line) {
    const std::string_view content = Trimmed(line);
    if (content.empty() || line.front() == '#' || line.front() == ';') return;
    const bool indented = kBlanks.find(line.front()) != std::string_view::npos;
    if (indented && entry_ >= 0) {
      section()->entries[static_cast<std::size_t>(entry_)].value += "\n" + std::string(content);
    } else if (content.front() == '[') {
      BeginSection(content);
    } else {
      ReadEntry(content);
    }
  }

  void BeginSection(std::string_view content) {
    entry_ = -1;
    const std::size_t end = content.find(']');
    if (end == std::string_view::npos || end == 1) {
      return Fault(fmt::format("\"{}\" is no section; it is written [name]", content));
    }
    const std::string name(content.substr(1, end - 1));
    const auto known = std::find_if(file_.sections.begin(), file_.sections.end(),
                                    [&](const IniSection& known) { return known.name == name; });
    section_ = known - file_.sections.begin();
    if (known == file_.sections.end()) {
      file_.sections.push_back({name, line_, {}});
    } else {
      Warn(fmt::format("section [{}] goes on from line {}", name, known->line), name);
    }
  }

  void ReadEntry(std::string_view content) {
    entry_ = -1;
    const std::size_t sign = content.find_first_of(":=");
    if (section_ < 0) return Fault(fmt::format("\"{}\" stands before any [section]", content));
    if (sign == std::string_view::npos || sign == 0) {
      return Fault(fmt::format("\"{}\" is neither a section nor \"key: value\"", content));
    }
    const std::string key = InLowerCase(Trimmed(content.substr(0, sign)));
    std::string value(WithoutComment(Trimmed(content.substr(sign + 1))));
    if (value == "\"\"") value.clear();
    std::vector<IniEntry>& entries = section()->entries;
    const auto known = std::find_if(entries.begin(), entries.end(),
                                    [&](const IniEntry& entry) { return entry.key == key; });
    entry_ = known - entries.begin();
    if (known == entries.end()) {
      entries.push_back({key, std::move(value), line_});
      return;
    }
    Warn(fmt::format("{} was given in line {} already; this one counts", key, known->line), key);
    *known = {key, std::move(value), line_};
  }

  IniSection* section() { return &file_.sections[static_cast<std::size_t>(section_)]; }
  void Fault(std::string message) {
    file_.faults.push_back({std::move(message), name_, line_, 0, ""});
  }
  void Warn(std::string message, const std::string& key) {
    file_.warnings.push_back({std::move(message), name_, line_, 0, key});
  }

  const std::string& name_;
  IniFile& file_;
  int line_ = 0;
  std::ptrdiff_t section_ = -1;  // That goes on,
  std::ptrdiff_t entry_ = -1;    // and its entry that an indented line goes on with.
};

// Every section has what [DEFAULT] has and it does not say itself.
void SpreadDefaults(IniFile& file) {
  const auto found = std::find_if(file.sections.begin(), file.sections.end(),
                                  [](const IniSection& known) { return known.name == kDefault; });
  if (found == file.sections.end()) return;
  const IniSection defaults = *found;
  file.sections.erase(found);
  for (IniSection& section : file.sections) {
    for (const IniEntry& entry : defaults.entries) {
      if (FindEntry(section, entry.key) == nullptr) section.entries.push_back(entry);
    }
  }
}

// One round of filling in %(key)s and %%; false, with the fault, where a key is not there.
bool FillOnce(const IniSection& section, std::string& value, std::string& fault) {
  std::string filled;
  for (std::size_t at = 0; at < value.size();) {
    if (value.compare(at, 2, "%%") == 0) {
      filled += '%';
      at += 2;
      continue;
    }
    const std::size_t end = value.find(")s", at);
    if (value.compare(at, 2, "%(") != 0 || end == std::string::npos) {
      filled += value[at++];
      continue;
    }
    const std::string key = InLowerCase(value.substr(at + 2, end - at - 2));
    const IniEntry* entry = FindEntry(section, key);
    if (entry == nullptr) {
      fault = fmt::format("%({})s: [{}] has no {}", key, section.name, key);
      return false;
    }
    filled += entry->value;
    at = end + 2;
  }
  value = std::move(filled);
  return true;
}

void FillValues(IniFile& file, const std::string& name) {
  for (IniSection& section : file.sections) {
    const IniSection raw = section;
    for (IniEntry& entry : section.entries) {
      std::string fault;
      for (int depth = 0; entry.value.find("%(") != std::string::npos && fault.empty(); ++depth) {
        if (depth == kIniDepthMax || entry.value.size() > (1u << 16)) {
          fault = fmt::format("{} leads back to itself", entry.key);
        } else if (!FillOnce(raw, entry.value, fault)) {
          break;
        } else if (entry.value.find("%(") != std::string::npos &&
                   entry.value.find(")s") == std::string::npos) {
          break;
        }
      }
      if (!fault.empty()) file.faults.push_back({fault, name, entry.line, 0, entry.key});
    }
  }
}

}  // namespace

const IniSection* FindSection(const IniFile& file, std::string_view name) {
  const auto found = std::find_if(file.sections.begin(), file.sections.end(),
                                  [&](const IniSection& known) { return known.name == name; });
  return found == file.sections.end() ? nullptr : &*found;
}

const IniEntry* FindEntry(const IniSection& section, std::string_view key) {
  const auto found = std::find_if(section.entries.begin(), section.entries.end(),
                                  [&](const IniEntry& known) { return known.key == key; });
  return found == section.entries.end() ? nullptr : &*found;
}

IniFile ParseIni(std::string_view text, const std::string& name) {
  IniFile file;
  Parser(name, file).Read(text);
  SpreadDefaults(file);
  FillValues(file, name);
  return file;
}

IniFile ReadIni(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    IniFile none;
    none.faults.push_back(
        {fmt::format("cannot read {}: {}", path, std::strerror(errno)), path, 0, 0, ""});
    return none;
  }
  return ParseIni(text, path);
}

}  // namespace epu
