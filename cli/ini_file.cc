#include "cli/ini_file.h"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "eventlog/utf8.h"

namespace epu {
namespace {

constexpr std::string_view kBlanks = " \t\r\f\v";
constexpr std::string_view kDefault = "DEFAULT";
constexpr std::string_view kRemark = "rem";
constexpr std::string_view kOwnName = "__name__";  // The section's name, as if it were a key of it.

bool IsBlank(char c) { return kBlanks.find(c) != std::string_view::npos; }

std::string_view TrimmedLeft(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

std::string_view Trimmed(std::string_view text) {
  return TrimmedLeft(text.substr(0, text.find_last_not_of(kBlanks) + 1));
}

std::string InLowerCase(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool IsComment(std::string_view line) {
  if (line.front() == '#' || line.front() == ';') return true;
  return InLowerCase(line.substr(0, kRemark.size())) == kRemark &&
         (line.size() == kRemark.size() || IsBlank(line[kRemark.size()]));
}

// `value`, whose blanks at its end are still there, without its comment. Only the first ";" can
// begin one; that of a value that begins with it is taken for one where the value ends with a
// blank.
std::string_view WithoutComment(std::string_view value) {
  const std::size_t at = value.find(';');
  if (at == std::string_view::npos) return value;
  return IsBlank(at == 0 ? value.back() : value[at - 1]) ? value.substr(0, at) : value;
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
    if (content.empty() || IsComment(line)) return;
    const bool indented = IsBlank(line.front());
    if (indented && entry_ >= 0) {
      IniEntry& entry = section()->entries[static_cast<std::size_t>(entry_)];
      if (IsText(content, entry.key)) entry.value += "\n" + std::string(content);
    } else if (indented) {
      Fault("an indented line goes on with a value, and there is none before it");
    } else if (line.front() == '[') {
      BeginSection(line);
    } else {
      ReadEntry(line);
    }
  }

  void BeginSection(std::string_view line) {
    entry_ = -1;
    const std::size_t end = line.find(']');
    if (end == std::string_view::npos || end == 1) return Fault("a section is written [name]");
    const std::string name(line.substr(1, end - 1));
    if (!IsText(name, "the name of a section")) return;
    const auto known = std::find_if(file_.sections.begin(), file_.sections.end(),
                                    [&](const IniSection& known) { return known.name == name; });
    section_ = known - file_.sections.begin();
    if (known == file_.sections.end()) {
      file_.sections.push_back({name, line_, {}});
    } else {
      Warn(fmt::format("section [{}] goes on from line {}", name, known->line), name);
    }
  }

  void ReadEntry(std::string_view line) {
    entry_ = -1;
    const std::size_t sign = line.find_first_of(":=");
    if (section_ < 0) {
      // What is no such file at all is told so once.
      if (!headless_) Fault("there is no [section] before this");
      headless_ = true;
      return;
    }
    if (sign == std::string_view::npos || sign == 0) {
      return Fault("neither a section nor \"key: value\"");
    }
    const std::string key = InLowerCase(Trimmed(line.substr(0, sign)));
    std::string value(Trimmed(WithoutComment(TrimmedLeft(line.substr(sign + 1)))));
    if (!IsText(key, "a key") || !IsText(value, key)) return;
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

  // Nothing else can be kept in a log, or handed to a program.
  bool IsText(std::string_view text, std::string_view what) {
    if (!IsUtf8(text)) {
      Fault(fmt::format("{} is no UTF-8", what));
    } else if (text.find('\0') != std::string_view::npos) {
      Fault(fmt::format("{} has a zero byte", what));
    } else {
      return true;
    }
    return false;
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
  bool headless_ = false;        // It has entries before its first section.
  std::ptrdiff_t section_ = -1;  // That goes on,
  std::ptrdiff_t entry_ = -1;    // and its entry that an indented line goes on with.
};

// Every section has what [DEFAULT] has and it does not say itself.
void SpreadDefaults(IniFile& file) {
  const auto found = std::find_if(file.sections.begin(), file.sections.end(),
                                  [](const IniSection& known) { return known.name == kDefault; });
  if (found == file.sections.end()) return;
  IniSection defaults = *found;
  for (IniEntry& entry : defaults.entries) entry.inherited = true;
  file.sections.erase(found);
  for (IniSection& section : file.sections) {
    for (const IniEntry& entry : defaults.entries) {
      if (FindEntry(section, entry.key) == nullptr) section.entries.push_back(entry);
    }
  }
}

// Fills the values of one section.
class Filler {
 public:
  Filler(const std::string& name, IniFile& file, IniSection& section)
      : name_(name), file_(file), section_(section), raw_(section) {}

  void Fill() {
    for (IniEntry& entry : section_.entries) {
      const std::string fault = FillEntry(entry.value);
      if (fault.empty()) continue;
      file_.faults.push_back({entry.key + fault, name_, entry.line, 0, entry.key});
    }
    for (IniEntry& entry : section_.entries) entry.used = used_.contains(entry.key);
  }

 private:
  // What is wrong, behind the key; empty where nothing is. A round fills in what the one before it
  // has brought; a value without %( is left as it is, even where it has %%.
  std::string FillEntry(std::string& value) {
    for (int depth = 0; value.find("%(") != std::string::npos; ++depth) {
      if (depth == kIniDepthMax) return " leads back to itself";
      std::string filled;
      const std::string fault = FillOnce(value, filled);
      if (!fault.empty()) return fault;
      value = std::move(filled);
    }
    return "";
  }

  std::string FillOnce(const std::string& value, std::string& filled) {
    for (std::size_t at = 0; at < value.size();) {
      if (filled.size() > kIniValueMax) return fmt::format(" grows beyond {} bytes", kIniValueMax);
      if (value[at] != '%') {
        filled += value[at++];
        continue;
      }
      if (value.compare(at, 2, "%%") == 0) {
        filled += '%';
        at += 2;
        continue;
      }
      const std::size_t end = value.find(')', at);
      if (value.compare(at, 2, "%(") != 0 || value.compare(std::min(end, value.size()), 2, ")s")) {
        return " has a % that begins no %(key)s; %% is a percent sign";
      }
      const std::string key = InLowerCase(value.substr(at + 2, end - at - 2));
      const IniEntry* entry = FindEntry(raw_, key);
      if (entry == nullptr && key != kOwnName) {
        return fmt::format(": %({})s: [{}] has no {}", key, section_.name, key);
      }
      filled += entry == nullptr ? section_.name : entry->value;
      used_.insert(key);
      at = end + 2;
    }
    return "";
  }

  const std::string& name_;
  IniFile& file_;
  IniSection& section_;
  const IniSection raw_;
  std::set<std::string> used_;
};

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
  for (IniSection& section : file.sections) Filler(name, file, section).Fill();
  return file;
}

IniFile ReadIni(const std::string& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text(kIniBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  const auto refused = [&](std::string message) {
    IniFile none;
    none.faults.push_back({std::move(message), path, 0, 0, ""});
    return none;
  };
  if (!file.is_open() || file.bad()) {
    return refused(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  if (text.size() > kIniBytesMax) {
    return refused(fmt::format("{} has more than {} bytes", path, kIniBytesMax));
  }
  return ParseIni(text, path);
}

}  // namespace epu
