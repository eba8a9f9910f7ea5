#include "run/held_up_link.hpp"

#include <doctest/doctest.h>

using namespace autotape;

namespace {

ReceivedTime at(int second) {
  return ReceivedTime(std::chrono::seconds(second));
}

BrokerEvent fault(int second, const char* detail, std::optional<std::string> client = "me") {
  BrokerEvent event;
  event.kind = BrokerEventKind::fault;
  event.time = at(second);
  event.detail = detail;
  event.client = std::move(client);
  return event;
}

using Spans = std::vector<HeldUpLink::Span>;

}  // namespace

TEST_CASE("A link is held up from the first fault that holds bytes up until it is taken back") {
  HeldUpLink link("me");
  link.note(fault(1, R"({"fault":"pause","client":"me"})"));
  link.note(fault(2, R"({"fault":"latency","client":"me","latency":"200ms"})"));
  link.note(fault(3, R"({"fault":"resume","client":"me"})"));
  link.note(fault(4, R"({"fault":"disconnect","client":"me"})"));
  CHECK(link.spans() == Spans{{at(1), at(3)}});
  link.note(fault(5, R"({"fault":"bandwidth","bytes_per_second":100})", std::nullopt));
  CHECK(link.spans() == Spans{{at(1), at(3)}, {at(5), ReceivedTime::max()}});
  link.note(fault(6, R"({"fault":"resume"})", std::nullopt));
  CHECK(link.spans() == Spans{{at(1), at(3)}, {at(5), at(6)}});
}

TEST_CASE("What is done to another client's link does not hold this one up") {
  HeldUpLink link("me");
  link.note(fault(1, R"({"fault":"pause","client":"other"})", "other"));
  CHECK(link.spans().empty());
}
