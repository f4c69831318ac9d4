#include "eventlog/sha256.h"

#include <openssl/evp.h>

#include <memory>

#include "eventlog/check.h"

namespace epu {
namespace {

template <auto Free>
struct Freeing {
  template <typename Resource>
  void operator()(Resource* resource) const {
    Free(resource);
  }
};

// The algorithm is fetched and the context made once a thread: both cost more than a short hash.
struct Hasher {
  std::unique_ptr<EVP_MD, Freeing<EVP_MD_free>> algorithm{EVP_MD_fetch(nullptr, "SHA256", nullptr)};
  std::unique_ptr<EVP_MD_CTX, Freeing<EVP_MD_CTX_free>> context{EVP_MD_CTX_new()};
};

}  // namespace

Hash Sha256(std::initializer_list<Bytes> parts) {
  thread_local const Hasher hasher;
  EVP_MD_CTX* const context = hasher.context.get();
  CHECK(EVP_DigestInit_ex2(context, hasher.algorithm.get(), nullptr) == 1);
  for (const Bytes part : parts) {
    CHECK(EVP_DigestUpdate(context, part.data(), part.size()) == 1);
  }
  Hash hash;
  CHECK(EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1);
  return hash;
}

}  // namespace epu
