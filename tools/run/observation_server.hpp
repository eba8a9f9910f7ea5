// Takes observations by HTTP, for consumers that can post and not write files.
//
//   POST http://127.0.0.1:PORT/      one JSON object a line; answered with 204 once it is taken
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "core/result.hpp"
#include "run/observation_tail.hpp"

struct MHD_Daemon;

namespace autotape {

// Listens on loopback only, on a port that the system chooses. One thread takes all requests, one
// after the other.
class ObservationServer {
 public:
  static Result<std::unique_ptr<ObservationServer>> start(LineSink sink);

  ~ObservationServer();
  ObservationServer(const ObservationServer&) = delete;
  ObservationServer& operator=(const ObservationServer&) = delete;

  const std::string& url() const { return url_; }

  // Reads what is left and ends. Call it when nobody posts any more: a connection that is still
  // open is closed after a second.
  void finish();

  // The rest is for the library's callbacks.
  void connection_changed(bool opened);
  void take(std::string_view body);

 private:
  explicit ObservationServer(LineSink sink) : sink_(std::move(sink)) {}

  LineSink sink_;
  std::string url_;
  MHD_Daemon* daemon_ = nullptr;
  std::mutex mutex_;
  std::condition_variable all_closed_;
  std::uint64_t open_connections_ = 0;
};

}  // namespace autotape
