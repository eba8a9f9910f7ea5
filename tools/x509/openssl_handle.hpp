// Owning pointers for OpenSSL's objects, and its errors as text. For this room only.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/result.hpp"

namespace autotape {

template <auto free>
struct OpensslDeleter {
  template <typename T>
  void operator()(T* object) const {
    free(object);
  }
};

using BioHandle = std::unique_ptr<BIO, OpensslDeleter<BIO_free_all>>;
using KeyHandle = std::unique_ptr<EVP_PKEY, OpensslDeleter<EVP_PKEY_free>>;
using KeyContextHandle = std::unique_ptr<EVP_PKEY_CTX, OpensslDeleter<EVP_PKEY_CTX_free>>;
using X509Handle = std::unique_ptr<X509, OpensslDeleter<X509_free>>;

// The oldest of OpenSSL's queued errors as text; empties the queue.
std::string openssl_reason();

Error openssl_error(std::string_view doing);

BioHandle bio_over(std::string_view text);
std::string text_of(const BioHandle& bio);

}  // namespace autotape
