#define AUTOTAPE_PROGRAM ""  // only for defaults, which nothing here uses
#include "autotape/run.hpp"

#include <atomic>
#include <exception>
#include <fstream>
#include <map>
#include <memory>
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

using Handle = std::function<void(std::uint32_t consumer, const std::string& topic,
                                  const std::string& payload, Observer& observer)>;

// A consumer of observe(): subscribes with its settings, in a thread of its own.
class InProcessConsumer {
 public:
  InProcessConsumer(std::uint32_t number, const Settings& settings, const Handle& handle)
      : number_(number),
        settings_(settings.begin(), settings.end()),
        handle_(handle),
        thread_([this] { run(); }) {}

  ~InProcessConsumer() {
    ended_ = true;
    thread_.join();
  }

  // Empty while it has not failed.
  std::string failure() const { return failed_ ? failure_ : std::string(); }

 private:
  void run() {
    try {
      consume();
    } catch (const std::exception& error) {
      fail(error.what());
    } catch (...) {
      fail("an exception left it that is no std::exception");
    }
  }

  void consume() {
    MqttSourceSettings settings;
    settings.client.host = settings_.at("AUTOTAPE_HOST");
    settings.client.port = static_cast<std::uint16_t>(std::stoi(settings_.at("AUTOTAPE_PORT")));
    settings.client.client_id = settings_.at("AUTOTAPE_CLIENT_ID");
    settings.client.tls =
        Credentials{settings_.at("AUTOTAPE_CA_FILE"), settings_.at("AUTOTAPE_CERT_FILE"),
                    settings_.at("AUTOTAPE_KEY_FILE")};
    settings.topic_filter = settings_.at("AUTOTAPE_TOPIC");
    FileObserver observer(settings_.at("AUTOTAPE_OBSERVATIONS"));
    MqttSource source(settings, -1);
    std::vector<SourceEvent> batch;
    constexpr Duration turn = std::chrono::milliseconds(20);
    constexpr std::size_t most = 100;
    while (!ended_) {
      batch.clear();
      if (const auto received = source.receive(batch, most, turn); !received) {
        fail(received.error().line());
        return;
      }
      for (const SourceEvent& event : batch) {
        if (const auto* const message = std::get_if<autotape::Message>(&event)) {
          handle_(number_, message->topic, message->payload, observer);
        }
      }
      source.acknowledge();
    }
    source.disconnect();
  }

  void fail(const std::string& why) {
    failure_ = why;
    failed_ = true;
  }

  const std::uint32_t number_;
  const std::map<std::string, std::string> settings_;
  const Handle& handle_;
  std::atomic<bool> ended_ = false;
  std::atomic<bool> failed_ = false;
  std::string failure_;  // written before failed_ is set
  std::thread thread_;
};

// The consumers of observe(), as many as the scenario wants.
class InProcessConsumers final : public SilentListener {
 public:
  explicit InProcessConsumers(const std::function<void(const Delivered&, Observer&)>& handle)
      : handle_([this, &handle](std::uint32_t consumer, const std::string& topic,
                                const std::string& payload, Observer& observer) {
          const std::lock_guard lock(one_at_a_time_);
          handle({topic, payload, consumer}, observer);
        }) {}

  // A consumer of the run with the clean stream takes the place of the one before.
  void on_settings(std::uint32_t number, const Settings& settings) override {
    consumers_.erase(number);
    consumers_[number] = std::make_unique<InProcessConsumer>(number, settings, handle_);
  }

  std::string failure_of(std::uint32_t consumer) const override {
    const auto found = consumers_.find(consumer);
    return found == consumers_.end() ? std::string() : found->second->failure();
  }

 private:
  std::mutex one_at_a_time_;
  const Handle handle_;
  std::map<std::uint32_t, std::unique_ptr<InProcessConsumer>> consumers_;
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
  InProcessConsumers consumers(handle);
  return run_and_judge(scenario, {}, options, consumers);
}

}  // namespace autotape::api
