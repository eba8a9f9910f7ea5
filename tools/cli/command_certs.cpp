// autotape certs issue | list | revoke | renew
#include <filesystem>
#include <memory>

#include <fmt/format.h>

#include "cli/broker_options.hpp"
#include "cli/command.hpp"
#include "cli/terminal.hpp"
#include "core/rfc3339.hpp"
#include "mockbroker/harness/broker.hpp"
#include "x509/certificate_store.hpp"

namespace autotape {
namespace {

struct IssueOptions {
  std::string directory;
  std::string app_id;
  int days = default_certificate_days;
  bool expired = false;
  bool not_yet_valid = false;
  bool foreign = false;
  bool zip = false;
  bool json = false;
};

CertificateTime now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

// A broker that runs takes the change in before the command returns.
Result<void> tell_broker(const std::string& directory) {
  AUTOTAPE_TRY_ASSIGN(const auto broker, Broker::find(directory));
  return broker ? broker->reload_certificates() : Result<void>();
}

Result<std::string> absolute_directory(const std::string& directory) {
  if (!std::filesystem::exists(StateDirectory(directory).ca_key_file())) {
    return file_error(directory, "is no state directory of a mock broker",
                      "'autotape broker up' makes one");
  }
  return std::filesystem::absolute(directory).lexically_normal().string();
}

// Of the directory's broker where none is given.
Result<std::string> app_id_of(const IssueOptions& options) {
  BrokerSettings settings;
  settings.directory = options.directory;
  AUTOTAPE_TRY(complete_settings(settings));
  if (!options.app_id.empty()) {
    AUTOTAPE_TRY(check_app_id(options.app_id, *settings.stream));
    return options.app_id;
  }
  return *settings.app_id;
}

Validity validity_of(const IssueOptions& options) {
  const auto day = std::chrono::hours(24);
  if (options.expired) {
    return {now() - day * (options.days + 1), now() - day};
  }
  if (options.not_yet_valid) {
    return {now() + day, now() + day * (options.days + 1)};
  }
  return Validity::days_from_now(options.days);
}

Result<void> issue(const IssueOptions& options) {
  AUTOTAPE_TRY_ASSIGN(const std::string directory, absolute_directory(options.directory));
  AUTOTAPE_TRY_ASSIGN(const std::string app_id, app_id_of(options));
  const CertificateStore store(directory);
  IssueRequest request{app_id, validity_of(options), options.foreign, options.zip};
  AUTOTAPE_TRY_ASSIGN(const std::string id, store.issue(request));
  AUTOTAPE_TRY(tell_broker(directory));
  const std::string folder = StateDirectory(directory).bundle_folder(id);
  if (!options.json) {
    return print(folder + (options.zip ? ".zip" : "") + "\n");
  }
  Json json;
  json["certificate_id"] = id;
  json["app_id"] = app_id;
  json["folder"] = folder;
  if (options.zip) {
    json["zip"] = folder + ".zip";
  }
  return print(json.dump(2) + "\n");
}

// What it is now, whatever was declared.
std::string_view state_of(const RegisteredCertificate& certificate) {
  if (certificate.state != CertificateState::good) {
    return name_of(certificate.state);
  }
  if (certificate.not_after < now()) {
    return "expired";
  }
  return certificate.not_before > now() ? "not yet valid" : "good";
}

Result<void> list(const std::string& directory, bool json) {
  AUTOTAPE_TRY_ASSIGN(const std::string path, absolute_directory(directory));
  AUTOTAPE_TRY_ASSIGN(const Registry registry, CertificateStore(path).registry());
  Json all = Json::array();
  std::string text;
  for (const RegisteredCertificate& certificate : registry.certificates()) {
    const std::string until = format_rfc3339(Duration(certificate.not_after.time_since_epoch()));
    const std::string from = format_rfc3339(Duration(certificate.not_before.time_since_epoch()));
    all.push_back({{"certificate_id", certificate.certificate_id},
                   {"app_id", certificate.app_id},
                   {"role", std::string(name_of(certificate.role))},
                   {"state", std::string(state_of(certificate))},
                   {"not_before", from},
                   {"not_after", until},
                   {"fingerprint", certificate.fingerprint}});
    text +=
        fmt::format("{}  {:<36}  {:<9}  {:<13}  until {}\n", certificate.certificate_id,
                    certificate.app_id, name_of(certificate.role), state_of(certificate), until);
  }
  return print(json ? all.dump(2) + "\n" : text);
}

Result<void> revoke(const std::string& directory, const std::vector<std::string>& ids) {
  AUTOTAPE_TRY_ASSIGN(const std::string path, absolute_directory(directory));
  for (const std::string& id : ids) {
    AUTOTAPE_TRY(CertificateStore(path).set_state(id, CertificateState::revoked));
  }
  return tell_broker(path);
}

Result<void> renew(const std::string& directory, const std::string& id, int days) {
  AUTOTAPE_TRY_ASSIGN(const std::string path, absolute_directory(directory));
  AUTOTAPE_TRY(CertificateStore(path).renew(id, Validity::days_from_now(days)));
  AUTOTAPE_TRY(tell_broker(path));
  return print(StateDirectory(path).bundle_folder(id) + "\n");
}

void add_issue(CLI::App& group, Action& chosen) {
  const auto options = std::make_shared<IssueOptions>();
  CLI::App& command = add_command(group, "issue", "Make a bundle for an App ID; prints its folder",
                                  "autotape certs issue --app-id 1FBBEDED80595912588FF4FF --zip");
  add_directory_option(command, options->directory);
  command.add_option("--app-id", options->app_id, "Whose (default: the broker's)");
  command.add_option("--days", options->days, "For how long it is valid")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
  CLI::Option* expired = command.add_flag("--expired", options->expired, "It ended yesterday");
  command.add_flag("--not-yet-valid", options->not_yet_valid, "It begins tomorrow")
      ->excludes(expired);
  command.add_flag("--wrong-authority", options->foreign,
                   "Signed by an authority that nobody knows");
  command.add_flag("--zip", options->zip, "Also as a .zip, as the provider's console gives it");
  command.add_flag("--json", options->json, "For machines");
  run_when_chosen(command, chosen, [options] { return report(issue(*options)); });
}

}  // namespace

void add_certs_commands(CLI::App& program, Action& chosen) {
  CLI::App& group = add_command_group(
      program, "certs", "The mock broker's certificates: issue, list, revoke, renew",
      "autotape certs issue --app-id 1FBBEDED80595912588FF4FF --zip\n"
      "  autotape certs list");
  add_issue(group, chosen);

  struct Options {
    std::string directory;
    std::vector<std::string> ids;
    int days = default_certificate_days;
    bool json = false;
  };
  const auto listing = std::make_shared<Options>();
  CLI::App& list_command =
      add_command(group, "list", "All certificates and their state", "autotape certs list");
  add_directory_option(list_command, listing->directory);
  list_command.add_flag("--json", listing->json, "For machines");
  run_when_chosen(list_command, chosen,
                  [listing] { return report(list(listing->directory, listing->json)); });

  const auto revoking = std::make_shared<Options>();
  CLI::App& revoke_command =
      add_command(group, "revoke", "A live connection with it is closed within a second",
                  "autotape certs revoke 75374841-d7a5-4db7-b9b5-8a5f60eed79d");
  add_directory_option(revoke_command, revoking->directory);
  revoke_command.add_option("CERTIFICATE_ID", revoking->ids, "Which")->required();
  run_when_chosen(revoke_command, chosen,
                  [revoking] { return report(revoke(revoking->directory, revoking->ids)); });

  const auto renewing = std::make_shared<Options>();
  CLI::App& renew_command =
      add_command(group, "renew", "A new certificate in the same bundle, with the same id and key",
                  "autotape certs renew 75374841-d7a5-4db7-b9b5-8a5f60eed79d --days 30");
  add_directory_option(renew_command, renewing->directory);
  renew_command.add_option("CERTIFICATE_ID", renewing->ids, "Which")->required()->expected(1);
  renew_command.add_option("--days", renewing->days, "For how long it is valid")
      ->check(CLI::Range(1, 36'500))
      ->capture_default_str();
  run_when_chosen(renew_command, chosen, [renewing] {
    return report(renew(renewing->directory, renewing->ids.front(), renewing->days));
  });
}

}  // namespace autotape
