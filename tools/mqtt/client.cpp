#include "mqtt/client.hpp"

#include <cerrno>
#include <limits>
#include <string_view>

#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <poll.h>

#include "core/file.hpp"
#include "mqtt/direct_receiver.hpp"
#include "mqtt/failure.hpp"
#include "mqtt/publish_properties.hpp"
#include "x509/tls_buffers.hpp"

namespace autotape {
namespace {

void initialise_library() {
  static const int initialised = mosquitto_lib_init();
  static_cast<void>(initialised);
}

const char* path_or_null(const std::string& path) {
  return path.empty() ? nullptr : path.c_str();
}

constexpr auto no_receive_maximum = std::numeric_limits<std::uint16_t>::max();

bool is_unpublishable(int code) {
  return code == MOSQ_ERR_INVAL || code == MOSQ_ERR_MALFORMED_UTF8 ||
         code == MOSQ_ERR_PAYLOAD_SIZE || code == MOSQ_ERR_OVERSIZE_PACKET;
}

bool is_lost_connection(int code) {
  return code == MOSQ_ERR_CONN_LOST || code == MOSQ_ERR_NO_CONN || code == MOSQ_ERR_ERRNO ||
         code == MOSQ_ERR_TLS;
}

}  // namespace

// libmosquitto writes a byte for each queued packet to an internal socket pair that nobody drains.
// Once that is full, each packet leaves EAGAIN behind in errno, and mosquitto_loop_read() takes it
// for its own: so every callback ends with errno = 0.
struct Client::Callbacks {
  static Client& client(void* object) { return *static_cast<Client*>(object); }

  static void on_connect(mosquitto*, void* object, int reason_code, int flags,
                         const mosquitto_property* properties) {
    Client& self = client(object);
    self.answered_ = true;
    self.take_limits(properties);
    if (reason_code != 0) {
      self.refusal_ = connect_refusal(self.settings_, reason_code);
    } else if (self.tls() != nullptr) {
      if (self.use_ == ClientUse::subscriber) {
        self.receive_directly();
      }
      self.buffer_tls();
    }
    self.events_.on_connack((flags & 1) != 0, self.refusal_);
    errno = 0;
  }

  // Also called for what was found here, with a code of the library's below MQTT's errors.
  static void on_disconnect(mosquitto*, void* object, int reason_code, const mosquitto_property*) {
    if (reason_code >= 0x80) {
      client(object).disconnect_reason_ = reason_code;
    }
    errno = 0;
  }

  static void on_subscribe(mosquitto*, void* object, int id, int, const int* granted) {
    client(object).events_.on_suback(static_cast<PacketId>(id),
                                     static_cast<std::uint8_t>(granted[0]));
    errno = 0;
  }

  static void on_message(mosquitto*, void* object, const mosquitto_message* from,
                         const mosquitto_property* properties) {
    Client& self = client(object);
    Message message;
    message.topic = from->topic;
    message.payload.assign(static_cast<const char*>(from->payload),
                           static_cast<std::size_t>(from->payloadlen));
    message.qos = static_cast<std::uint8_t>(from->qos);
    message.retain = from->retain;
    message.dup = self.incoming_dup_;
    if (self.settings_.version == MqttVersion::v5) {
      message.properties = read_publish_properties(properties);
    }
    self.events_.on_publish(std::move(message));
    errno = 0;
  }

  static void on_publish(mosquitto*, void* object, int id, int reason_code,
                         const mosquitto_property*) {
    client(object).events_.on_puback(static_cast<PacketId>(id), reason_code < 0x80);
    errno = 0;
  }

  static void on_log(mosquitto*, void* object, int level, const char* text) {
    const std::string_view line(text);
    Client& self = client(object);
    if (level == MOSQ_LOG_ERR && line.starts_with("OpenSSL Error")) {
      self.tls_reason_ = line;
    } else if (level == MOSQ_LOG_DEBUG) {
      // The only place where libmosquitto tells the DUP flag, and just before its on_message:
      // "Client ID received PUBLISH (d0, q1, r0, m7, 'topic', ... (324 bytes))".
      constexpr std::string_view before_dup = " received PUBLISH (d";
      const auto at = line.find(
          before_dup, std::string_view("Client ").size() + self.settings_.client_id.size());
      if (at != std::string_view::npos) {
        self.incoming_dup_ = line.substr(at + before_dup.size()).starts_with('1');
      }
    }
  }
};

Client::Client(const ClientSettings& settings, ClientEvents& events, ClientUse use)
    : settings_(settings),
      events_(events),
      use_(use),
      keep_alive_(settings.keep_alive),
      receive_maximum_(no_receive_maximum) {}

Client::~Client() {
  if (handle_ != nullptr) {
    mosquitto_destroy(handle_);
  }
}

Result<std::unique_ptr<Client>> Client::create(const ClientSettings& settings, ClientEvents& events,
                                               ClientUse use) {
  initialise_library();
  std::unique_ptr<Client> client(new Client(settings, events, use));
  AUTOTAPE_TRY(client->configure());
  return client;
}

Result<void> Client::configure() {
  const char* id = settings_.client_id.empty() ? nullptr : settings_.client_id.c_str();
  handle_ = mosquitto_new(id, settings_.clean_session || id == nullptr, this);
  if (handle_ == nullptr) {
    return usage_error("\"" + settings_.client_id + "\" is no MQTT client id");
  }
  mosquitto_threaded_set(handle_, true);  // packets are queued until mosquitto_loop_write()
  mosquitto_int_option(
      handle_, MOSQ_OPT_PROTOCOL_VERSION,
      settings_.version == MqttVersion::v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311);
  mosquitto_int_option(handle_, MOSQ_OPT_TCP_NODELAY, 1);
  mosquitto_int_option(handle_, MOSQ_OPT_SEND_MAXIMUM, std::numeric_limits<PacketId>::max());

  mosquitto_connect_v5_callback_set(handle_, Callbacks::on_connect);
  mosquitto_disconnect_v5_callback_set(handle_, Callbacks::on_disconnect);
  mosquitto_subscribe_callback_set(handle_, Callbacks::on_subscribe);
  mosquitto_message_v5_callback_set(handle_, Callbacks::on_message);
  mosquitto_publish_v5_callback_set(handle_, Callbacks::on_publish);
  mosquitto_log_callback_set(handle_, Callbacks::on_log);

  if (settings_.tls) {
    const Credentials& files = *settings_.tls;
    // libmosquitto does not tell which of them it cannot read.
    for (const std::string& file : {files.ca_file, files.certificate_file, files.key_file}) {
      if (!file.empty()) {
        AUTOTAPE_TRY(read_file(file));
      }
    }
    if (files.ca_file.empty()) {
      AUTOTAPE_TRY(check_credentials(mosquitto_int_option(handle_, MOSQ_OPT_TLS_USE_OS_CERTS, 1)));
    }
    AUTOTAPE_TRY(check_credentials(mosquitto_tls_set(handle_, path_or_null(files.ca_file), nullptr,
                                                     path_or_null(files.certificate_file),
                                                     path_or_null(files.key_file), nullptr)));
  }
  return {};
}

Result<void> Client::connect() {
  PropertyList properties;
  if (settings_.version == MqttVersion::v5 && !settings_.clean_session) {
    mosquitto_property* list = nullptr;
    constexpr std::uint32_t never = 0xFFFFFFFF;  // MQTT 5 section 3.1.2.11.2
    mosquitto_property_add_int32(&list, MQTT_PROP_SESSION_EXPIRY_INTERVAL, never);
    properties.reset(list);
  }
  tls_reason_.clear();
  refusal_.reset();
  disconnect_reason_ = 0;
  answered_ = false;
  direct_.reset();
  errno = 0;
  return check_credentials(mosquitto_connect_bind_v5(
      handle_, settings_.host.c_str(), settings_.port,
      static_cast<int>(settings_.keep_alive.count()), nullptr, properties.get()));
}

// MQTT 5 sections 3.2.2.3.3 and 3.2.2.3.14: what the broker gives in CONNACK takes the place of
// what the client asked for. A keep-alive of 0 is none; pinging nevertheless is allowed.
void Client::take_limits(const mqtt5__property* connack) {
  std::uint16_t seconds = 0;
  mosquitto_property_read_int16(connack, MQTT_PROP_SERVER_KEEP_ALIVE, &seconds, false);
  keep_alive_ = seconds > 0 ? std::chrono::seconds(seconds) : settings_.keep_alive;
  receive_maximum_ = no_receive_maximum;
  mosquitto_property_read_int16(connack, MQTT_PROP_RECEIVE_MAXIMUM, &receive_maximum_, false);
}

int Client::descriptor() const {
  return mosquitto_socket(handle_);
}

bool Client::wants_write() const {
  return mosquitto_want_write(handle_) || (direct_ && direct_->wants_write()) ||
         (tls() != nullptr && holds_tls_writes(tls()));
}

Result<bool> Client::read() {
  if (direct_) {
    return tls() == nullptr ? check(MOSQ_ERR_NO_CONN).error() : direct_->read(tls());
  }
  errno = 0;
  const int code = mosquitto_loop_read(handle_, 1);
  const bool would_block = errno == EAGAIN || errno == EWOULDBLOCK;
  if (refusal_) {
    return *refusal_;
  }
  AUTOTAPE_TRY(check(code));
  return direct_ || !would_block;
}

Result<void> Client::write() {
  if (settings_.tls && !answered_) {
    // With TLS 1.3 the broker judges our certificate when the handshake is over for us, and closes.
    // A write that finds the connection closed would throw its reason away unread.
    constexpr int milliseconds = 20;
    pollfd socket{descriptor(), POLLIN, 0};
    if (::poll(&socket, 1, milliseconds) > 0) {
      return {};
    }
  }
  if (direct_ && tls() != nullptr) {
    AUTOTAPE_TRY(direct_->write(tls()));
  }
  errno = 0;
  AUTOTAPE_TRY(check(mosquitto_loop_write(handle_, 1)));
  return check(tls() == nullptr || flush_tls(tls()) ? MOSQ_ERR_SUCCESS : MOSQ_ERR_CONN_LOST);
}

ssl_st* Client::tls() const {
  return static_cast<ssl_st*>(mosquitto_ssl_get(handle_));
}

// From within CONNACK: libmosquitto goes on to take, and to acknowledge, what OpenSSL has
// decrypted.
void Client::receive_directly() {
  direct_ = std::make_unique<DirectReceiver>(settings_, keep_alive_, events_);
  direct_->take_over(tls());
}

// libmosquitto hands each packet to the system by itself, and OpenSSL reads each record in two
// calls.
void Client::buffer_tls() {
  read_tls_ahead(tls());
  hold_tls_writes(tls());
}

Result<void> Client::keep_alive() {
  if (direct_) {
    return direct_->keep_alive();
  }
  errno = 0;
  return check(mosquitto_loop_misc(handle_));
}

Result<PacketId> Client::subscribe(const std::string& topic_filter, std::uint8_t qos) {
  int id = 0;
  AUTOTAPE_TRY(check(mosquitto_subscribe(handle_, &id, topic_filter.c_str(), qos)));
  return static_cast<PacketId>(id);
}

Result<PacketId> Client::publish(const Message& message) {
  int id = 0;
  AUTOTAPE_TRY_ASSIGN(const PropertyList properties, make_property_list(message.properties));
  const int code = mosquitto_publish_v5(
      handle_, &id, message.topic.c_str(), static_cast<int>(message.payload.size()),
      message.payload.data(), message.qos, message.retain, properties.get());
  if (is_unpublishable(code)) {
    return unpublishable(message, code);
  }
  // libmosquitto tries to send at once. Where that shows that the connection is lost, the message
  // is in its queue nevertheless and goes out on the next connection; read() and write() tell the
  // loss.
  const bool is_queued = message.qos > 0 && id != 0 && is_lost_connection(code);
  if (!is_queued) {
    AUTOTAPE_TRY(check(code));
  }
  return static_cast<PacketId>(id);
}

Result<void> Client::disconnect() {
  return check(mosquitto_disconnect(handle_));
}

Result<void> Client::check(int code) {
  if (code == MOSQ_ERR_SUCCESS) {
    return {};
  }
  if (disconnect_reason_ != 0) {
    return disconnected_by_broker(settings_, disconnect_reason_);
  }
  return connection_failure(settings_, code, tls_reason_, answered_);
}

// Where the library calls an argument invalid, and these are the only ones that are not ours.
Result<void> Client::check_credentials(int code) {
  return code == MOSQ_ERR_INVAL ? credentials_failure(settings_, tls_reason_) : check(code);
}

}  // namespace autotape
