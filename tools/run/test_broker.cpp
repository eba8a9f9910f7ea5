#include "run/test_broker.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "x509/certificate_store.hpp"

namespace autotape {

Result<TestBroker> TestBroker::start(StreamVersion stream, const std::string& program) {
  AUTOTAPE_TRY_ASSIGN(auto folder, TemporaryFolder::create());
  BrokerSettings settings;
  settings.directory = folder.path();
  settings.port = 0;
  settings.stream = stream;
  settings.owned = true;
  settings.autotape_program = program;
  settings.temporary = true;
  AUTOTAPE_TRY_ASSIGN(auto broker, Broker::start(settings));
  return TestBroker(std::move(folder), std::move(broker));
}

Result<std::vector<Bundle>> TestBroker::consumer_bundles(std::uint32_t count) const {
  const CertificateStore certificates(folder_.path());
  AUTOTAPE_TRY_ASSIGN(auto bundles, broker_.consumer_bundles());
  while (bundles.size() < count) {
    AUTOTAPE_TRY(certificates.issue({.app_id = connection().app_id}));
    AUTOTAPE_TRY_ASSIGN(bundles, broker_.consumer_bundles());
  }
  return bundles;
}

Result<bool> TestBroker::has_connected(const std::string& client, Duration timeout) const {
  return broker_.wait_until(
      [&](const BrokerStatus& status) {
        return std::any_of(status.clients.begin(), status.clients.end(),
                           [&](const BrokerClient& one) { return one.id == client; });
      },
      timeout);
}

Result<BrokerEventFollower> TestBroker::begin_run() {
  if (!is_new_) {  // a run before could not be ended
    AUTOTAPE_TRY(broker_.start_over());
  }
  is_new_ = false;
  return broker_.follow_events(EventStart::beginning);
}

Result<void> TestBroker::end_run(const std::string& events_file) {
  AUTOTAPE_TRY(broker_.start_over());
  is_new_ = true;
  std::error_code error;
  std::filesystem::copy_file(StateDirectory(folder_.path()).previous_events_file(), events_file,
                             error);
  return error ? Result<void>(file_error(events_file, "cannot write: " + error.message()))
               : Result<void>();
}

}  // namespace autotape
