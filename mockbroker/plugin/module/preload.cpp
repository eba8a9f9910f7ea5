#include "mockbroker/plugin/module/preload.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "mockbroker/plugin/protocol.hpp"
#include "mockbroker/plugin/proxy_name.hpp"
#include "x509/verification.hpp"

namespace autotape {
namespace {

using VerifyCallback = int (*)(int, x509_store_ctx_st*);

VerifyCallback brokers_callback = nullptr;

__attribute__((constructor)) void widen_output_buffer() {
  constexpr std::size_t size = 256 * 1024;
  std::setvbuf(stdout, nullptr, _IOFBF, size);
}

int verify(int good, x509_store_ctx_st* context) {
  if (good == 0) {
    const FailedVerification failure = failed_verification(context);
    if (failure.only_out_of_time) {
      return 1;
    }
    if (failure.certificate != nullptr) {
      report_untrusted(failure.certificate);
    }
  }
  return brokers_callback == nullptr ? good : brokers_callback(good, context);
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// The socket address of the client that a proxy's name speaks of.
std::optional<sockaddr_storage> parse_client(std::string_view name) {
  const std::size_t slash = name.rfind('/');
  const std::size_t colon = name.rfind(':');
  if (slash == std::string_view::npos || colon == std::string_view::npos || colon < slash) {
    return std::nullopt;
  }
  const std::string host(name.substr(slash + 1, colon - slash - 1));
  const std::string port_text(name.substr(colon + 1));
  const auto port = static_cast<std::uint16_t>(std::atoi(port_text.c_str()));
  sockaddr_storage storage{};
  auto* v4 = reinterpret_cast<sockaddr_in*>(&storage);
  auto* v6 = reinterpret_cast<sockaddr_in6*>(&storage);
  if (::inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
    v4->sin_family = AF_INET;
    v4->sin_port = htons(port);
  } else if (::inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(port);
  } else {
    return std::nullopt;
  }
  return storage;
}

// The client behind the proxy's socket, if it is one.
std::optional<sockaddr_storage> client_behind(const sockaddr* address, socklen_t size) {
  constexpr socklen_t path_at = offsetof(sockaddr_un, sun_path);
  if (address->sa_family != AF_UNIX || size <= path_at + 1) {
    return std::nullopt;
  }
  const auto* peer = reinterpret_cast<const sockaddr_un*>(address);
  const std::string_view name(peer->sun_path + 1, size - path_at - 1);
  if (peer->sun_path[0] != '\0' || !name.starts_with(proxy_name)) {
    return std::nullopt;
  }
  return parse_client(name);
}

}  // namespace
}  // namespace autotape

extern "C" {

int getpeername(int socket, struct sockaddr* __restrict address,
                socklen_t* __restrict size) noexcept {
  static auto* const original = autotape::next<int(int, sockaddr*, socklen_t*)>("getpeername");
  const socklen_t room = *size;
  const int code = original(socket, address, size);
  if (code != 0) {
    return code;
  }
  if (const auto client = autotape::client_behind(address, std::min(*size, room))) {
    *size = sizeof(sockaddr_in6);
    std::memcpy(address, &*client, std::min<std::size_t>(room, sizeof(sockaddr_in6)));
  }
  return code;
}

// Mosquitto lets 10 connections wait. Of a thousand that come at once the proxy would then have to
// hold back most.
int listen(int socket, int) noexcept {
  static auto* const original = autotape::next<int(int, int)>("listen");
  return original(socket, SOMAXCONN);
}

// What Mosquitto does last before its loop: it listens, and has read its certificates.
int epoll_create(int size) noexcept {
  static auto* const original = autotape::next<int(int)>("epoll_create");
  std::printf("%c%s\n", autotape::plugin_line_mark, autotape::ready_line);
  std::fflush(stdout);
  return original(size);
}

void SSL_CTX_set_verify(struct ssl_ctx_st* context, int mode, autotape::VerifyCallback callback);
void SSL_CTX_set_verify(struct ssl_ctx_st* context, int mode, autotape::VerifyCallback callback) {
  static auto* const original =
      autotape::next<void(ssl_ctx_st*, int, autotape::VerifyCallback)>("SSL_CTX_set_verify");
  autotape::brokers_callback = callback;
  original(context, mode, autotape::verify);
}

}  // extern "C"
