#include "x509/private_key.hpp"

#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "x509/openssl_handle.hpp"

namespace autotape {

PrivateKey::PrivateKey(evp_pkey_st* key) : key_(key, EVP_PKEY_free) {}

Result<PrivateKey> PrivateKey::generate(KeyKind kind) {
  // Not EVP_EC_gen(), a macro that casts the name's const away.
  EVP_PKEY* key = kind == KeyKind::rsa_2048 ? EVP_RSA_gen(2048)
                                            : EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256");
  if (key == nullptr) {
    return openssl_error("cannot make a key");
  }
  return PrivateKey(key);
}

Result<PrivateKey> PrivateKey::from_pem(std::string_view pem, const std::string& where) {
  const auto no_password = [](char*, int, int, void*) { return -1; };  // never ask on a terminal
  EVP_PKEY* key = PEM_read_bio_PrivateKey(bio_over(pem).get(), nullptr, no_password, nullptr);
  if (key == nullptr) {
    return file_error(where, "is no private key in PEM form: " + openssl_reason());
  }
  return PrivateKey(key);
}

std::string PrivateKey::to_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(bio);
}

}  // namespace autotape
