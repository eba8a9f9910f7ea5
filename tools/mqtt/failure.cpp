#include "mqtt/failure.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include <fmt/format.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>

#include "core/text.hpp"

namespace autotape {
namespace {

struct TlsExplanation {
  std::string_view sign;  // a part of OpenSSL's text
  std::string_view what;
  std::string_view advice;
};

constexpr std::string_view closed_early = "unexpected eof";

// "alert" is what the broker said of us; the others are what we found.
constexpr std::array<TlsExplanation, 11> tls_explanations{{
    {"alert certificate expired", "the broker says that the client certificate has expired",
     "get a new certificate"},
    {"alert certificate revoked", "the broker says that the client certificate was revoked",
     "get a new certificate"},
    {"alert unknown ca", "the broker does not know the authority of the client certificate",
     "is the certificate of this broker and environment?"},
    {"certificate required", "the broker asks for a client certificate",
     "give one with --bundle, or --cert and --key"},
    {"alert handshake failure", "the broker refused the TLS handshake",
     "does it ask for a client certificate? give one with --bundle, or --cert and --key"},
    {"alert bad certificate", "the broker does not accept the client certificate",
     "has it been revoked, or is it not yet valid?"},
    {"certificate verify failed", "the broker's certificate does not verify against the CA file",
     "wrong --cafile, a host name that is not in the certificate, or a certificate that has "
     "expired"},
    {"key values mismatch", "the private key does not belong to the certificate",
     "check --cert and --key"},
    {"wrong version number", "what answers there does not speak TLS", "check the port"},
    {"http request", "what answers there does not speak MQTT over TLS", "check the port"},
    {closed_early, "the broker closed the connection during the TLS handshake",
     "check the port and the certificates"},
}};

const TlsExplanation* explanation_of(std::string_view tls_reason) {
  for (const TlsExplanation& row : tls_explanations) {
    if (tls_reason.find(row.sign) != std::string_view::npos) {
      return &row;
    }
  }
  return nullptr;
}

Error closed_by_broker(const ClientSettings& settings, bool answered) {
  if (answered) {
    return connection_error(settings.address(), "the broker closed the connection");
  }
  return connection_error(
      settings.address(), "the broker closed the connection without an answer",
      settings.tls
          ? "is the client certificate one of this broker's, and neither expired nor revoked?"
          : "does it want TLS? give --cafile, and --cert and --key");
}

Error tls_failure(const ClientSettings& settings, const std::string& tls_reason, bool answered) {
  if (answered && tls_reason.find(closed_early) != std::string::npos) {
    return closed_by_broker(settings, answered);  // the handshake was long over
  }
  if (const TlsExplanation* row = explanation_of(tls_reason)) {
    return connection_error(settings.address(), std::string(row->what), std::string(row->advice));
  }
  return connection_error(
      settings.address(),
      tls_reason.empty() ? "the TLS handshake failed" : "the TLS handshake failed: " + tls_reason,
      "check host, port, CA file and certificate");
}

Error system_failure(const ClientSettings& settings, int reason, bool answered) {
  const std::string what = fmt::format("cannot connect: {}", std::strerror(reason));
  switch (reason) {
    case EPROTO:  // libmosquitto's word for a TLS connection that was closed
    case ECONNRESET:
    case EPIPE:
      return closed_by_broker(settings, answered);
    case ECONNREFUSED:
      return connection_error(settings.address(), what,
                              "is the broker running, and is the port right?");
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ETIMEDOUT:
      return connection_error(settings.address(), what, "check host name and network");
    default:
      return connection_error(settings.address(), what);
  }
}

}  // namespace

Error connection_failure(const ClientSettings& settings, int code, const std::string& tls_reason,
                         bool answered) {
  const int reason = errno;
  switch (code) {
    case MOSQ_ERR_TLS:
    case MOSQ_ERR_TLS_HANDSHAKE:
      return tls_failure(settings, tls_reason, answered);
    case MOSQ_ERR_EAI:
    case MOSQ_ERR_LOOKUP:
      return connection_error(settings.address(), "there is no such host", "check the host name");
    case MOSQ_ERR_KEEPALIVE:
      return connection_error(settings.address(), "the broker stopped answering");
    case MOSQ_ERR_PROTOCOL:
    case MOSQ_ERR_MALFORMED_PACKET:
      return connection_error(settings.address(), "what came does not follow MQTT",
                              "is it an MQTT broker, and does it speak this version (-V)?");
    case MOSQ_ERR_ERRNO:
    case MOSQ_ERR_CONN_LOST:
    case MOSQ_ERR_NO_CONN:
      // With TLS 1.3 the broker judges our certificate after the handshake is over for us.
      if (explanation_of(tls_reason) != nullptr) {
        return tls_failure(settings, tls_reason, answered);
      }
      if (code == MOSQ_ERR_ERRNO && reason != 0) {
        return system_failure(settings, reason, answered);
      }
      return closed_by_broker(settings, answered);
    default:
      return connection_error(settings.address(), mosquitto_strerror(code));
  }
}

Error credentials_failure(const ClientSettings& settings, const std::string& tls_reason) {
  const std::string files =
      settings.tls ? fmt::format("CA file {}, certificate {}, key {}", settings.tls->ca_file,
                                 settings.tls->certificate_file, settings.tls->key_file)
                   : "no TLS files";
  return file_error({}, fmt::format("cannot use the TLS files ({})", files),
                    tls_reason.empty() ? "they must be PEM, and readable" : tls_reason);
}

Error unpublishable(const Message& message, int code) {
  if (code == MOSQ_ERR_INVAL || code == MOSQ_ERR_MALFORMED_UTF8) {
    return file_error(
        {}, fmt::format("MQTT cannot publish to the topic \"{}\"", printable(message.topic, 200)),
        "a topic is 1 to 65,535 bytes of UTF-8, and has neither + nor #");
  }
  return file_error({},
                    fmt::format("a message of {} bytes to \"{}\" is larger than the broker takes",
                                message.payload.size(), printable(message.topic, 200)));
}

Error disconnected_by_broker(const ClientSettings& settings, int reason_code) {
  switch (reason_code) {
    case MQTT_RC_NORMAL_DISCONNECTION:
      return closed_by_broker(settings, true);
    case MQTT_RC_SESSION_TAKEN_OVER:
      return connection_error(
          settings.address(),
          fmt::format(
              "another client connected with the client id \"{}\" and took the session over",
              settings.client_id),
          "give each client a certificate and a client id of its own");
    default:
      return connection_error(settings.address(),
                              "the broker closed the connection: " + reason_of(reason_code));
  }
}

std::string reason_of(int reason_code) {
  return fmt::format("{} (reason code {})", mosquitto_reason_string(reason_code), reason_code);
}

Error connect_refusal(const ClientSettings& settings, int reason_code) {
  const auto refused = [&](std::string_view why, std::string advice) {
    return connection_error(settings.address(),
                            fmt::format("the broker refused the connection: {}", why),
                            std::move(advice));
  };
  switch (reason_code) {
    case 1:
    case 0x84:
      return refused("it does not speak this version of MQTT", "try -V 311 or -V 5");
    case 2:
    case 0x85:
      return refused("it does not accept the client id",
                     "the client id must be the certificate id");
    case 3:
    case 0x88:
    case 0x89:
      return refused("it is unavailable or busy", "try again later");
    case 4:
    case 0x86:
      return refused("bad user name or password", {});
    case 5:
    case 0x87:
      return refused(
          fmt::format("not authorized as client id \"{}\"", settings.client_id),
          "the client id must be the certificate id, and the certificate one of this broker's");
    case 0x8A:
      return refused("this client is banned", {});
    default:
      return refused(reason_of(reason_code), {});
  }
}

}  // namespace autotape
