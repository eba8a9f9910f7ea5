// What Mosquitto calls: the plugin interface, version 5.
#include <cstdlib>
#include <string_view>
#include <utility>

#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#include <signal.h>

#include "mockbroker/plugin/module/broker_callbacks.hpp"
#include "mockbroker/plugin/module/preload.hpp"
#include "mockbroker/plugin/module/return_code.hpp"
#include "mockbroker/plugin/protocol.hpp"

namespace autotape {
namespace {

std::unique_ptr<BrokerCallbacks> callbacks;

PluginSettings read_options(const mosquitto_opt* options, int count) {
  PluginSettings settings;
  for (int i = 0; i < count; ++i) {
    const std::string_view key = options[i].key;
    const std::string_view value = options[i].value;
    if (key == option_environment) {
      settings.rules.environment = value;
    } else if (key == option_stream) {
      settings.rules.stream = value == "v2" ? StreamVersion::v2 : StreamVersion::v1;
    } else if (key == option_topic_filters) {
      settings.rules.topic_filters =
          static_cast<std::uint32_t>(std::strtoul(options[i].value, nullptr, 10));
    } else if (key == option_second_connection) {
      settings.rules.refuse_second_connection = value == "refuse";
    } else if (key == option_client_id) {
      settings.rules.client_id_is_certificate_id = value != "any";
    } else if (key == option_message_lines) {
      settings.message_lines = value == "true";
    } else if (key == option_command_socket) {
      settings.command_socket = std::atoi(options[i].value);
    }
  }
  return settings;
}

// Mosquitto waits up to 100 ms for the network. The supervisor sends SIGURG after a command, and
// the wait ends early.
void end_wait(int) {
  command_waits = true;
}

void catch_wake_up() {
  struct sigaction action {};
  action.sa_handler = end_wait;
  ::sigaction(SIGURG, &action, nullptr);
}

template <typename Event, int (BrokerCallbacks::*handler)(const Event&)>
int call(int, void* event, void*) {
  return (callbacks.get()->*handler)(*static_cast<const Event*>(event));
}

template <int (BrokerCallbacks::*handler)()>
int call_plain(int, void*, void*) {
  return (callbacks.get()->*handler)();
}

int register_callbacks(mosquitto_plugin_id_t* plugin) {
  const std::pair<int, MOSQ_FUNC_generic_callback> handlers[] = {
      {MOSQ_EVT_BASIC_AUTH, call<mosquitto_evt_basic_auth, &BrokerCallbacks::on_connect>},
      {MOSQ_EVT_ACL_CHECK, call<mosquitto_evt_acl_check, &BrokerCallbacks::on_access>},
      {MOSQ_EVT_MESSAGE, call<mosquitto_evt_message, &BrokerCallbacks::on_message>},
      {MOSQ_EVT_DISCONNECT, call<mosquitto_evt_disconnect, &BrokerCallbacks::on_disconnect>},
      {MOSQ_EVT_TICK, call_plain<&BrokerCallbacks::on_tick>},
      {MOSQ_EVT_RELOAD, call_plain<&BrokerCallbacks::on_reload>},
  };
  for (const auto& [event, handler] : handlers) {
    const int code = mosquitto_callback_register(plugin, event, handler, nullptr, nullptr);
    if (code != MOSQ_ERR_SUCCESS) {
      return code;
    }
  }
  return MOSQ_ERR_SUCCESS;
}

}  // namespace

void report_untrusted(x509_st* certificate) {
  if (callbacks) {
    callbacks->on_untrusted(certificate);
  }
}

}  // namespace autotape

extern "C" {

int mosquitto_plugin_version(int count, const int* versions) {
  for (int i = 0; i < count; ++i) {
    if (versions[i] == MOSQ_PLUGIN_VERSION) {
      return MOSQ_PLUGIN_VERSION;
    }
  }
  return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t* plugin, void**, mosquitto_opt* options,
                          int count) {
  auto created = autotape::BrokerCallbacks::create(autotape::read_options(options, count));
  if (!created) {
    mosquitto_log_printf(MOSQ_LOG_ERR, "%s", created.error().line().c_str());
    return MOSQ_ERR_UNKNOWN;
  }
  autotape::callbacks = std::move(created).value();
  autotape::catch_wake_up();
  return autotape::register_callbacks(plugin);
}

int mosquitto_plugin_cleanup(void*, mosquitto_opt*, int) {
  autotape::callbacks.reset();
  return MOSQ_ERR_SUCCESS;
}

}  // extern "C"
