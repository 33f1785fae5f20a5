// SHA-256 and SHA-512 are OpenSSL's, by its functions that work on the caller's memory alone; those that replaced them
// set up a library of providers first, which reads the environment.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "metadata/scram_keys.h"

#include <openssl/sha.h>

#include <algorithm>
#include <string_view>

#include "base/check.h"
#include "metadata/quotas_and_scram.h"

namespace gregor::metadata {

namespace {

struct Sha256 {
  using Context = SHA256_CTX;
  static constexpr std::size_t kBlockBytes = SHA256_CBLOCK;
  static constexpr std::size_t kDigestBytes = SHA256_DIGEST_LENGTH;
  static int begin(Context* context) { return SHA256_Init(context); }
  static int add(Context* context, Bytes bytes) { return SHA256_Update(context, bytes.data(), bytes.size()); }
  static int end(unsigned char* digest, Context* context) { return SHA256_Final(digest, context); }
};

struct Sha512 {
  using Context = SHA512_CTX;
  static constexpr std::size_t kBlockBytes = SHA512_CBLOCK;
  static constexpr std::size_t kDigestBytes = SHA512_DIGEST_LENGTH;
  static int begin(Context* context) { return SHA512_Init(context); }
  static int add(Context* context, Bytes bytes) { return SHA512_Update(context, bytes.data(), bytes.size()); }
  static int end(unsigned char* digest, Context* context) { return SHA512_Final(digest, context); }
};

template <class Hash>
ByteBuffer hash_of(Bytes first, Bytes second = {}) {
  typename Hash::Context context;
  ByteBuffer digest(Hash::kDigestBytes);
  CHECK(Hash::begin(&context) == 1);
  CHECK(Hash::add(&context, first) == 1);
  CHECK(Hash::add(&context, second) == 1);
  CHECK(Hash::end(reinterpret_cast<unsigned char*>(digest.data()), &context) == 1);
  return digest;
}

/// RFC 2104.
template <class Hash>
ByteBuffer hmac_of(Bytes key, std::string_view message) {
  constexpr std::byte kInner{0x36};
  constexpr std::byte kOuter{0x5c};
  ByteBuffer block(Hash::kBlockBytes);
  const ByteBuffer short_key = key.size() > block.size() ? hash_of<Hash>(key) : ByteBuffer(key.begin(), key.end());
  std::copy(short_key.begin(), short_key.end(), block.begin());
  const auto padded = [&block](std::byte with) {
    ByteBuffer pad = block;
    for (std::byte& at : pad) at ^= with;
    return pad;
  };
  const ByteBuffer inside = hash_of<Hash>(padded(kInner), bytes_of(message));
  return hash_of<Hash>(padded(kOuter), inside);
}

template <class Hash>
ScramKeys keys_of(Bytes salted_password) {
  return {.stored_key = hash_of<Hash>(hmac_of<Hash>(salted_password, "Client Key")),
          .server_key = hmac_of<Hash>(salted_password, "Server Key")};
}

}  // namespace

ScramKeys scram_keys_of(std::int8_t mechanism, Bytes salted_password) {
  CHECK(mechanism == kScramSha256 || mechanism == kScramSha512);
  return mechanism == kScramSha256 ? keys_of<Sha256>(salted_password) : keys_of<Sha512>(salted_password);
}

}  // namespace gregor::metadata
