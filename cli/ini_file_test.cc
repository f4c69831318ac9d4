#include "cli/ini_file.h"

#include <gtest/gtest.h>

#include <string>

#include <fmt/format.h>

namespace epu {
namespace {

// "[section] key@line=value …" of all, faults and warnings behind "!" and "?".
std::string Told(std::string_view text) {
  const IniFile file = ParseIni(text, "f");
  std::string told;
  for (const IniSection& section : file.sections) {
    told += fmt::format("[{}]", section.name);
    for (const IniEntry& entry : section.entries) {
      told += fmt::format(" {}@{}={}", entry.key, entry.line, entry.value);
    }
  }
  for (const Complaint& fault : file.faults)
    told += fmt::format(" ! {}: {}", fault.line, fault.message);
  for (const Complaint& warning : file.warnings) {
    told += fmt::format(" ? {}: {}", warning.line, warning.message);
  }
  return told;
}

TEST(Ini, IsReadAsConfigParserReadsIt) {
  const struct {
    std::string_view text;
    std::string_view told;
  } cases[] = {
      {"", ""},
      {"[a]\nk: v\n", "[a] k@2=v"},
      {"[a]\nk = v", "[a] k@2=v"},
      {"\xEF\xBB\xBF[a]\r\nKey: Value\r\n", "[a] key@2=Value"},
      {"[a]\nk: v ; said aside\n", "[a] k@2=v"},
      {"[a]\nk: a;b\n", "[a] k@2=a;b"},
      {"# c\n; c\n[a]\n# c\nk: v\n", "[a] k@5=v"},
      {"[a]\nk: one\n  two\n\n  three\n", "[a] k@2=one\ntwo\nthree"},
      {"[a]\nk: http://h:80/\n", "[a] k@2=http://h:80/"},
      {"[a]\nk:\nl: \"\"\n", "[a] k@2= l@3="},
      {"[a]\nx: 1\n[b]\ny: 2\n", "[a] x@2=1[b] y@4=2"},
      {"[DEFAULT]\nd: 1\n[a]\nx: %(d)s%(d)s\n", "[a] x@4=11 d@2=1"},
      {"[a]\nx: %(y)s\ny: %(z)s\nz: 5%\n", "[a] x@2=5% y@3=5% z@4=5%"},
      {"[a]\nk: 1\nk: 2\n", "[a] k@3=2 ? 3: k was given in line 2 already; this one counts"},
      {"[a]\nx: 1\n[b]\n[a]\ny: 2\n", "[a] x@2=1 y@5=2[b] ? 4: section [a] goes on from line 1"},
      // Bad ones.
      {"k: v\n", " ! 1: \"k: v\" stands before any [section]"},
      {"[a]\nword\n", "[a] ! 2: \"word\" is neither a section nor \"key: value\""},
      {"[a]\n: v\n", "[a] ! 2: \": v\" is neither a section nor \"key: value\""},
      {"[a\nk: v\n",
       " ! 1: \"[a\" is no section; it is written [name] ! 2: \"k: v\" stands before any "
       "[section]"},
      {"[]\n", " ! 1: \"[]\" is no section; it is written [name]"},
      {"[a]\nx: %(y)s\n", "[a] x@2=%(y)s ! 2: %(y)s: [a] has no y"},
      {"[a]\nx: %(x)s\n", "[a] x@2=%(x)s ! 2: x leads back to itself"},
  };
  for (const auto& [text, told] : cases) EXPECT_EQ(Told(text), told) << text;
}

TEST(Ini, ThatIsNotThereIsAFault) {
  const IniFile file = ReadIni("/nothing/here.conf");
  ASSERT_EQ(file.faults.size(), 1u);
  EXPECT_EQ(file.faults[0].message, "cannot read /nothing/here.conf: No such file or directory");
}

}  // namespace
}  // namespace epu
