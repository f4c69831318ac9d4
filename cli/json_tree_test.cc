#include "cli/json_tree.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace epu {
namespace {

using Kind = YamlNode::Kind;

// The tree as JSON again, by another library.
nlohmann::ordered_json Again(const YamlNode& node) {
  switch (node.kind) {
    case Kind::kNull:
      return nullptr;
    case Kind::kScalar:
      return node.quoted ? nlohmann::ordered_json(node.text)
                         : nlohmann::ordered_json::parse(node.text);
    case Kind::kSequence: {
      auto list = nlohmann::ordered_json::array();
      for (const YamlNode& item : node.items) list.push_back(Again(item));
      return list;
    }
    case Kind::kMap:
      break;
  }
  auto map = nlohmann::ordered_json::object();
  for (const YamlEntry& entry : node.entries) map[entry.key] = Again(entry.value);
  return map;
}

TEST(ParseJson, ReadsWhatJsonIs) {
  const std::vector<std::string> texts = {
      "{}",
      "[]",
      " \t\r\n[ ] \n",
      "null",
      "true",
      "false",
      "0",
      "-0",
      "12",
      "-1.5",
      "1e9",
      "0.5E-3",
      "1E+2",
      R"("")",
      R"("a\"b\\c\/d\b\f\n\r\t")",
      R"("\u00fc\u20ac\ud83d\ude00\u0000")",
      "\"\xc3\xbc\x7f\"",
      R"({"a": [1, {"b": null}, [true, "x"]], "c": -3.0})",
      R"([[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]])",
  };
  for (const std::string& text : texts) {
    const YamlTree tree = ParseJson(text);
    ASSERT_TRUE(tree.problems.empty()) << text << tree.problems[0].text;
    EXPECT_EQ(Again(tree.root), nlohmann::ordered_json::parse(text)) << text;
  }
}

TEST(ParseJson, KeepsNumbersAsTheyAreWritten) {
  EXPECT_EQ(ParseJson("1e999").root.text, "1e999");
  EXPECT_EQ(ParseJson("3.70").root.text, "3.70");
}

TEST(ParseJson, RefusesWhatJsonIsNotAndSaysWhere) {
  const struct {
    std::string text;
    std::string problem;  // "LINE:COLUMN text"
  } cases[] = {
      {"", "1:1: no JSON: it ends where a value is due"},
      {"{", "1:2: no JSON: it ends where a name in quotes is due"},
      {"[1", "1:3: no JSON: it ends where a comma or ] is due"},
      {"[1,]", "1:4: no JSON: \"]\" where a value is due"},
      {"{\"a\":1,}", "1:8: no JSON: \"}\" where a name in quotes is due"},
      {"{a: 1}", "1:2: no JSON: \"a\" where a name in quotes is due"},
      {"{'a': 1}", "1:2: no JSON: \"'\" where a name in quotes is due"},
      {"{\"a\" 1}", "1:6: no JSON: \"1\" where a colon is due"},
      {"{\"a\": 1 \"b\": 2}", "1:9: no JSON: \"\"\" where a comma or } is due"},
      {"{}\n {}", "2:2: no JSON: something behind the end of the value"},
      {"// x", "1:1: no JSON: \"/\" where a value is due"},
      {"nul", "1:1: no JSON: \"n\" where a value is due"},
      {"NaN", "1:1: no JSON: \"N\" where a value is due"},
      {"truex", "1:5: no JSON: something behind the end of the value"},
      {"01", "1:2: no JSON: a number does not begin with 0"},
      {"+1", "1:1: no JSON: \"+\" where a value is due"},
      {".5", "1:1: no JSON: \".\" where a value is due"},
      {"1.", "1:3: no JSON: it ends where a digit is due"},
      {"1e", "1:3: no JSON: it ends where a digit is due"},
      {"-", "1:2: no JSON: it ends where a digit is due"},
      {"0x1", "1:2: no JSON: something behind the end of the value"},
      {"\"a", "1:3: no JSON: a string without its end"},
      {"\"a\nb\"", "1:3: no JSON: a control character in a string; write it as \\n, \\t or \\u…."},
      {"\"\\x\"", "1:3: no JSON: \"x\" where the rest of an escape is due"},
      {"\"\\u12g4\"", "1:4: no JSON: four hexadecimal digits are due behind \\u"},
      {"\"\\u12", "1:4: no JSON: four hexadecimal digits are due behind \\u"},
      {"\"\\ud83d\"", "1:8: no JSON: half a character"},
      {"\"\\ude00\"", "1:8: no JSON: half a character"},
      {"\"\\ud83d\\u0041\"", "1:14: no JSON: half a character"},
      {"\"\xff\"", "1:2: no JSON: byte 0xff is no UTF-8"},
      {"\xef\xbb\xbf{}", "1:1: no JSON: \"\xef\xbb\xbf\" where a value is due"},
      {std::string(33, '['), "1:33: no JSON: it is nested deeper than 32 levels"},
      {std::string("{}\0", 3), "1:3: no JSON: something behind the end of the value"},
  };
  for (const auto& [text, problem] : cases) {
    const YamlTree tree = ParseJson(text);
    ASSERT_EQ(tree.problems.size(), 1u) << text;
    const YamlProblem& found = tree.problems[0];
    EXPECT_EQ(fmt::format("{}:{}{}", found.mark.line, found.mark.column, found.text), problem);
    EXPECT_EQ(tree.root.kind, Kind::kNull);
  }
}

TEST(ParseJson, SaysWhereEachValueAndEachMemberStands) {
  const YamlTree tree = ParseJson("{\n  \"a\": [1,\n    \"x\"],\n  \"b\": null\n}");
  const YamlNode& root = tree.root;
  EXPECT_EQ(root.mark, (YamlMark{1, 1}));
  EXPECT_EQ(root.entries[0].mark, (YamlMark{2, 3}));
  EXPECT_EQ(root.entries[0].value.mark, (YamlMark{2, 8}));
  EXPECT_EQ(root.entries[0].value.items[1].mark, (YamlMark{3, 5}));
  EXPECT_EQ(root.entries[1].value.mark, (YamlMark{4, 3}));
}

TEST(ParseJson, ComplainsOfAMemberGivenTwiceAndReadsOn) {
  const YamlTree tree = ParseJson("{\"a\": {\"b\": 1,\n \"b\": 2}, \"a\": 3}");
  ASSERT_EQ(tree.problems.size(), 2u);
  EXPECT_EQ(tree.problems[0],
            (YamlProblem{{2, 2}, "a.b", " is given twice (first in line 1); remove one"}));
  EXPECT_EQ(tree.problems[1].path, "a");
  EXPECT_EQ(tree.root.entries.size(), 2u);
}

}  // namespace
}  // namespace epu
