#define AUTOTAPE_PROGRAM ""  // only for defaults, which nothing here uses
#include "autotape/mock_broker.hpp"

#include "api/playable.hpp"
#include "mqtt/mqtt_publisher.hpp"
#include "replay/prefetch.hpp"
#include "replay/replayer.hpp"
#include "run/test_broker.hpp"
#include "scenario/scenario_file.hpp"
#include "scenario/scenario_plan.hpp"

namespace autotape::api {

struct MockBroker::Parts {
  TestBroker broker;
};

MockBroker::MockBroker(const std::string& program)
    : parts_(new Parts{or_throw(TestBroker::start(StreamVersion::v1, program))}) {
  or_throw(parts_->broker.begin_run());
}

MockBroker::~MockBroker() = default;
MockBroker::MockBroker(MockBroker&&) noexcept = default;
MockBroker& MockBroker::operator=(MockBroker&&) noexcept = default;

Connection MockBroker::consumer(unsigned number) {
  if (number == 0) {
    throw Error("the first consumer is number 1");
  }
  const Bundle bundle = or_throw(parts_->broker.consumer_bundles(number))[number - 1];
  const BrokerConnection& connection = parts_->broker.connection();
  return {connection.host,       connection.port,
          bundle.files.ca_file,  bundle.files.certificate_file,
          bundle.files.key_file, bundle.certificate_id.value_or(""),
          connection.topic};
}

std::uint64_t MockBroker::play(const Scenario& scenario) {
  const Playable playable(scenario);
  const BrokerConnection& connection = parts_->broker.connection();
  PrefetchedPlan plan(rewritten_for(or_throw(plan_scenario(playable.scenario())),
                                    playable.scenario(),
                                    {connection.environment, connection.app_id}));
  MqttPublisherSettings settings;
  settings.client.host = connection.host;
  settings.client.port = connection.port;
  settings.client.client_id = "autotape-library";
  settings.client.tls = connection.publisher;
  settings.client.clean_session = true;
  const auto publisher = or_throw(MqttPublisher::connect(settings, -1));
  MachineReplayClock clock;
  ReplaySettings replay;
  replay.rate = playable.scenario().rate;
  Replayer replayer(plan, *publisher, clock, replay, nullptr, nullptr);
  or_throw(replayer.run());
  publisher->disconnect();
  return replayer.summary().acknowledged;
}

void MockBroker::inject(const std::string& yaml) {
  const auto scenario = or_throw(read_scenario(
      "version: 1\nname: part\ntape: none\nfaults:\n  - {after_deliveries: 0, " +
          (yaml.size() > 1 && yaml.front() == '{' ? yaml.substr(1) : yaml + "}") + "\n",
      "fault"));
  or_throw(parts_->broker.inject(or_throw(fault_from_json(scenario.faults.front().what, "fault"))));
}

void MockBroker::start_over() {
  or_throw(parts_->broker.begin_run());
}

}  // namespace autotape::api
