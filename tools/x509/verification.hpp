// Why OpenSSL would not trust a certificate chain. For TLS verification callbacks.
#pragma once

struct x509_st;
struct x509_store_ctx_st;

namespace autotape {

struct FailedVerification {
  // The peer's certificate is of a trusted authority but expired or not yet valid.
  bool only_out_of_time = false;

  x509_st* certificate = nullptr;  // the peer's, a reference for the caller; may be null
};

FailedVerification failed_verification(x509_store_ctx_st* context);

}  // namespace autotape
