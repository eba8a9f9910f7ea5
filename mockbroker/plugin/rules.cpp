#include "mockbroker/plugin/rules.hpp"

#include "message/topic_filter.hpp"

namespace autotape {

std::string_view name_of(Rule rule) {
  switch (rule) {
    case Rule::no_certificate:
      return "no-certificate";
    case Rule::unknown_authority:
      return "unknown-authority";
    case Rule::unregistered_certificate:
      return "unregistered-certificate";
    case Rule::revoked_certificate:
      return "revoked-certificate";
    case Rule::expired_certificate:
      return "expired-certificate";
    case Rule::certificate_not_yet_valid:
      return "certificate-not-yet-valid";
    case Rule::client_id:
      return "client-id";
    case Rule::second_connection:
      return "second-connection";
    case Rule::refused_for_a_while:
      return "refused-for-a-while";
    case Rule::filter_scope:
      return "filter-scope";
    case Rule::filter_count:
      return "filter-count";
    case Rule::consumer_publishes:
      return "consumer-publishes";
    case Rule::publisher_subscribes:
      return "publisher-subscribes";
    case Rule::system_topic:
      return "system-topic";
  }
  return {};
}

Scope::Scope(const RuleSettings& settings, const std::string& app_id)
    : v1_(settings.stream == StreamVersion::v1),
      base_(application_filter(StreamVersion::v2, settings.environment, app_id)),
      filter_(application_filter(settings.stream, settings.environment, app_id)) {}

bool Scope::allows_filter(std::string_view filter) const {
  // `$share/group/…` begins with `$` and no App ID does, so that nothing shared is covered.
  return is_topic_filter(filter) && filter_covers(filter_, filter);
}

bool Scope::allows_topic(std::string_view topic) const {
  return topic.starts_with(base_) &&
         (topic.size() == base_.size() || (v1_ && topic[base_.size()] == '/'));
}

std::optional<Rule> judge_certificate(const RegisteredCertificate* certificate,
                                      CertificateTime now) {
  if (certificate == nullptr) {
    return Rule::unregistered_certificate;
  }
  switch (certificate->state) {
    case CertificateState::revoked:
      return Rule::revoked_certificate;
    case CertificateState::expired:
      return Rule::expired_certificate;
    case CertificateState::foreign:
      return Rule::unknown_authority;
    case CertificateState::good:
      break;
  }
  if (certificate->not_after < now) {
    return Rule::expired_certificate;
  }
  if (certificate->not_before > now) {
    return Rule::certificate_not_yet_valid;
  }
  return std::nullopt;
}

std::optional<Rule> judge_connect(const RuleSettings& settings, const Registry& registry,
                                  const ConnectAttempt& attempt) {
  if (const auto refused = judge_certificate(attempt.certificate, attempt.now)) {
    return refused;
  }
  const RegisteredCertificate& certificate = *attempt.certificate;
  if (certificate.role == CertificateRole::publisher) {
    // Any client id but a consumer's, whose session it would take over.
    const bool taken = registry.by_certificate_id(std::string(attempt.client_id)) != nullptr;
    return taken ? std::optional(Rule::client_id) : std::nullopt;
  }
  if (settings.client_id_is_certificate_id && attempt.client_id != certificate.certificate_id) {
    return Rule::client_id;
  }
  if (settings.refuse_second_connection && attempt.certificate_in_use) {
    return Rule::second_connection;
  }
  return std::nullopt;
}

std::optional<Rule> judge_publish(CertificateRole role, std::string_view topic) {
  if (role != CertificateRole::publisher) {
    return Rule::consumer_publishes;
  }
  if (topic.starts_with('$')) {
    return Rule::system_topic;
  }
  return std::nullopt;
}

}  // namespace autotape
