#include "mockbroker/harness/proxy.hpp"

#include <cstring>
#include <string>

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

using namespace autotape;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// Closes what it is given.
class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) { REQUIRE(descriptor_ >= 0); }
  ~Socket() { ::close(descriptor_); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int get() const { return descriptor_; }

  bool readable(int timeout_ms = 10'000) const {
    pollfd watched{descriptor_, POLLIN, 0};
    return ::poll(&watched, 1, timeout_ms) == 1;
  }
  std::string read() const {
    std::string bytes(1U << 20U, '\0');
    REQUIRE(readable());
    const ssize_t count = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return bytes;
  }
  std::string read(std::size_t wanted) const {
    std::string bytes;
    while (bytes.size() < wanted) {
      const std::string more = read();
      REQUIRE_FALSE(more.empty());
      bytes += more;
    }
    return bytes;
  }
  void write(std::string_view bytes) const {
    REQUIRE(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }

 private:
  int descriptor_;
};

// A broker that does nothing but listen, behind a proxy.
class Backend {
 public:
  explicit Backend(int backlog = 16)
      : path_(fmt::format("/tmp/autotape-proxy-test-{}.sock", ::getpid())),
        listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path_.c_str(), sizeof address.sun_path - 1);
    ::unlink(path_.c_str());
    REQUIRE(::bind(listener_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) ==
            0);
    REQUIRE(::listen(listener_.get(), backlog) == 0);
    auto proxy = Proxy::listen("127.0.0.1", 0, path_);
    REQUIRE(proxy);
    proxy_ = *std::move(proxy);
    proxy_->open();
  }
  ~Backend() { ::unlink(path_.c_str()); }
  Backend(const Backend&) = delete;
  Backend& operator=(const Backend&) = delete;

  Proxy& proxy() { return *proxy_; }
  int accept() const { return ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC); }

  int connect() const {
    const int client = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(proxy_->port());
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    return client;
  }

 private:
  std::string path_;
  Socket listener_;
  std::unique_ptr<Proxy> proxy_;
};

std::string address_of(const Socket& client) {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  ::getsockname(client.get(), reinterpret_cast<sockaddr*>(&own), &size);
  return fmt::format("127.0.0.1:{}", ntohs(own.sin_port));
}

}  // namespace

TEST_CASE("bytes pass both ways, in order, also many at once") {
  Backend backend;
  const Socket client(backend.connect());
  const Socket broker(backend.accept());
  std::string large;
  for (int i = 0; i < 100'000; ++i) {
    large += std::to_string(i);
  }
  client.write(large);
  CHECK(broker.read(large.size()) == large);
  broker.write(large);
  CHECK(client.read(large.size()) == large);
}

TEST_CASE("the end of one side is passed on after its last byte") {
  Backend backend;
  const Socket broker_side([&] {
    const Socket client(backend.connect());
    const int accepted = backend.accept();
    client.write("last words");
    return accepted;
  }());
  CHECK(broker_side.read(10) == "last words");
  CHECK(broker_side.read().empty());
}

TEST_CASE("stopped input is awaited until the broker has taken what it was sent before") {
  Backend backend;
  const Socket client(backend.connect());
  const Socket broker(backend.accept());
  client.write("before");
  REQUIRE(broker.readable());
  CHECK_FALSE(backend.proxy().stop_input(milliseconds(20)));  // it takes nothing
  backend.proxy().resume_input();

  std::thread slow([&] { CHECK(broker.read() == "before"); });
  CHECK(backend.proxy().stop_input(seconds(10)));
  slow.join();
  client.write("after");
  CHECK_FALSE(broker.readable(20));
  backend.proxy().resume_input();
  CHECK(broker.read() == "after");
}

TEST_CASE("a broker whose queue is full makes clients wait, and loses none") {
  Backend backend(1);
  std::vector<std::unique_ptr<Socket>> clients;
  for (int i = 0; i < 10; ++i) {
    clients.push_back(std::make_unique<Socket>(backend.connect()));
    clients.back()->write(std::to_string(i));
  }
  CHECK_FALSE(backend.proxy().hold_input("nobody"));  // the proxy is not blocked meanwhile
  std::string seen;
  std::vector<std::unique_ptr<Socket>> brokers;
  for (int i = 0; i < 10; ++i) {
    brokers.push_back(std::make_unique<Socket>(backend.accept()));
    seen += brokers.back()->read();
  }
  CHECK(seen == "0123456789");
}

TEST_CASE("a held client is cut when it has sent something more") {
  Backend backend;
  const Socket client(backend.connect());
  const Socket broker(backend.accept());
  client.write("hello");
  CHECK(broker.read() == "hello");
  backend.proxy().identify(address_of(client), "one");
  REQUIRE(backend.proxy().hold_input("one"));
  broker.write("message");
  CHECK(client.read() == "message");
  backend.proxy().cut_when_answered("one", seconds(60));
  client.write("answer");
  CHECK(client.read().empty());
  CHECK(broker.read().empty());
}

TEST_CASE("pause holds one client's bytes and not another's") {
  Backend backend;
  const Socket one(backend.connect());
  const Socket at_one(backend.accept());
  const Socket two(backend.connect());
  const Socket at_two(backend.accept());
  backend.proxy().identify(address_of(one), "one");
  backend.proxy().set_fault("one", Direction::both, [](FlowFault& flow) { flow.paused = true; });
  one.write("held");
  two.write("passes");
  CHECK(at_two.read() == "passes");
  CHECK_FALSE(at_one.readable(20));
  backend.proxy().clear_faults("one");
  CHECK(at_one.read() == "held");
}
