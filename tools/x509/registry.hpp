// Which certificates exist: the file that the broker's plugin holds each client against.
//
// One line for each certificate, in the order in which they were made, fields apart by one space:
//   fingerprint role state app-id certificate-id not-before not-after      (times in seconds since
//   1970)
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/result.hpp"
#include "x509/certificate.hpp"

namespace autotape {

enum class CertificateRole { consumer, recorder, publisher };

enum class CertificateState {
  good,
  revoked,
  expired,  // declared so; a certificate also expires by its own time
  foreign,  // signed by another authority, for tests
};

std::string_view name_of(CertificateRole role);
std::string_view name_of(CertificateState state);

struct RegisteredCertificate {
  std::string fingerprint;
  CertificateRole role = CertificateRole::consumer;
  CertificateState state = CertificateState::good;
  std::string app_id;
  std::string certificate_id;
  CertificateTime not_before;
  CertificateTime not_after;
};

class Registry {
 public:
  static Result<Registry> parse(std::string_view text, const std::string& where);
  std::string text() const;

  const std::vector<RegisteredCertificate>& certificates() const { return certificates_; }
  const RegisteredCertificate* by_fingerprint(const std::string& fingerprint) const;
  const RegisteredCertificate* by_certificate_id(const std::string& certificate_id) const;

  void add(RegisteredCertificate certificate);

  // False if there is no such certificate. All that share the id (renewed ones) change.
  bool set_state(const std::string& certificate_id, CertificateState state);

 private:
  std::vector<RegisteredCertificate> certificates_;
  std::unordered_map<std::string, std::size_t> by_fingerprint_;
  std::unordered_map<std::string, std::size_t> by_certificate_id_;  // the newest of an id
};

}  // namespace autotape
