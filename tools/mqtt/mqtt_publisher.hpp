// A publisher over MQTT: timer and sockets in one loop, so that no message waits for the other.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "mqtt/client_settings.hpp"
#include "mqtt/publisher.hpp"

namespace autotape {

struct MqttPublisherSettings {
  ClientSettings client;  // of the first lane; the others append "-2", "-3", … to its client id
  std::size_t lanes = 1;

  // How long a lost connection is tried again.
  Duration reconnect_within = std::chrono::seconds(60);
};

// Not thread-safe.
class MqttPublisher final : public Publisher {
 public:
  // Connects every lane. wait() ends once when `wake_descriptor` becomes readable (-1 for none),
  // which is not read.
  static Result<std::unique_ptr<MqttPublisher>> connect(const MqttPublisherSettings& settings,
                                                        int wake_descriptor);
  ~MqttPublisher() override;

  std::size_t lanes() const override { return lanes_.size(); }
  bool ready(std::size_t lane) const override;
  Result<void> publish(Ticket ticket, const Message& message, std::size_t lane) override;
  Result<void> flush() override;
  Result<void> wait(MonotonicTime until, std::vector<PublisherEvent>& events) override;
  void disconnect() override;

  // Messages whose MQTT 5 properties were left out because the connection is MQTT 3.1.1.
  std::uint64_t without_properties() const { return without_properties_; }

 private:
  class Lane;

  MqttPublisher(MqttPublisherSettings settings, int wake_descriptor);

  Result<void> open();
  Result<void> connect_lanes();
  bool all_connected() const;
  Result<void> serve_lanes(std::vector<PublisherEvent>& events);
  Result<bool> sleep(MonotonicTime until);
  MonotonicTime next_chore() const;

  MqttPublisherSettings settings_;
  int wake_descriptor_;
  int epoll_ = -1;
  int timer_ = -1;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::uint64_t without_properties_ = 0;
};

}  // namespace autotape
