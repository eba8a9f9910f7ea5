#include "x509/verification.hpp"

#include <openssl/x509_vfy.h>

namespace autotape {

FailedVerification failed_verification(x509_store_ctx_st* context) {
  const int error = X509_STORE_CTX_get_error(context);
  const bool of_peer = X509_STORE_CTX_get_error_depth(context) == 0;
  if (of_peer && (error == X509_V_ERR_CERT_HAS_EXPIRED || error == X509_V_ERR_CERT_NOT_YET_VALID)) {
    return {true, nullptr};
  }
  X509* const peer = X509_STORE_CTX_get0_cert(context);
  if (peer != nullptr) {
    X509_up_ref(peer);
  }
  return {false, peer};
}

}  // namespace autotape
