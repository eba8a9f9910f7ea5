#include "run/held_up_link.hpp"

#include <variant>

#include "mockbroker/harness/fault.hpp"

namespace autotape {
namespace {

bool holds_bytes_up(const Fault& fault) {
  return std::holds_alternative<Pause>(fault) || std::holds_alternative<Latency>(fault) ||
         std::holds_alternative<Bandwidth>(fault);
}

}  // namespace

void HeldUpLink::note(const BrokerEvent& event) {
  if (event.kind != BrokerEventKind::fault || !event.detail ||
      (event.client && *event.client != client_)) {
    return;
  }
  const auto json = parse_document(*event.detail, "the fault");
  const auto fault = json ? fault_from_json(*json, "the fault") : Result<Fault>(json.error());
  if (!fault) {
    return;  // the log of another version: it is shown as it is
  }
  if (holds_bytes_up(*fault)) {
    since_ = since_.value_or(event.time);
  } else if (since_ && std::holds_alternative<Resume>(*fault)) {
    spans_.emplace_back(*since_, event.time);
    since_.reset();
  }
}

std::vector<HeldUpLink::Span> HeldUpLink::spans() const {
  std::vector<Span> spans = spans_;
  if (since_) {
    spans.emplace_back(*since_, ReceivedTime::max());
  }
  return spans;
}

}  // namespace autotape
