#include "cli/prefix_hash.h"

#include <xxhash.h>

#include <algorithm>

#include "eventlog/check.h"

namespace epu {
namespace {

ContentHash Of(const XXH128_hash_t& hash) { return {hash.low64, hash.high64}; }

}  // namespace

ContentHash HashOf(std::string_view bytes) { return Of(XXH3_128bits(bytes.data(), bytes.size())); }

void PrefixHash::Free::operator()(XXH3_state_s* state) const { XXH3_freeState(state); }

PrefixHash::PrefixHash(std::uint64_t size, const ContentHash& hash)
    : first_(size / kBlock), size_(size), hashes_{hash}, state_(XXH3_createState()) {
  CHECK(size % kBlock == 0 && state_ != nullptr);
}

// The hash of a block is that of the hash before it and its bytes.
void PrefixHash::Add(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::uint64_t had = size_ % kBlock;
    if (had == 0) {
      XXH3_128bits_reset(state_.get());
      XXH3_128bits_update(state_.get(), hashes_.back().data(), sizeof(ContentHash));
    }
    const std::size_t part = std::min<std::size_t>(bytes.size(), kBlock - had);
    XXH3_128bits_update(state_.get(), bytes.data(), part);
    bytes.remove_prefix(part);
    size_ += part;
    if (size_ % kBlock == 0) hashes_.push_back(Of(XXH3_128bits_digest(state_.get())));
  }
}

const ContentHash& PrefixHash::At(std::uint64_t size) const {
  CHECK(size % kBlock == 0 && size / kBlock >= first_ && size / kBlock - first_ < hashes_.size());
  return hashes_[size / kBlock - first_];
}

}  // namespace epu
