#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/context.h"

// The dialect of configuration files that launch plans are written in: that of Python 2's
// ConfigParser, to the letter. [section], then "key: value" or "key = value", from the first column
// on; keys in any case. Comments: lines that begin with #, ; or the word rem, and what follows the
// first ; of a value where a blank is before it. An indented line goes on with the value before it.
// [DEFAULT] holds what every section has. %(key)s is another value of the section, and in a value
// that has one %% is a percent sign. What holds no text of UTF-8 is refused; a BOM is not.
//
// A value may be a secret: no complaint repeats one, or a line that could not be read.

namespace epu {

struct IniEntry {
  std::string key;    // In lower case.
  std::string value;  // Filled in; lines of one value are parted by line ends.
  int line = 0;
  bool inherited = false;  // From [DEFAULT].
  bool used = false;       // Another value of the section has it in itself.
  bool operator==(const IniEntry&) const = default;
};

struct IniSection {
  std::string name;
  int line = 0;
  std::vector<IniEntry> entries;  // In the order of the file, then those of [DEFAULT].
  bool operator==(const IniSection&) const = default;
};

struct IniFile {
  std::vector<IniSection> sections;  // Of one name one, in the order of the file.
  std::vector<Complaint> faults;    // What is no such file; then the rest is as far as it was read.
  std::vector<Complaint> warnings;  // A key that is given twice: the later one counts.
};

// Null where there is none.
const IniSection* FindSection(const IniFile& file, std::string_view name);
const IniEntry* FindEntry(const IniSection& section, std::string_view key);

// `name` is what complaints call the file.
IniFile ParseIni(std::string_view text, const std::string& name);

// Reads a file; one that cannot be read, or has more than kIniBytesMax, is a fault.
IniFile ReadIni(const std::string& path);

// How deep one value may lead to another; ConfigParser's limit.
inline constexpr int kIniDepthMax = 10;

// Of a file, which is then refused; plans of hundreds of services take a tenth.
inline constexpr std::size_t kIniBytesMax = 1 << 20;

// Of a value that is filled in: no record holds more.
inline constexpr std::size_t kIniValueMax = 64 << 10;

}  // namespace epu
