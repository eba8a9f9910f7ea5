#include "run/observation_server.hpp"

#include <cerrno>
#include <cstring>
#include <string_view>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <microhttpd.h>
#include <netinet/in.h>

namespace autotape {
namespace {

constexpr std::size_t longest_body = std::size_t{16} << 20U;
constexpr Duration longest_farewell = std::chrono::seconds(1);

// A request while it arrives.
struct Request {
  std::string body;
  bool too_long = false;
};

MHD_Result answer(MHD_Connection* connection, unsigned status, std::string_view text) {
  MHD_Response* const response = MHD_create_response_from_buffer(
      text.size(), const_cast<char*>(text.data()), MHD_RESPMEM_MUST_COPY);
  if (status == MHD_HTTP_METHOD_NOT_ALLOWED) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, MHD_HTTP_METHOD_POST);
  }
  const MHD_Result queued = MHD_queue_response(connection, status, response);
  MHD_destroy_response(response);
  return queued;
}

// Called when the head of a request has come, for each piece of its body, and at its end.
MHD_Result on_request(void* server, MHD_Connection* connection, const char* /*url*/,
                      const char* method, const char* /*version*/, const char* piece,
                      std::size_t* piece_size, void** state) {
  if (*state == nullptr) {
    *state = new Request;
    return MHD_YES;
  }
  auto& request = *static_cast<Request*>(*state);
  if (*piece_size != 0) {
    request.too_long = request.too_long || request.body.size() + *piece_size > longest_body;
    if (!request.too_long) {
      request.body.append(piece, *piece_size);
    }
    *piece_size = 0;
    return MHD_YES;
  }
  if (std::string_view(method) != MHD_HTTP_METHOD_POST) {
    return answer(connection, MHD_HTTP_METHOD_NOT_ALLOWED,
                  "post observations here, one JSON object a line\n");
  }
  if (request.too_long) {
    return answer(connection, MHD_HTTP_CONTENT_TOO_LARGE, "post 16 MiB at most\n");
  }
  static_cast<ObservationServer*>(server)->take(request.body);
  return answer(connection, MHD_HTTP_NO_CONTENT, {});
}

void on_completed(void* /*server*/, MHD_Connection* /*connection*/, void** state,
                  MHD_RequestTerminationCode /*why*/) {
  delete static_cast<Request*>(*state);
  *state = nullptr;
}

void on_connection(void* server, MHD_Connection* /*connection*/, void** /*state*/,
                   MHD_ConnectionNotificationCode what) {
  static_cast<ObservationServer*>(server)->connection_changed(what ==
                                                              MHD_CONNECTION_NOTIFY_STARTED);
}

}  // namespace

Result<std::unique_ptr<ObservationServer>> ObservationServer::start(LineSink sink) {
  std::unique_ptr<ObservationServer> server(new ObservationServer(std::move(sink)));
  sockaddr_in loopback{};
  loopback.sin_family = AF_INET;
  loopback.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  loopback.sin_port = 0;
  server->daemon_ = MHD_start_daemon(
      MHD_USE_AUTO | MHD_USE_INTERNAL_POLLING_THREAD, 0, nullptr, nullptr, &on_request,
      server.get(), MHD_OPTION_SOCK_ADDR, &loopback, MHD_OPTION_NOTIFY_COMPLETED, &on_completed,
      server.get(), MHD_OPTION_NOTIFY_CONNECTION, &on_connection, server.get(), MHD_OPTION_END);
  if (server->daemon_ == nullptr) {
    return connection_error(
        "127.0.0.1", fmt::format("cannot listen for observations: {}", std::strerror(errno)));
  }
  const MHD_DaemonInfo* const info =
      MHD_get_daemon_info(server->daemon_, MHD_DAEMON_INFO_BIND_PORT);
  server->url_ = fmt::format("http://127.0.0.1:{}/", info->port);
  return server;
}

ObservationServer::~ObservationServer() {
  finish();
}

void ObservationServer::finish() {
  if (daemon_ == nullptr) {
    return;
  }
  {
    std::unique_lock lock(mutex_);
    all_closed_.wait_for(lock, longest_farewell, [this] { return open_connections_ == 0; });
  }
  MHD_stop_daemon(daemon_);
  daemon_ = nullptr;
}

void ObservationServer::connection_changed(bool opened) {
  const std::lock_guard lock(mutex_);
  open_connections_ = opened ? open_connections_ + 1 : open_connections_ - 1;
  all_closed_.notify_all();
}

void ObservationServer::take(std::string_view body) {
  LineSplitter lines(sink_);
  lines.add(body);
  lines.finish();
}

}  // namespace autotape
