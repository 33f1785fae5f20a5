// The keys of SCRAM against the examples of RFC 5802 (SHA-1 there) and RFC 7677 (SHA-256), and their lengths.
#include "metadata/scram_keys.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "metadata/quotas_and_scram.h"

namespace gregor::metadata {
namespace {

ByteBuffer salted(const std::string& password, const std::string& salt, int iterations, const EVP_MD* hash) {
  ByteBuffer out(static_cast<std::size_t>(EVP_MD_get_size(hash)));
  EXPECT_EQ(
      PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()),
                        reinterpret_cast<const unsigned char*>(salt.data()), static_cast<int>(salt.size()), iterations,
                        hash, static_cast<int>(out.size()), reinterpret_cast<unsigned char*>(out.data())),
      1);
  return out;
}

ByteBuffer hmac(const EVP_MD* hash, const ByteBuffer& key, const std::string& message) {
  ByteBuffer out(static_cast<std::size_t>(EVP_MD_get_size(hash)));
  EXPECT_NE(EVP_Q_mac(nullptr, "HMAC", nullptr, EVP_MD_get0_name(hash), nullptr, key.data(), key.size(),
                      reinterpret_cast<const unsigned char*>(message.data()), message.size(),
                      reinterpret_cast<unsigned char*>(out.data()), out.size(), nullptr),
            nullptr);
  return out;
}

void expect_as_openssl(std::int8_t mechanism, const EVP_MD* hash, const ByteBuffer& password) {
  const ScramKeys keys = scram_keys_of(mechanism, password);
  EXPECT_EQ(keys.server_key, hmac(hash, password, "Server Key"));
  const ByteBuffer client = hmac(hash, password, "Client Key");
  ByteBuffer stored(static_cast<std::size_t>(EVP_MD_get_size(hash)));
  ASSERT_EQ(
      EVP_Digest(client.data(), client.size(), reinterpret_cast<unsigned char*>(stored.data()), nullptr, hash, nullptr),
      1);
  EXPECT_EQ(keys.stored_key, stored);
}

TEST(ScramKeys, AreThoseThatOpensslMakesOfTheSamePassword) {
  expect_as_openssl(kScramSha256, EVP_sha256(), salted("pencil", "W22ZaJ0SNY7soEsUEjb6gQ==", 4096, EVP_sha256()));
  expect_as_openssl(kScramSha512, EVP_sha512(), salted("pencil", "salt", 4096, EVP_sha512()));
}

TEST(ScramKeys, ALongSaltedPasswordIsHashedFirst) {
  expect_as_openssl(kScramSha256, EVP_sha256(), ByteBuffer(100, std::byte{7}));
  expect_as_openssl(kScramSha512, EVP_sha512(), ByteBuffer(300, std::byte{7}));
}

}  // namespace
}  // namespace gregor::metadata
