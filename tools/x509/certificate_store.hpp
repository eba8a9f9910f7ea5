// The certificates of a state directory: made, listed, revoked, renewed. Keys are 0600.
//
// Several programs may use one directory: changes are made under a lock, and a running broker reads
// the registry again when it has changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"
#include "x509/authority.hpp"
#include "x509/registry.hpp"
#include "x509/state_directory.hpp"

namespace autotape {

inline constexpr int default_certificate_days = 365;  // as the provider's

struct IssueRequest {
  std::string app_id;
  Validity validity = Validity::days_from_now(default_certificate_days);
  bool foreign = false;  // signed by an authority that nobody knows
  bool zip = false;      // {certificate id}.zip beside the bundle's folder
};

class CertificateStore {
 public:
  explicit CertificateStore(std::string directory) : directory_(std::move(directory)) {}

  // Makes what is not there yet: authority, server certificate for `server_names` (host names and
  // addresses), publisher, and for `app_id` a recorder and one bundle. Keys are made in parallel.
  Result<void> prepare(const std::string& app_id,
                       const std::vector<std::string>& server_names) const;

  // Gives the new bundle's certificate id.
  Result<std::string> issue(const IssueRequest& request) const;

  // A new certificate with the same id, App ID and key in the same bundle. The old one stays good
  // until it expires.
  Result<void> renew(const std::string& certificate_id, const Validity& validity) const;

  // Usage errors if there is no such certificate.
  Result<void> set_state(const std::string& certificate_id, CertificateState state) const;

  Result<void> rotate_server_certificate(const std::vector<std::string>& names) const;

  Result<Registry> registry() const;

  // Folders of the bundles of this App ID that can be used now, in the order in which they were
  // made.
  Result<std::vector<std::string>> bundle_folders(const std::string& app_id) const;

  // Writes {certificate id}.zip beside the bundle's folder and gives its path.
  Result<std::string> zip_bundle(const std::string& certificate_id) const;

 private:
  Result<Authority> load_authority() const;
  Result<void> write_bundle(const RegisteredCertificate& entry, const Certificate& certificate,
                            const PrivateKey& key) const;

  StateDirectory directory_;
};

}  // namespace autotape
