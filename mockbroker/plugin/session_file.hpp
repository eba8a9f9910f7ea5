// What each client is subscribed to, remembered over restarts of the broker.
//
// Mosquitto restores sessions without telling its plugin, so the plugin keeps its own record: a
// file that only grows while the broker runs, one line for each change, and is written anew at each
// start.
//   = client certificate-id        the client's session begins, or goes on, with this certificate
//   + client qos filter            - client filter             0 client (no filters left)
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace autotape {

struct RememberedSession {
  std::string certificate_id;
  std::map<std::string, int> filters;  // and their QoS
};

class SessionFile {
 public:
  // Appends one line; false if it could not.
  using Append = std::function<bool(std::string_view line)>;

  // `text`: what an earlier run has written. A torn last line is dropped.
  SessionFile(std::string_view text, Append append);

  const RememberedSession* find(const std::string& client) const;

  void begin(const std::string& client, const std::string& certificate_id);
  void subscribe(const std::string& client, const std::string& filter, int qos);
  void unsubscribe(const std::string& client, const std::string& filter);
  void clear(const std::string& client);

  // The shortest text that says the same.
  std::string compact() const;

 private:
  void apply(std::string_view line);
  void record(const std::string& line);

  std::map<std::string, RememberedSession, std::less<>> sessions_;
  Append append_;
};

}  // namespace autotape
