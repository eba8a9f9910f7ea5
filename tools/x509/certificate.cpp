#include "x509/certificate.hpp"

#include <array>
#include <ctime>

#include <fmt/format.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "x509/openssl_handle.hpp"

namespace autotape {
namespace {

CertificateTime time_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) {
    return {};
  }
  return CertificateTime(std::chrono::seconds(::timegm(&parts)));
}

}  // namespace

Certificate::Certificate(x509_st* certificate) : certificate_(certificate, X509_free) {}

Certificate Certificate::adopt(x509_st* certificate) {
  return Certificate(certificate);
}

Result<Certificate> Certificate::from_pem(std::string_view pem, const std::string& where) {
  X509* certificate = PEM_read_bio_X509(bio_over(pem).get(), nullptr, nullptr, nullptr);
  if (certificate == nullptr) {
    return file_error(where, "is no certificate in PEM form: " + openssl_reason());
  }
  return Certificate(certificate);
}

std::string Certificate::to_pem() const {
  const BioHandle bio(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(bio.get(), certificate_.get());
  return text_of(bio);
}

std::string Certificate::common_name() const {
  const X509_NAME* subject = X509_get_subject_name(certificate_.get());
  const int place = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (place < 0) {
    return {};
  }
  unsigned char* text = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, place)));
  if (size < 0) {
    return {};
  }
  std::string name(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
  OPENSSL_free(text);
  return name;
}

std::string Certificate::fingerprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  X509_digest(certificate_.get(), EVP_sha256(), digest.data(), &size);
  std::string text;
  for (unsigned int i = 0; i < size; ++i) {
    fmt::format_to(std::back_inserter(text), "{:02x}", digest[i]);
  }
  return text;
}

CertificateTime Certificate::not_before() const {
  return time_of(X509_get0_notBefore(certificate_.get()));
}

CertificateTime Certificate::not_after() const {
  return time_of(X509_get0_notAfter(certificate_.get()));
}

bool Certificate::belongs_to(const PrivateKey& key) const {
  const bool same = X509_check_private_key(certificate_.get(), key.handle()) == 1;
  openssl_reason();  // a mismatch leaves an error in the queue
  return same;
}

bool Certificate::names_server(const std::string& name) const {
  return X509_check_ip_asc(certificate_.get(), name.c_str(), 0) == 1 ||
         X509_check_host(certificate_.get(), name.data(), name.size(), 0, nullptr) == 1;
}

}  // namespace autotape
