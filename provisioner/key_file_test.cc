#include "provisioner/key_file.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

namespace epu {
namespace {

class KeyFile : public testing::Test {
 protected:
  KeyFile() {
    char name[] = "/tmp/epu-keys.XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~KeyFile() override { std::filesystem::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text, mode_t mode = 0600) {
    std::ofstream(directory_ + "/" + name) << text;
    chmod((directory_ + "/" + name).c_str(), mode);
  }
  // The key, or the refusal without the directory.
  std::string Read(const std::string& name) {
    const absl::StatusOr<std::string> key = ReadKeyFile(directory_, name);
    if (key.ok()) return "key: " + *key;
    EXPECT_EQ(key.status().code(), absl::StatusCode::kFailedPrecondition);
    std::string text(key.status().message());
    if (const std::size_t at = text.find(directory_ + "/"); at != text.npos) {
      text.erase(at, directory_.size() + 1);
    }
    return text;
  }

  std::string directory_;
};

TEST_F(KeyFile, IsReadWithoutItsLastLineEnd) {
  Write("plain", "s3cret");
  Write("line", "s3cret\n");
  Write("two", "a\nb\n\n");
  Write("empty", "");
  Write("owner", "x", 0400);
  Write("large", std::string(kKeyBytesMax, 'x'));
  EXPECT_EQ(Read("plain"), "key: s3cret");
  EXPECT_EQ(Read("line"), "key: s3cret");
  EXPECT_EQ(Read("two"), "key: a\nb\n");
  EXPECT_EQ(Read("empty"), "key: ");
  EXPECT_EQ(Read("owner"), "key: x");
  EXPECT_EQ(Read("large").size(), sizeof("key: ") - 1 + kKeyBytesMax);
}

TEST_F(KeyFile, IsRefusedWhereItIsNotAsItShouldBe) {
  Write("open", "s3cret", 0640);
  Write("wide", "s3cret", 0604);
  Write("larger", std::string(kKeyBytesMax + 1, 'x'));
  Write("zero", std::string("a\0b", 3));
  std::filesystem::create_directory(directory_ + "/folder");
  const struct {
    const char* name;
    const char* refusal;
  } cases[] = {
      {"none", "the key none cannot be read: No such file or directory"},
      {"open", "the key open is open to others (mode 0640); chmod 600 it"},
      {"wide", "the key wide is open to others (mode 0604); chmod 600 it"},
      {"larger", "the key larger is over 65536 bytes large"},
      {"zero", "the key zero holds a zero byte, which no variable can"},
      {"folder", "the key folder is no file"},
      {"../plain", "\"../plain\" is no name of a key"},
      {"..", "\"..\" is no name of a key"},
      {"", "\"\" is no name of a key"},
  };
  for (const auto& [name, refusal] : cases) EXPECT_EQ(Read(name), refusal) << name;
}

}  // namespace
}  // namespace epu
