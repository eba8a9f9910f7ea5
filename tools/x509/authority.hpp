// A small certificate authority.
#pragma once

#include <string>
#include <vector>

#include "core/result.hpp"
#include "x509/certificate.hpp"

namespace autotape {

struct Validity {
  CertificateTime from;
  CertificateTime until;

  static Validity days_from_now(int days);
};

class Authority {
 public:
  static Result<Authority> create(const std::string& name);
  static Authority of(Certificate certificate, PrivateKey key) {
    return {std::move(certificate), std::move(key)};
  }

  const Certificate& certificate() const { return certificate_; }
  const PrivateKey& key() const { return key_; }

  // As the provider's: subject C=DE, CN; for signing and key encipherment, as server and client.
  Result<Certificate> sign_client(const PrivateKey& key, const std::string& common_name,
                                  const Validity& validity) const;

  // `names`: host names and addresses; the first is the CN too.
  Result<Certificate> sign_server(const PrivateKey& key, const std::vector<std::string>& names,
                                  const Validity& validity) const;

 private:
  Authority(Certificate certificate, PrivateKey key)
      : certificate_(std::move(certificate)), key_(std::move(key)) {}

  Certificate certificate_;
  PrivateKey key_;
};

// From OpenSSL's generator of secrets: a lower-case UUID (version 4), and 24 upper-case hex digits.
std::string make_uuid();
std::string make_v1_app_id();

}  // namespace autotape
