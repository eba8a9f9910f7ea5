#include "x509/hmac.hpp"

#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

namespace autotape {

struct HmacSha256::State {
  explicit State(std::string_view key)
      : algorithm(EVP_MAC_fetch(nullptr, "HMAC", nullptr), EVP_MAC_free),
        context(EVP_MAC_CTX_new(algorithm.get()), EVP_MAC_CTX_free) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    if (!context || EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key.data()),
                                 key.size(), parameters) != 1) {
      throw std::runtime_error("OpenSSL has no HMAC-SHA-256");
    }
  }

  std::unique_ptr<EVP_MAC, decltype(&EVP_MAC_free)> algorithm;
  std::unique_ptr<EVP_MAC_CTX, decltype(&EVP_MAC_CTX_free)> context;
};

HmacSha256::HmacSha256(std::string_view key) : state_(std::make_unique<State>(key)) {}
HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

HmacDigest HmacSha256::of(std::initializer_list<std::string_view> parts) {
  EVP_MAC_CTX* const context = state_->context.get();
  EVP_MAC_init(context, nullptr, 0, nullptr);  // begins again with the same key
  for (const std::string_view part : parts) {
    EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(part.data()), part.size());
  }
  HmacDigest digest{};
  std::size_t size = 0;
  EVP_MAC_final(context, digest.data(), &size, digest.size());
  return digest;
}

}  // namespace autotape
