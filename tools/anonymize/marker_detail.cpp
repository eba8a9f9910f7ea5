#include "anonymize/marker_detail.hpp"

#include <algorithm>
#include <array>

#include "core/quantity.hpp"

namespace autotape {
namespace {

// Written by the recorder (record/recorder.cpp), but for numbers and durations.
constexpr std::array<std::string_view, 14> texts{
    "",
    "session kept",
    "new session",
    "the broker had not kept the session: messages may be missing",
    // Of connections that were lost (mqtt/failure.cpp).
    "the broker closed the connection",
    "the broker closed the connection during the TLS handshake",
    "the broker closed the connection without an answer",
    "the broker stopped answering",
    "the broker does not answer",
    "there is no such host",
    "cannot connect: Connection refused",
    "cannot connect: Connection timed out",
    "cannot connect: No route to host",
    "cannot connect: Network is unreachable",
};

bool is_known(std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool is_count_of_bytes(std::string_view text) {
  return text.ends_with(" bytes") &&
         text.find_first_not_of("0123456789") == text.size() - std::string_view(" bytes").size();
}

bool is_clock_jump(std::string_view text) {
  constexpr std::string_view begin = "the wall clock was set by ";
  if (!text.starts_with(begin)) {
    return false;
  }
  text.remove_prefix(begin.size());
  text.remove_prefix(text.starts_with('-') ? 1 : 0);
  return parse_duration(text).has_value();
}

}  // namespace

std::optional<std::string> harmless_detail(std::string_view detail, std::string_view broker,
                                           std::string_view other_broker) {
  if (is_known(detail) || is_count_of_bytes(detail) || is_clock_jump(detail)) {
    return std::string(detail);
  }
  if (broker.empty() || !detail.starts_with(broker)) {
    return std::nullopt;
  }
  std::string_view reason = detail.substr(broker.size());
  reason = reason.substr(0, reason.find(" ("));  // the advice
  constexpr std::string_view colon = ": ";
  if (!reason.starts_with(colon) || !is_known(reason.substr(colon.size()))) {
    return std::nullopt;
  }
  return std::string(other_broker).append(reason);
}

}  // namespace autotape
