#include "mockbroker/plugin/rules.hpp"

#include <array>
#include <vector>

#include <doctest/doctest.h>

#include "core/random.hpp"

using namespace autotape;

namespace {

const std::string app_id = "1FBBEDED80595912588FF4FF";
const std::string other_id = "9FBBEDED80595912588FF4FF";

RuleSettings live(StreamVersion stream = StreamVersion::v1) {
  RuleSettings settings;
  settings.environment = "live";
  settings.stream = stream;
  return settings;
}

RegisteredCertificate consumer(const std::string& id) {
  RegisteredCertificate certificate;
  certificate.fingerprint = std::string(64, id.front());
  certificate.app_id = app_id;
  certificate.certificate_id = id;
  certificate.not_before = CertificateTime(std::chrono::seconds(1'000));
  certificate.not_after = CertificateTime(std::chrono::seconds(2'000));
  return certificate;
}

constexpr auto within = CertificateTime(std::chrono::seconds(1'500));

// The reference: levels as a person would compare them, slowly.
using Levels = std::vector<std::string>;

std::string join(const Levels& levels) {
  std::string text;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    text += (i == 0 ? "" : "/") + levels[i];
  }
  return text;
}

// MQTT 3.1.1 section 4.7, word for word; a shared subscription (MQTT 5 section 4.8.2) matches as
// its filter.
bool model_matches(Levels filter, const Levels& topic) {
  if (filter[0] == "$share" && filter.size() > 2) {
    filter.erase(filter.begin(), filter.begin() + 2);
  }
  if (topic[0].starts_with('$') && (filter[0] == "+" || filter[0] == "#")) {
    return false;
  }
  for (std::size_t i = 0; i < filter.size(); ++i) {
    if (filter[i] == "#") {
      return true;
    }
    if (i >= topic.size() || (filter[i] != "+" && filter[i] != topic[i])) {
      return false;
    }
  }
  return filter.size() == topic.size();
}

bool model_owns(const Levels& topic, StreamVersion stream) {
  const bool inside =
      topic.size() >= 3 && topic[0] == "live" && topic[1] == "level13" && topic[2] == app_id;
  return inside && (stream == StreamVersion::v1 || topic.size() == 3);
}

// Levels that are near to the real ones, so that random topics and filters meet.
std::string random_level(Random& random, bool filter) {
  static const std::array<std::string, 16> names = {
      "live",     "sandbox", "Live",        "level13",
      "level12",  app_id,    other_id,      "1fbbeded80595912588ff4ff",
      "",         "V1",      "$SYS",        "$share",
      "$CONTROL", "g",       "diagnostics", "odometer"};
  if (filter && random.chance(0.4)) {
    return random.chance(0.3) ? "#" : "+";
  }
  return names[random.below(names.size())];
}

Levels random_levels(Random& random, bool filter) {
  Levels levels;
  if (filter && random.chance(0.2)) {
    levels = {"$share", "g"};
  }
  if (random.chance(0.6)) {  // mostly about right from the start
    for (const std::string& expected : {std::string("live"), std::string("level13"), app_id}) {
      levels.push_back(random.chance(0.85) ? expected : random_level(random, filter));
    }
  }
  const std::size_t more = random.below(4) + (levels.empty() ? 1 : 0);
  for (std::size_t i = 0; i < more; ++i) {
    levels.push_back(random_level(random, filter));
  }
  return levels;
}

}  // namespace

TEST_CASE(
    "no filter that is granted reaches a topic of others, and no topic of others is delivered") {
  for (const StreamVersion stream : {StreamVersion::v1, StreamVersion::v2}) {
    const Scope scope(live(stream), app_id);
    std::vector<Levels> topics;
    for (std::uint64_t i = 0; i < 2'000; ++i) {
      Random random(1, "topic", i);
      topics.push_back(random_levels(random, false));
      const Levels& topic = topics.back();
      CAPTURE(join(topic));
      CHECK(scope.allows_topic(join(topic)) == model_owns(topic, stream));
    }
    std::size_t granted = 0;
    std::size_t leaks = 0;
    for (std::uint64_t i = 0; i < 5'000; ++i) {
      Random random(2, "filter", i);
      const Levels filter = random_levels(random, true);
      if (!scope.allows_filter(join(filter))) {
        continue;
      }
      ++granted;
      for (const Levels& topic : topics) {
        if (model_matches(filter, topic) && !model_owns(topic, stream)) {
          ++leaks;
          MESSAGE(join(filter), " reaches ", join(topic));
        }
      }
    }
    CHECK(leaks == 0);
    CHECK(granted > 50);  // or the test would prove nothing
  }
}

TEST_CASE("the filters of the provider's page are granted") {
  const Scope scope(live(), app_id);
  CHECK(scope.allows_filter("live/level13/" + app_id + "/#"));
  CHECK(scope.allows_filter("live/level13/" + app_id + "/+/diagnostics/get/odometer"));
  CHECK(scope.allows_filter("live/level13/" + app_id + "/V1/#"));
}

TEST_CASE("in V2 there is one topic and nothing below it") {
  const Scope scope(live(StreamVersion::v2), "2b3e4f56-7890-4abc-8def-0123456789ab");
  CHECK(scope.allows_filter("live/level13/2b3e4f56-7890-4abc-8def-0123456789ab"));
  CHECK_FALSE(scope.allows_filter("live/level13/2b3e4f56-7890-4abc-8def-0123456789ab/#"));
  CHECK_FALSE(scope.allows_topic("live/level13/2b3e4f56-7890-4abc-8def-0123456789ab/V1"));
}

TEST_CASE("a certificate counts while it is registered, good, and in its time") {
  auto certificate = consumer("a");
  CHECK_FALSE(judge_certificate(&certificate, within).has_value());
  CHECK(judge_certificate(nullptr, within) == Rule::unregistered_certificate);
  CHECK(judge_certificate(&certificate, certificate.not_after + std::chrono::seconds(1)) ==
        Rule::expired_certificate);
  CHECK(judge_certificate(&certificate, certificate.not_before - std::chrono::seconds(1)) ==
        Rule::certificate_not_yet_valid);
  certificate.state = CertificateState::revoked;
  CHECK(judge_certificate(&certificate, within) == Rule::revoked_certificate);
  certificate.state = CertificateState::expired;
  CHECK(judge_certificate(&certificate, within) == Rule::expired_certificate);
  certificate.state = CertificateState::foreign;
  CHECK(judge_certificate(&certificate, within) == Rule::unknown_authority);
}

TEST_CASE("the client id is the certificate id, unless any will do") {
  Registry registry;
  registry.add(consumer("a"));
  const auto* certificate = registry.by_certificate_id("a");
  RuleSettings settings = live();
  CHECK_FALSE(judge_connect(settings, registry, {"a", certificate, false, within}).has_value());
  CHECK(judge_connect(settings, registry, {"b", certificate, false, within}) == Rule::client_id);
  settings.client_id_is_certificate_id = false;
  CHECK_FALSE(judge_connect(settings, registry, {"b", certificate, false, within}).has_value());
}

TEST_CASE("a second connection is refused only where that is set") {
  Registry registry;
  registry.add(consumer("a"));
  const auto* certificate = registry.by_certificate_id("a");
  RuleSettings settings = live();
  CHECK_FALSE(judge_connect(settings, registry, {"a", certificate, true, within}).has_value());
  settings.refuse_second_connection = true;
  CHECK(judge_connect(settings, registry, {"a", certificate, true, within}) ==
        Rule::second_connection);
}

TEST_CASE("the publisher has any client id but a consumer's") {
  Registry registry;
  registry.add(consumer("a"));
  auto publisher = consumer("p");
  publisher.role = CertificateRole::publisher;
  CHECK_FALSE(judge_connect(live(), registry, {"x", &publisher, true, within}).has_value());
  CHECK(judge_connect(live(), registry, {"a", &publisher, false, within}) == Rule::client_id);
}

TEST_CASE("only the publisher publishes, and nothing to the broker's own topics") {
  CHECK_FALSE(judge_publish(CertificateRole::publisher, "anything/at/all").has_value());
  CHECK(judge_publish(CertificateRole::publisher, "$SYS/x") == Rule::system_topic);
  CHECK(judge_publish(CertificateRole::consumer, "live/level13/x") == Rule::consumer_publishes);
  CHECK(judge_publish(CertificateRole::recorder, "live/level13/x") == Rule::consumer_publishes);
}
