// An X.509 certificate, as far as the stream's rules look at it.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"
#include "x509/private_key.hpp"

struct x509_st;

namespace autotape {

// On the machine's wall clock, as certificates count time.
using CertificateTime = std::chrono::sys_seconds;

class Certificate {
 public:
  // The first certificate of the text. `where` names the text in errors.
  static Result<Certificate> from_pem(std::string_view pem, const std::string& where);

  // Takes the reference over.
  static Certificate adopt(x509_st* certificate);

  std::string to_pem() const;

  std::string common_name() const;  // the App ID; empty if there is none
  std::string fingerprint() const;  // SHA-256 over the DER form, 64 lower-case hex digits
  CertificateTime not_before() const;
  CertificateTime not_after() const;
  bool belongs_to(const PrivateKey& key) const;
  bool names_server(const std::string& name) const;  // host name or address

  x509_st* handle() const { return certificate_.get(); }  // for this room

 private:
  explicit Certificate(x509_st* certificate);

  std::shared_ptr<x509_st> certificate_;
};

}  // namespace autotape
