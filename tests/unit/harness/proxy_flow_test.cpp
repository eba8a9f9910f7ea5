#include "mockbroker/harness/proxy_flow.hpp"

#include <doctest/doctest.h>

using namespace autotape;
using namespace std::chrono_literals;

namespace {

const MonotonicTime start{1'000s};

// Takes what is due at `now`, all of it.
std::string take(ProxyFlow& flow, MonotonicTime now) {
  std::string taken;
  for (auto bytes = flow.due(now); !bytes.empty(); bytes = flow.due(now)) {
    taken += bytes;
    flow.consume(bytes.size(), now);
  }
  return taken;
}

}  // namespace

TEST_CASE("without a fault bytes pass at once and in order") {
  ProxyFlow flow(1);
  flow.add("one ", start);
  flow.add("two", start);
  CHECK(flow.next_due(start) == start);
  CHECK(take(flow, start) == "one two");
  CHECK(flow.empty());
  CHECK_FALSE(flow.next_due(start).has_value());
}

TEST_CASE("latency delays, and jitter never reorders") {
  ProxyFlow flow(1);
  flow.fault().latency = 200ms;
  flow.fault().jitter = 50ms;
  std::string sent;
  for (char c = 'a'; c <= 'z'; ++c) {
    flow.add(std::string(1, c), start);
    sent += c;
  }
  CHECK(take(flow, start + 199ms).empty());
  std::string taken = take(flow, start + 225ms);
  CHECK(sent.starts_with(taken));
  taken += take(flow, start + 250ms);
  CHECK(taken == sent);
}

TEST_CASE("a paused flow keeps its bytes and asks for no timer") {
  ProxyFlow flow(1);
  flow.add("bytes", start);
  flow.fault().paused = true;
  CHECK(take(flow, start + 1h).empty());
  CHECK_FALSE(flow.next_due(start).has_value());
  flow.fault().paused = false;
  CHECK(take(flow, start + 1h) == "bytes");
}

TEST_CASE("bandwidth lets so many bytes pass in a second, whoever asks how often") {
  ProxyFlow flow(1);
  flow.fault().bytes_per_second = 64 * 1024;
  flow.add(std::string(512 * 1024, 'x'), start);
  std::size_t passed = 0;
  for (auto now = start; now <= start + 2s; now += 1ms) {
    passed += take(flow, now).size();
  }
  CHECK(passed >= 126 * 1024);
  CHECK(passed <= 132 * 1024);
  REQUIRE(flow.next_due(start + 2s).has_value());
}

TEST_CASE("an idle flow saves up no more than a moment's bandwidth") {
  ProxyFlow flow(1);
  flow.fault().bytes_per_second = 1'000;
  flow.add(std::string(10'000, 'x'), start);
  CHECK(take(flow, start + 1h).size() <= 20);
}

TEST_CASE("a cut comes after exactly so many bytes") {
  ProxyFlow flow(1);
  flow.fault().cut_after = 5;
  flow.add("123", start);
  CHECK(take(flow, start) == "123");
  CHECK_FALSE(flow.cut_reached());
  flow.add("456", start);
  CHECK(take(flow, start) == "45");
  CHECK(flow.cut_reached());
}
