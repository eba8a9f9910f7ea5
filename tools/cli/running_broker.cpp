#include "cli/running_broker.hpp"

#include <algorithm>
#include <array>

#include "core/file.hpp"
#include "json/document.hpp"

namespace autotape {
namespace {

template <auto Member>
bool same(const BrokerSettings& a, const BrokerSettings& b) {
  return a.*Member == b.*Member;
}

struct ComparedOption {
  std::string_view name;
  bool (*same)(const BrokerSettings&, const BrokerSettings&);
};

// What a running broker cannot be given any more.
constexpr std::array<ComparedOption, 17> compared_options{
    {{"--bind", same<&BrokerSettings::bind>},
     {"--server-name", same<&BrokerSettings::server_names>},
     {"--advertise", same<&BrokerSettings::advertise>},
     {"--app-id", same<&BrokerSettings::app_id>},
     {"--environment", same<&BrokerSettings::environment>},
     {"--stream", same<&BrokerSettings::stream>},
     {"--second-connection", same<&BrokerSettings::second_connection>},
     {"--topic-filters", same<&BrokerSettings::topic_filters>},
     {"--client-id", same<&BrokerSettings::client_id_is_certificate_id>},
     {"--max-queued", same<&BrokerSettings::max_queued_messages>},
     {"--session-expiry-days", same<&BrokerSettings::session_expiry_days>},
     {"--max-inflight", same<&BrokerSettings::max_inflight_messages>},
     {"--message-size-limit", same<&BrokerSettings::message_size_limit>},
     {"--no-proxy", same<&BrokerSettings::proxy>},
     {"--events", same<&BrokerSettings::events>},
     {"--owner", same<&BrokerSettings::owner>},
     {"--temporary", same<&BrokerSettings::temporary>}}};

}  // namespace

Result<std::vector<std::string_view>> differing_options(
    const Broker& broker, const BrokerSettings& wanted,
    const std::vector<std::string>& given_options) {
  const std::string file = StateDirectory(broker.directory()).settings_file();
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(file));
  AUTOTAPE_TRY_ASSIGN(const Json json, parse_document(text, file));
  AUTOTAPE_TRY_ASSIGN(const BrokerSettings running, settings_from_json(json, file));
  const auto given = [&](std::string_view name) {
    return std::find(given_options.begin(), given_options.end(), name) != given_options.end();
  };
  std::vector<std::string_view> differing;
  if (given("--port") && wanted.port != 0 && wanted.port != broker.connection().port) {
    differing.emplace_back("--port");
  }
  for (const ComparedOption& option : compared_options) {
    if (given(option.name) && !option.same(wanted, running)) {
      differing.push_back(option.name);
    }
  }
  return differing;
}

}  // namespace autotape
