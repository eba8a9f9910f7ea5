// Where things lie in a mock broker's state directory, `--dir` everywhere.
//
//   broker.json                settings that outlive a run: App ID, environment, stream
//   running.json               while it runs: host, port, process ids
//   ca/ca.pem, ca/ca.key       the authority
//   server/server.pem, .key    what the listener shows
//   publisher/publisher.pem    the only identity that may publish
//   recorder/recorder.pem      a second certificate of the App ID, so that `record --dir` and a
//   consumer
//                              with the bundle do not take the connection from each other
//   consumers/{certificate id}/…   one folder for each bundle, with the provider's file names
//   registry                   which certificates exist, by fingerprint (registry.hpp)
//   events.ndjson              what happened (journal/broker_event.hpp)
//   events.ndjson.previous     the log before that one
//   broker.log                 what Mosquitto and its supervisor say, for people
#pragma once

#include <string>

#include "x509/bundle.hpp"

namespace autotape {

inline constexpr const char* default_state_directory = ".autotape/broker";

class StateDirectory {
 public:
  explicit StateDirectory(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  std::string settings_file() const { return path_ + "/broker.json"; }
  std::string running_file() const { return path_ + "/running.json"; }
  std::string registry_file() const { return path_ + "/registry"; }
  std::string events_file() const { return path_ + "/events.ndjson"; }
  std::string previous_events_file() const { return events_file() + ".previous"; }
  std::string log_file() const { return path_ + "/broker.log"; }
  std::string lock_file() const { return path_ + "/lock"; }
  std::string consumers_folder() const { return path_ + "/consumers"; }
  std::string bundle_folder(const std::string& certificate_id) const {
    return consumers_folder() + "/" + certificate_id;
  }

  std::string ca_file() const { return path_ + "/ca/ca.pem"; }
  std::string ca_key_file() const { return path_ + "/ca/ca.key"; }
  std::string server_certificate_file() const { return path_ + "/server/server.pem"; }
  std::string server_key_file() const { return path_ + "/server/server.key"; }
  Credentials publisher() const {
    return {ca_file(), path_ + "/publisher/publisher.pem", path_ + "/publisher/publisher.key"};
  }
  Credentials recorder() const {
    return {ca_file(), path_ + "/recorder/recorder.pem", path_ + "/recorder/recorder.key"};
  }

 private:
  std::string path_;
};

}  // namespace autotape
