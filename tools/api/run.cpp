#define AUTOTAPE_PROGRAM ""  // only for defaults, which nothing here uses
#include "autotape/run.hpp"

#include <atomic>
#include <exception>
#include <fstream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "api/playable.hpp"
#include "core/text.hpp"
#include "json/document.hpp"
#include "mqtt/mqtt_source.hpp"
#include "report/run_report.hpp"
#include "run/judged_run.hpp"
#include "run/test_broker.hpp"

namespace autotape::api {
namespace {

using Settings = std::vector<std::pair<std::string, std::string>>;

Outcome outcome_of(autotape::Outcome outcome) {
  switch (outcome) {
    case autotape::Outcome::passed:
      return Outcome::passed;
    case autotape::Outcome::failed:
      return Outcome::failed;
    case autotape::Outcome::unknown:
      return Outcome::unknown;
    case autotape::Outcome::unexercised:
      return Outcome::unexercised;
    case autotape::Outcome::off:
      return Outcome::off;
  }
  return Outcome::off;
}

Verdict verdict_of(const RunReport& report, const std::string& folder) {
  Verdict verdict;
  verdict.outcome = outcome_of(report.outcome());
  verdict.report = report_text(report);
  verdict.folder = folder;
  for (const ConsumerFault& fault : report.consumer_faults) {
    verdict.consumer_faults.push_back(fault.fault);
  }
  for (const PartyReport& party : report.parties) {
    for (const CheckResult& result : party.verdict.checks) {
      Check check{result.name, outcome_of(result.outcome), result.summary, result.violations, {}};
      for (const autotape::Finding& finding : result.findings) {
        check.findings.push_back({std::string(name_of(finding.kind)), finding.message_id,
                                  finding.reading, finding.text});
      }
      verdict.checks.push_back(std::move(check));
    }
  }
  return verdict;
}

// Does nothing with what it is told, unless it is a consumer in this process.
class SilentListener : public TestRunListener {
 public:
  void on_phase(const std::string&) override {}
  void on_settings(std::uint32_t, const Settings&) override {}
  bool should_stop() const override { return false; }
};

// Appends lines to the run's observations.
class FileObserver final : public Observer {
 public:
  explicit FileObserver(const std::string& path) : file_(path, std::ios::app) {}

  void observe(std::string_view json) override {
    const std::lock_guard lock(mutex_);
    file_ << json << std::endl;
  }

 private:
  std::mutex mutex_;
  std::ofstream file_;
};

// The consumer of observe(): subscribes as soon as its settings are known, in a thread of its own.
class InProcessConsumer final : public SilentListener {
 public:
  explicit InProcessConsumer(const std::function<void(const Delivered&, Observer&)>& handle)
      : handle_(handle) {}

  ~InProcessConsumer() override { end(); }

  void on_settings(std::uint32_t, const Settings& settings) override {
    const std::map<std::string, std::string> values(settings.begin(), settings.end());
    thread_ = std::thread([this, values] { consume(values); });
  }

  // A consumer that has failed has nothing more to say.
  bool should_stop() const override { return failed_; }

  void end() {
    ended_ = true;
    if (thread_.joinable()) {
      thread_.join();
    }
  }

  // Empty if it did not.
  const std::string& failure() const { return failure_; }

 private:
  void consume(const std::map<std::string, std::string>& values) {
    MqttSourceSettings settings;
    settings.client.host = values.at("AUTOTAPE_HOST");
    settings.client.port = static_cast<std::uint16_t>(std::stoi(values.at("AUTOTAPE_PORT")));
    settings.client.client_id = values.at("AUTOTAPE_CLIENT_ID");
    settings.client.tls =
        Credentials{values.at("AUTOTAPE_CA_FILE"), values.at("AUTOTAPE_CERT_FILE"),
                    values.at("AUTOTAPE_KEY_FILE")};
    settings.topic_filter = values.at("AUTOTAPE_TOPIC");
    FileObserver observer(values.at("AUTOTAPE_OBSERVATIONS"));
    MqttSource source(settings, -1);
    std::vector<SourceEvent> batch;
    constexpr Duration turn = std::chrono::milliseconds(20);
    constexpr std::size_t most = 100;
    while (!ended_ && !failed_) {
      batch.clear();
      const auto received = source.receive(batch, most, turn);
      if (!received) {
        fail(received.error().line());
        return;
      }
      if (handle_all(batch, observer)) {
        source.acknowledge();
      }
    }
    if (!failed_) {
      source.disconnect();
    }
  }

  bool handle_all(const std::vector<SourceEvent>& batch, Observer& observer) {
    for (const SourceEvent& event : batch) {
      if (const auto* const message = std::get_if<autotape::Message>(&event)) {
        try {
          handle_({message->topic, message->payload}, observer);
        } catch (const std::exception& error) {
          fail(error.what());
          return false;
        }
      }
    }
    return true;
  }

  void fail(const std::string& why) {
    failure_ = why;
    failed_ = true;
  }

  const std::function<void(const Delivered&, Observer&)>& handle_;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> failed_ = false;
  std::string failure_;  // written before failed_ is set
  std::thread thread_;
};

Verdict run_and_judge(const Scenario& scenario, const std::vector<std::string>& command,
                      const RunOptions& options, TestRunListener& listener) {
  const Playable playable(scenario);
  TestRunSettings settings;
  settings.scenario = playable.scenario();
  settings.command = command;
  settings.settle = options.settle;
  settings.start_timeout = options.start_timeout;
  settings.hang_timeout = options.hang_timeout;
  settings.tool = "autotape library";
  std::optional<TemporaryFolder> temporary;
  if (options.folder.empty()) {
    temporary = or_throw(TemporaryFolder::create());
  }
  TestBroker broker = or_throw(TestBroker::start(settings.scenario.stream, options.program));
  const RunReport report = or_throw(
      judged_run(settings, broker, temporary ? temporary->path() : options.folder, listener));
  return verdict_of(report, options.folder);
}

}  // namespace

void Observer::handled(std::string_view message_id) {
  observe(write_document(Json{{"message_id", std::string(message_id)}}));
}

Verdict run(const Scenario& scenario, const std::vector<std::string>& command,
            const RunOptions& options) {
  if (command.empty()) {
    throw Error("run() needs the command of the consumer");
  }
  SilentListener listener;
  return run_and_judge(scenario, command, options, listener);
}

Verdict observe(const Scenario& scenario,
                const std::function<void(const Delivered&, Observer&)>& handle,
                const RunOptions& options) {
  InProcessConsumer consumer(handle);
  Verdict verdict = run_and_judge(scenario, {}, options, consumer);
  consumer.end();
  if (!consumer.failure().empty()) {
    verdict.outcome = Outcome::failed;
    verdict.consumer_faults.push_back(consumer.failure());
    verdict.report += "the consumer failed: " + consumer.failure() + "\n";
  }
  return verdict;
}

}  // namespace autotape::api
