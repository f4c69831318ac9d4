#include "cli/ini_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
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
      // As odd as Python 2.7 has it: each of these was asked of it.
      {"[a]\nk: ;v\n", "[a] k@2=;v"},
      {"[a]\nk: ;v \n", "[a] k@2="},
      {"[a]\nk: a;b ;c\n", "[a] k@2=a;b ;c"},
      {"[a] no more\nrem: 1\nrem 2\nREM\n", "[a] rem@2=1"},
      {"[a]\nk: one\n  # two\n  x: 3\n", "[a] k@2=one\n# two\nx: 3"},
      {"[a]\nk: 50%\nl: 50%%\nx: %(K)s%%\n", "[a] k@2=50% l@3=50%% x@4=50%%"},
      {"[a]\nx: %%(y)s\ny: 1\n", "[a] x@2=1 y@3=1"},
      {"[a]\nx: %(__name__)s\n", "[a] x@2=a"},
      {"[a]\nK l: 'q'\n", "[a] k l@2='q'"},
      // Bad ones.
      {"k: v\nl: w\n", " ! 1: there is no [section] before this"},
      {"[a]\nword\n", "[a] ! 2: neither a section nor \"key: value\""},
      {"[a]\n: v\n", "[a] ! 2: neither a section nor \"key: value\""},
      {"[a\nk: v\n", " ! 1: a section is written [name] ! 2: there is no [section] before this"},
      {"[]\n", " ! 1: a section is written [name]"},
      {"[a]\n k: v\n",
       "[a] ! 2: an indented line goes on with a value, and there is none before it"},
      {"[a]\nx: %(y)s\n", "[a] x@2=%(y)s ! 2: x: %(y)s: [a] has no y"},
      {"[a]\nx: %(x)s\n", "[a] x@2=%(x)s ! 2: x leads back to itself"},
      {"[a]\nx: %(y\n", "[a] x@2=%(y ! 2: x has a % that begins no %(key)s; %% is a percent sign"},
      {"[a]\nx: %(y)s 5%\ny: 1\n",
       "[a] x@2=%(y)s 5% y@3=1 ! 2: x has a % that begins no %(key)s; %% is a percent sign"},
      {"[a]\nx: \xE4\n\xE4: 1\n[\xE4]\n",
       "[a] ! 2: x is no UTF-8 ! 3: a key is no UTF-8 ! 4: the name of a section is no UTF-8"},
  };
  for (const auto& [text, told] : cases) EXPECT_EQ(Told(text), told) << text;
}

TEST(Ini, TellsWhatIsInheritedAndWhatIsUsed) {
  const IniFile file = ParseIni("[DEFAULT]\nd: 1\ne: 2\n[a]\nx: %(d)s\ny: %(x)s\ne: 3\n", "f");
  std::string told;
  for (const IniEntry& entry : FindSection(file, "a")->entries) {
    told += entry.key + (entry.inherited ? " inherited" : "") + (entry.used ? " used" : "") + "; ";
  }
  EXPECT_EQ(told, "x used; y; e; d inherited used; ");
}

TEST(Ini, HasNoZeroByte) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(Told("[a]\nk: \0\nl: v\n  \0\n"sv),
            "[a] l@3=v ! 2: k has a zero byte ! 4: l has a zero byte");
}

TEST(Ini, DoesNotGrowWithoutEnd) {
  std::string text = "[a]\nx0: word\n";
  for (int i = 1; i < 10; ++i) {
    std::string value;
    for (int times = 0; times < 20; ++times) value += fmt::format("%(x{})s", i - 1);
    text += fmt::format("x{}: {}\n", i, value);
  }
  const IniFile file = ParseIni(text, "f");
  ASSERT_FALSE(file.faults.empty());
  EXPECT_EQ(file.faults[0].message, "x4 grows beyond 65536 bytes");
}

// A line that cannot be read, or a value, may be a password.
TEST(Ini, RepeatsNoValueInAComplaint) {
  for (const std::string text :
       {"hidden\n", "password: hidden\n", "[a]\npassword hidden\n", "[a]\n  password: hidden\n",
        "[a]\n=hidden\n", "[a]\n[hidden\n", "[a]\npassword: hidden %(hidden\n",
        "[a]\npassword: hidden %(x)s %\nx: 1\n", "[a]\npassword: hidden\xFF\n",
        "[a]\npassword: hidden\npassword: hidden\n", "[a]\npassword: hidden%(password)s\n"}) {
    const IniFile file = ParseIni(text, "f");
    EXPECT_FALSE(file.faults.empty() && file.warnings.empty()) << text;
    for (const auto* complaints : {&file.faults, &file.warnings}) {
      for (const Complaint& complaint : *complaints) {
        EXPECT_EQ(complaint.message.find("hidden"), std::string::npos) << complaint.message;
      }
    }
  }
}

TEST(Ini, ThatCannotBeReadIsAFault) {
  const std::string large = testing::TempDir() + "/large.conf";
  std::ofstream(large) << std::string(kIniBytesMax + 1, '#');
  const struct {
    std::string path;
    std::string message;
  } cases[] = {
      {"/nothing/here.conf", "cannot read /nothing/here.conf: No such file or directory"},
      {"/tmp", "cannot read /tmp: Is a directory"},
      {large, large + " has more than 1048576 bytes"},
  };
  for (const auto& [path, message] : cases) {
    const IniFile file = ReadIni(path);
    ASSERT_EQ(file.faults.size(), 1u) << path;
    EXPECT_EQ(file.faults[0].message, message);
  }
  std::filesystem::remove(large);
}

}  // namespace
}  // namespace epu
