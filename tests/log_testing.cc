#include "tests/log_testing.h"

#include <fstream>
#include <iterator>
#include <string_view>

namespace epu {

void FlipBitInFile(const std::string& file, const Record& record, std::size_t bit) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::string_view wanted(reinterpret_cast<const char*>(record.data()),
                                record.size() * sizeof(Word));
  std::size_t flipped = 0;
  for (std::size_t at = bytes.find(wanted); at != std::string::npos;
       at = bytes.find(wanted, at + 1)) {
    const std::size_t byte = at + bit / 8;
    stream.clear();
    stream.seekp(static_cast<std::streamoff>(byte));
    stream.put(static_cast<char>(bytes[byte] ^ (1 << (bit % 8))));
    ++flipped;
  }
  stream.flush();
  CHECK(stream.good() && flipped > 0);
}

}  // namespace epu
