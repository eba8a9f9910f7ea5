#include "mockbroker/harness/connection.hpp"

#include <algorithm>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include "core/file.hpp"
#include "json/document.hpp"
#include "mockbroker/harness/settings.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {

bool broker_runs_in(const std::string& directory) {
  const int lock = ::open(StateDirectory(directory).lock_file().c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) {
    return false;
  }
  const bool held = ::flock(lock, LOCK_EX | LOCK_NB) != 0;
  ::close(lock);
  return held;
}

Result<BrokerConnection> broker_connection(const std::string& directory) {
  const std::string path = std::filesystem::absolute(directory).lexically_normal();
  const StateDirectory files(path);
  if (!broker_runs_in(path)) {
    return connection_error(directory, "no broker runs there",
                            "start one with 'autotape broker up'");
  }
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(files.running_file()));
  AUTOTAPE_TRY_ASSIGN(const Json json, parse_document(text, files.running_file()));
  BrokerConnection connection;
  connection.host = json.value("host", "");
  connection.port = json.value("port", std::uint16_t{0});
  connection.app_id = json.value("app_id", "");
  connection.environment = json.value("environment", "");
  connection.stream = stream_version(json.value("stream", "v1")).value_or(StreamVersion::v1);
  connection.topic = json.value("topic", "");
  connection.publisher = files.publisher();
  connection.recorder = files.recorder();
  AUTOTAPE_TRY_ASSIGN(const Registry registry, CertificateStore(path).registry());
  for (const RegisteredCertificate& certificate : registry.certificates()) {
    if (certificate.role == CertificateRole::recorder && certificate.app_id == connection.app_id) {
      connection.recorder_client_id = certificate.certificate_id;
    }
  }
  return connection;
}

}  // namespace autotape
