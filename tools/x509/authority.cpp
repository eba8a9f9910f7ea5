#include "x509/authority.hpp"

#include <array>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "x509/openssl_handle.hpp"

namespace autotape {
namespace {

constexpr int authority_days = 3650;

struct Extension {
  int nid;
  std::string value;  // in the language of x509v3_config(5)
};

struct Request {
  std::string common_name;
  const PrivateKey& key;
  Validity validity;
  std::vector<Extension> extensions;
};

void set_time(ASN1_TIME* time, CertificateTime moment) {
  ASN1_TIME_set(time, moment.time_since_epoch().count());
}

// 20 octets at most, positive (RFC 5280, section 4.1.2.2).
bool set_random_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), bytes.size()) != 1) {
    return false;
  }
  bytes[0] &= 0x7F;
  bytes[0] |= 0x40;
  BIGNUM* number = BN_bin2bn(bytes.data(), bytes.size(), nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate));
  BN_free(number);
  return true;
}

void add_name(X509_NAME* name, const char* field, const std::string& value) {
  X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(value.data()),
                             static_cast<int>(value.size()), -1, 0);
}

bool add_extension(X509* certificate, X509* issuer, const Extension& extension) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* made =
      X509V3_EXT_conf_nid(nullptr, &context, extension.nid, extension.value.c_str());
  const bool added = made != nullptr && X509_add_ext(certificate, made, -1) == 1;
  X509_EXTENSION_free(made);
  return added;
}

// `issuer` is null for a certificate that signs itself.
Result<Certificate> sign(const Request& request, X509* issuer, const PrivateKey& issuer_key) {
  X509* certificate = X509_new();
  Certificate made = Certificate::adopt(certificate);
  X509_set_version(certificate, X509_VERSION_3);
  set_time(X509_getm_notBefore(certificate), request.validity.from);
  set_time(X509_getm_notAfter(certificate), request.validity.until);
  X509_NAME* subject = X509_get_subject_name(certificate);
  add_name(subject, "C", "DE");
  add_name(subject, "CN", request.common_name);
  X509* signer = issuer == nullptr ? certificate : issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer));
  bool good =
      set_random_serial(certificate) && X509_set_pubkey(certificate, request.key.handle()) == 1;
  for (const Extension& extension : request.extensions) {
    good = good && add_extension(certificate, signer, extension);
  }
  if (!good || X509_sign(certificate, issuer_key.handle(), EVP_sha256()) == 0) {
    return openssl_error(fmt::format("cannot make a certificate for '{}'", request.common_name));
  }
  return made;
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> buffer{};
  return ::inet_pton(AF_INET, name.c_str(), buffer.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), buffer.data()) == 1;
}

template <std::size_t N>
std::string random_hex(const char* digits) {
  std::array<unsigned char, N> bytes{};
  RAND_bytes(bytes.data(), bytes.size());
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4U];
    text += digits[byte & 0x0FU];
  }
  return text;
}

}  // namespace

Validity Validity::days_from_now(int days) {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  // A minute of grace for clients whose clock is behind.
  return {now - std::chrono::minutes(1), now + std::chrono::hours(24) * days};
}

Result<Authority> Authority::create(const std::string& name) {
  AUTOTAPE_TRY_ASSIGN(PrivateKey key, PrivateKey::generate(KeyKind::ec_p256));
  const Request request{name,
                        key,
                        Validity::days_from_now(authority_days),
                        {{NID_basic_constraints, "critical,CA:TRUE"},
                         {NID_key_usage, "critical,keyCertSign,cRLSign"},
                         {NID_subject_key_identifier, "hash"}}};
  AUTOTAPE_TRY_ASSIGN(Certificate certificate, sign(request, nullptr, key));
  return Authority(std::move(certificate), std::move(key));
}

Result<Certificate> Authority::sign_client(const PrivateKey& key, const std::string& common_name,
                                           const Validity& validity) const {
  const Request request{common_name,
                        key,
                        validity,
                        {{NID_basic_constraints, "critical,CA:FALSE"},
                         {NID_key_usage, "critical,digitalSignature,keyEncipherment"},
                         {NID_ext_key_usage, "serverAuth,clientAuth"},
                         {NID_subject_key_identifier, "hash"},
                         {NID_authority_key_identifier, "keyid"}}};
  return sign(request, certificate_.handle(), key_);
}

Result<Certificate> Authority::sign_server(const PrivateKey& key,
                                           const std::vector<std::string>& names,
                                           const Validity& validity) const {
  std::string alternatives;
  for (const std::string& name : names) {
    alternatives += fmt::format("{}{}:{}", alternatives.empty() ? "" : ",",
                                is_address(name) ? "IP" : "DNS", name);
  }
  const Request request{names.front(),
                        key,
                        validity,
                        {{NID_basic_constraints, "critical,CA:FALSE"},
                         {NID_key_usage, "critical,digitalSignature"},
                         {NID_ext_key_usage, "serverAuth"},
                         {NID_subject_alt_name, alternatives},
                         {NID_authority_key_identifier, "keyid"}}};
  return sign(request, certificate_.handle(), key_);
}

std::string make_uuid() {
  std::string digits = random_hex<16>("0123456789abcdef");
  digits[12] = '4';
  digits[16] = "89ab"[static_cast<unsigned char>(digits[16]) & 3U];
  return fmt::format("{}-{}-{}-{}-{}", digits.substr(0, 8), digits.substr(8, 4),
                     digits.substr(12, 4), digits.substr(16, 4), digits.substr(20));
}

std::string make_v1_app_id() {
  return random_hex<12>("0123456789ABCDEF");
}

}  // namespace autotape
