// From Mosquitto's log, with the plugin's lines in it, to broker events and the table of clients.
//
// No plugin event of Mosquitto 2.0 shows what is sent to a subscriber and what it acknowledges; the
// log does (log_type debug), with topic and packet identifier only. Which message that was is found
// out here: the plugin tells of each message passed to a subscriber, and Mosquitto sends each
// subscriber's messages in that order.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "journal/broker_event.hpp"
#include "json/document.hpp"
#include "mockbroker/harness/settings.hpp"

namespace autotape {

struct ConnectedClient {
  std::string id;
  std::string role;
  std::string app_id;
  std::string address;  // host:port; empty where it is not known
  std::vector<std::string> topic_filters;
};

class MosquittoLog {
 public:
  explicit MosquittoLog(EventDetail detail) : detail_(detail) {}

  // Takes a line without its end; hands on what it means, in order. `say` gets lines for people.
  void take(std::string_view line, const std::function<void(BrokerEvent)>& happened,
            const std::function<void(std::string_view)>& say);

  // It has said that it accepts connections.
  bool ready() const { return ready_; }

  // The number of the last command to the plugin that it has answered; 0: none.
  std::uint64_t last_answered() const { return last_answered_; }

  // Mosquitto has ended: who was connected no longer is, and message numbers go on from here.
  void broker_ended(const std::function<void(BrokerEvent)>& happened);

  // Sessions were thrown away.
  void forget_sessions();

  std::vector<ConnectedClient> clients() const;
  bool is_connected(const std::string& client) const;
  std::size_t unacknowledged(const std::string& client) const;

  // What was queued and in flight, for the next run on the same sessions.
  Json pending() const;
  void restore_pending(const Json& json);

 private:
  struct QueuedMessage {
    std::uint64_t number = 0;  // 0: not known
    std::string topic{};
    std::string message_id{};
    std::uint64_t place = 0;    // in the order in which Mosquitto queued them
    std::uint64_t sent_in = 0;  // the connection in which it was sent last
  };
  struct Flow {  // of one client's session
    std::deque<QueuedMessage> queued;
    std::uint64_t next_place = 0;
    std::uint64_t connection = 0;  // counts them

    // By packet identifier, the oldest first: a client that acknowledges nothing for long has more
    // than 65,535 messages in flight, and Mosquitto gives out identifiers again.
    std::unordered_map<std::uint16_t, std::vector<QueuedMessage>> in_flight;

    // Of the delivery before: Mosquitto gives out packet identifiers in the order of queueing.
    std::uint16_t last_mid = 0;  // 0: there was none
    std::uint64_t last_place = 0;

    void push(QueuedMessage message) {
      message.place = next_place++;
      queued.push_back(std::move(message));
    }
  };
  struct Client {
    ConnectedClient shown;
    BrokerEvent connect;  // kept until CONNACK was sent
    bool connected = false;
    int connections = 0;  // two while one is taken over by another
  };
  using Happened = std::function<void(BrokerEvent)>;

  void take_plugin_line(std::string_view line, const Happened& happened);
  void authorised(const std::vector<std::string_view>& fields);
  void gone(const std::vector<std::string_view>& fields, const Happened& happened);
  void new_client(std::string_view rest, const Happened& happened);
  void connack(std::string_view rest, const Happened& happened);
  void sent(std::string_view rest, const Happened& happened);
  void acknowledged(std::string_view rest, const Happened& happened);
  static std::optional<QueuedMessage> take_sent_before(Flow& flow, std::string_view topic,
                                                       std::uint16_t mid);
  static QueuedMessage take_queued(Flow& flow, std::string_view topic, std::uint16_t mid);

  EventDetail detail_;
  bool ready_ = false;
  std::uint64_t last_answered_ = 0;
  std::map<std::string, Client, std::less<>> clients_;
  std::map<std::string, Flow, std::less<>> flows_;
  std::uint64_t number_base_ = 0;  // message numbers go on where the last life of Mosquitto ended
  std::uint64_t last_number_ = 0;
  std::string last_message_id_;
};

}  // namespace autotape
