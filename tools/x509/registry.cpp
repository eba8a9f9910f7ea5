#include "x509/registry.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

namespace autotape {
namespace {

constexpr std::array roles = {CertificateRole::consumer, CertificateRole::recorder,
                              CertificateRole::publisher};
constexpr std::array states = {CertificateState::good, CertificateState::revoked,
                               CertificateState::expired, CertificateState::foreign};

template <typename Values>
std::optional<typename Values::value_type> by_name(const Values& values, std::string_view name) {
  for (const auto value : values) {
    if (name_of(value) == name) {
      return value;
    }
  }
  return std::nullopt;
}

std::string_view next_field(std::string_view& line) {
  const std::size_t end = line.find(' ');
  const std::string_view field = line.substr(0, end);
  line.remove_prefix(end == std::string_view::npos ? line.size() : end + 1);
  return field;
}

std::optional<CertificateTime> parse_time(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return CertificateTime(std::chrono::seconds(seconds));
}

std::optional<RegisteredCertificate> parse_line(std::string_view line) {
  RegisteredCertificate certificate;
  certificate.fingerprint = next_field(line);
  const auto role = by_name(roles, next_field(line));
  const auto state = by_name(states, next_field(line));
  certificate.app_id = next_field(line);
  certificate.certificate_id = next_field(line);
  const auto not_before = parse_time(next_field(line));
  const auto not_after = parse_time(next_field(line));
  if (certificate.fingerprint.size() != 64 || !role || !state || !not_before || !not_after ||
      !line.empty()) {
    return std::nullopt;
  }
  certificate.role = *role;
  certificate.state = *state;
  certificate.not_before = *not_before;
  certificate.not_after = *not_after;
  return certificate;
}

}  // namespace

std::string_view name_of(CertificateRole role) {
  switch (role) {
    case CertificateRole::consumer:
      return "consumer";
    case CertificateRole::recorder:
      return "recorder";
    case CertificateRole::publisher:
      return "publisher";
  }
  return {};
}

std::string_view name_of(CertificateState state) {
  switch (state) {
    case CertificateState::good:
      return "good";
    case CertificateState::revoked:
      return "revoked";
    case CertificateState::expired:
      return "expired";
    case CertificateState::foreign:
      return "foreign";
  }
  return {};
}

Result<Registry> Registry::parse(std::string_view text, const std::string& where) {
  Registry registry;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const std::size_t end = text.find('\n');
    auto certificate = parse_line(text.substr(0, end));
    if (!certificate) {
      return file_error(fmt::format("{}:{}", where, number), "is no line of a certificate registry",
                        "restore the file, or start with a new state directory");
    }
    registry.add(std::move(*certificate));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return registry;
}

std::string Registry::text() const {
  std::string text;
  for (const RegisteredCertificate& certificate : certificates_) {
    fmt::format_to(std::back_inserter(text), "{} {} {} {} {} {} {}\n", certificate.fingerprint,
                   name_of(certificate.role), name_of(certificate.state), certificate.app_id,
                   certificate.certificate_id, certificate.not_before.time_since_epoch().count(),
                   certificate.not_after.time_since_epoch().count());
  }
  return text;
}

const RegisteredCertificate* Registry::by_fingerprint(const std::string& fingerprint) const {
  const auto found = by_fingerprint_.find(fingerprint);
  return found == by_fingerprint_.end() ? nullptr : &certificates_[found->second];
}

const RegisteredCertificate* Registry::by_certificate_id(const std::string& certificate_id) const {
  const auto found = by_certificate_id_.find(certificate_id);
  return found == by_certificate_id_.end() ? nullptr : &certificates_[found->second];
}

void Registry::add(RegisteredCertificate certificate) {
  by_fingerprint_[certificate.fingerprint] = certificates_.size();
  by_certificate_id_[certificate.certificate_id] = certificates_.size();
  certificates_.push_back(std::move(certificate));
}

bool Registry::set_state(const std::string& certificate_id, CertificateState state) {
  bool found = false;
  for (RegisteredCertificate& certificate : certificates_) {
    if (certificate.certificate_id == certificate_id) {
      certificate.state = state;
      found = true;
    }
  }
  return found;
}

}  // namespace autotape
