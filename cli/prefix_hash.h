#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

// What the beginning of a file is known again by, as far as it was read: XXH3 of 128 bits, block by
// block, so that it is gone on with where an earlier reading ended. It tells files apart, and
// proves nothing against who makes them alike on purpose.

struct XXH3_state_s;

namespace epu {

using ContentHash = std::array<std::uint64_t, 2>;

ContentHash HashOf(std::string_view bytes);

class PrefixHash {
 public:
  static constexpr std::uint64_t kBlock = 32 * 1024;

  // Goes on behind the first `size` bytes, whose hash is `hash`; of no bytes it is 0. REQUIRES:
  // `size` is a multiple of kBlock.
  PrefixHash(std::uint64_t size, const ContentHash& hash);

  // The bytes that follow.
  void Add(std::string_view bytes);

  // Of the first `size` bytes. REQUIRES: `size` is a multiple of kBlock, not below that of the
  // constructor, and so many bytes were added.
  const ContentHash& At(std::uint64_t size) const;

  // How many bytes were added, with those before the constructor.
  std::uint64_t size() const { return size_; }

 private:
  struct Free {
    void operator()(XXH3_state_s* state) const;
  };

  std::uint64_t first_;  // The block of hashes_[0].
  std::uint64_t size_;
  std::vector<ContentHash> hashes_;
  std::unique_ptr<XXH3_state_s, Free> state_;  // Of the block that is not whole yet.
};

}  // namespace epu
