// A broker that behaves like the provider's: mutual TLS, its rules, its faults.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "autotape/scenario.hpp"

#ifndef AUTOTAPE_PROGRAM
#  error "link the CMake target autotape::autotape, which says where the program is"
#endif

namespace autotape::api {

// Where a consumer connects, as whom, and what it may subscribe to.
struct Connection {
  std::string host;
  std::uint16_t port = 0;
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
  std::string client_id;
  std::string topic;
};

// Runs from construction to destruction, in processes of its own that end with this one, however it
// ends. Throws Error if it cannot be started. Movable; not thread-safe.
class MockBroker {
 public:
  explicit MockBroker(const std::string& program = AUTOTAPE_PROGRAM);
  ~MockBroker();
  MockBroker(MockBroker&&) noexcept;
  MockBroker& operator=(MockBroker&&) noexcept;

  // Of the consumer with this number; the first is 1. The same one each time.
  Connection consumer(unsigned number = 1);

  // Publishes the scenario's plan. Returns when the broker has acknowledged all of it, and gives
  // how many that were.
  std::uint64_t play(const Scenario& scenario);

  // As `fault` in a scenario: "{fault: disconnect, client: …, before_puback: true}".
  void inject(const std::string& yaml);

  // As if it had just been started: no session, no queued or retained message, no fault.
  void start_over();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace autotape::api
