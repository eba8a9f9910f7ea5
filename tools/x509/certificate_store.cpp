#include "x509/certificate_store.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <future>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.hpp"
#include "x509/zip.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

constexpr int server_days = 3650;
constexpr int own_identity_days = 3650;

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

// Only the owner may look into a folder that holds keys.
Result<void> make_folder(const std::string& path) {
  std::error_code reason;
  fs::create_directories(path, reason);
  if (reason) {
    return file_error(path, "cannot make the folder: " + reason.message(), "check the permissions");
  }
  ::chmod(path.c_str(), 0700);
  return {};
}

Result<void> write_pair(const std::string& certificate_file, const Certificate& certificate,
                        const std::string& key_file, const PrivateKey& key) {
  AUTOTAPE_TRY(make_folder(fs::path(key_file).parent_path()));
  AUTOTAPE_TRY(write_file(key_file, key.to_pem(), FileAccess::owner_only));
  return write_file(certificate_file, certificate.to_pem());
}

RegisteredCertificate registered(const Certificate& certificate, CertificateRole role,
                                 std::string app_id, std::string certificate_id) {
  return {certificate.fingerprint(), role,
          CertificateState::good,    std::move(app_id),
          std::move(certificate_id), certificate.not_before(),
          certificate.not_after()};
}

// Holds the registry for one change of it.
class RegistryLock {
 public:
  explicit RegistryLock(const std::string& registry_file)
      : file_(::open((registry_file + ".lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
    if (file_ >= 0) {
      ::flock(file_, LOCK_EX);
    }
  }
  ~RegistryLock() {
    if (file_ >= 0) {
      ::close(file_);
    }
  }
  RegistryLock(const RegistryLock&) = delete;
  RegistryLock& operator=(const RegistryLock&) = delete;

 private:
  int file_;
};

Result<void> change_registry(const std::string& file,
                             const std::function<Result<void>(Registry&)>& change) {
  const RegistryLock lock(file);
  Registry registry;
  if (exists(file)) {
    AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(file));
    AUTOTAPE_TRY_ASSIGN(registry, Registry::parse(text, file));
  }
  AUTOTAPE_TRY(change(registry));
  return write_file(file, registry.text(), FileAccess::owner_only);
}

Result<void> register_certificate(const std::string& file, RegisteredCertificate certificate) {
  return change_registry(file, [&](Registry& registry) -> Result<void> {
    registry.add(std::move(certificate));
    return {};
  });
}

bool has(const Registry& registry, CertificateRole role, const std::string& app_id) {
  const auto& all = registry.certificates();
  return std::any_of(all.begin(), all.end(), [&](const RegisteredCertificate& certificate) {
    return certificate.role == role && certificate.app_id == app_id;
  });
}

}  // namespace

Result<void> CertificateStore::prepare(const std::string& app_id,
                                       const std::vector<std::string>& server_names) const {
  AUTOTAPE_TRY(make_folder(directory_.path()));
  AUTOTAPE_TRY_ASSIGN(const Registry before, registry());
  const bool new_bundle = !has(before, CertificateRole::consumer, app_id);
  std::future<Result<PrivateKey>> consumer_key;
  if (new_bundle) {  // the one that takes long
    consumer_key = std::async(std::launch::async, PrivateKey::generate, KeyKind::rsa_2048);
  }
  if (!exists(directory_.ca_key_file())) {
    AUTOTAPE_TRY_ASSIGN(const Authority made, Authority::create("autotape mock broker CA"));
    AUTOTAPE_TRY(
        write_pair(directory_.ca_file(), made.certificate(), directory_.ca_key_file(), made.key()));
  }
  AUTOTAPE_TRY_ASSIGN(const Authority authority, load_authority());
  AUTOTAPE_TRY(make_folder(directory_.consumers_folder()));

  bool server_good = false;
  if (exists(directory_.server_certificate_file())) {
    AUTOTAPE_TRY_ASSIGN(const std::string pem, read_file(directory_.server_certificate_file()));
    AUTOTAPE_TRY_ASSIGN(const Certificate certificate,
                        Certificate::from_pem(pem, directory_.server_certificate_file()));
    server_good =
        std::all_of(server_names.begin(), server_names.end(),
                    [&](const std::string& name) { return certificate.names_server(name); });
  }
  if (!server_good) {
    AUTOTAPE_TRY(rotate_server_certificate(server_names));
  }

  const auto make_own = [&](const Credentials& files, CertificateRole role,
                            const std::string& name) -> Result<void> {
    AUTOTAPE_TRY_ASSIGN(const PrivateKey key, PrivateKey::generate(KeyKind::ec_p256));
    AUTOTAPE_TRY_ASSIGN(
        const Certificate certificate,
        authority.sign_client(key, name, Validity::days_from_now(own_identity_days)));
    AUTOTAPE_TRY(write_pair(files.certificate_file, certificate, files.key_file, key));
    return register_certificate(directory_.registry_file(),
                                registered(certificate, role, name, make_uuid()));
  };
  if (!exists(directory_.publisher().key_file)) {
    AUTOTAPE_TRY(make_own(directory_.publisher(), CertificateRole::publisher, "publisher"));
  }
  if (!has(before, CertificateRole::recorder, app_id)) {
    AUTOTAPE_TRY(make_own(directory_.recorder(), CertificateRole::recorder, app_id));
  }
  if (new_bundle) {
    AUTOTAPE_TRY_ASSIGN(const PrivateKey key, consumer_key.get());
    AUTOTAPE_TRY_ASSIGN(
        const Certificate certificate,
        authority.sign_client(key, app_id, Validity::days_from_now(default_certificate_days)));
    const auto entry = registered(certificate, CertificateRole::consumer, app_id, make_uuid());
    AUTOTAPE_TRY(write_bundle(entry, certificate, key));
    AUTOTAPE_TRY(register_certificate(directory_.registry_file(), entry));
  }
  return {};
}

Result<std::string> CertificateStore::issue(const IssueRequest& request) const {
  AUTOTAPE_TRY_ASSIGN(Authority authority, load_authority());
  if (request.foreign) {
    AUTOTAPE_TRY_ASSIGN(authority, Authority::create("an authority that nobody knows"));
  }
  AUTOTAPE_TRY_ASSIGN(const PrivateKey key, PrivateKey::generate(KeyKind::rsa_2048));
  AUTOTAPE_TRY_ASSIGN(const Certificate certificate,
                      authority.sign_client(key, request.app_id, request.validity));
  auto entry = registered(certificate, CertificateRole::consumer, request.app_id, make_uuid());
  entry.state = request.foreign ? CertificateState::foreign : CertificateState::good;
  AUTOTAPE_TRY(write_bundle(entry, certificate, key));
  AUTOTAPE_TRY(register_certificate(directory_.registry_file(), entry));
  if (request.zip) {
    AUTOTAPE_TRY(zip_bundle(entry.certificate_id));
  }
  return entry.certificate_id;
}

Result<void> CertificateStore::renew(const std::string& certificate_id,
                                     const Validity& validity) const {
  AUTOTAPE_TRY_ASSIGN(const Registry current, registry());
  const RegisteredCertificate* old = current.by_certificate_id(certificate_id);
  if (old == nullptr || old->role != CertificateRole::consumer) {
    return usage_error(
        fmt::format("there is no bundle '{}' in {}", certificate_id, directory_.path()),
        "'autotape certs list' shows them");
  }
  AUTOTAPE_TRY_ASSIGN(const Authority authority, load_authority());
  const std::string key_file =
      directory_.bundle_folder(certificate_id) + "/" + BundleNames(certificate_id).key;
  AUTOTAPE_TRY_ASSIGN(const std::string pem, read_file(key_file));
  AUTOTAPE_TRY_ASSIGN(const PrivateKey key, PrivateKey::from_pem(pem, key_file));
  AUTOTAPE_TRY_ASSIGN(const Certificate certificate,
                      authority.sign_client(key, old->app_id, validity));
  const auto entry =
      registered(certificate, CertificateRole::consumer, old->app_id, certificate_id);
  AUTOTAPE_TRY(register_certificate(directory_.registry_file(), entry));
  AUTOTAPE_TRY(write_bundle(entry, certificate, key));
  if (exists(directory_.bundle_folder(certificate_id) + ".zip")) {
    AUTOTAPE_TRY(zip_bundle(certificate_id));
  }
  return {};
}

Result<void> CertificateStore::set_state(const std::string& certificate_id,
                                         CertificateState state) const {
  return change_registry(directory_.registry_file(), [&](Registry& registry) -> Result<void> {
    if (!registry.set_state(certificate_id, state)) {
      return usage_error(
          fmt::format("there is no certificate '{}' in {}", certificate_id, directory_.path()),
          "'autotape certs list' shows them");
    }
    return {};
  });
}

Result<void> CertificateStore::rotate_server_certificate(
    const std::vector<std::string>& names) const {
  AUTOTAPE_TRY_ASSIGN(const Authority authority, load_authority());
  AUTOTAPE_TRY_ASSIGN(const PrivateKey key, PrivateKey::generate(KeyKind::ec_p256));
  AUTOTAPE_TRY_ASSIGN(const Certificate certificate,
                      authority.sign_server(key, names, Validity::days_from_now(server_days)));
  return write_pair(directory_.server_certificate_file(), certificate, directory_.server_key_file(),
                    key);
}

Result<Registry> CertificateStore::registry() const {
  const std::string file = directory_.registry_file();
  if (!exists(file)) {
    return Registry();
  }
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(file));
  return Registry::parse(text, file);
}

Result<std::vector<std::string>> CertificateStore::bundle_folders(const std::string& app_id) const {
  AUTOTAPE_TRY_ASSIGN(const Registry all, registry());
  const auto now = std::chrono::system_clock::now();
  std::vector<std::string> folders;
  for (const RegisteredCertificate& certificate : all.certificates()) {
    const std::string folder = directory_.bundle_folder(certificate.certificate_id);
    if (certificate.role == CertificateRole::consumer && certificate.app_id == app_id &&
        certificate.state == CertificateState::good && certificate.not_before <= now &&
        certificate.not_after > now &&
        std::find(folders.begin(), folders.end(), folder) == folders.end()) {
      folders.push_back(folder);
    }
  }
  return folders;
}

Result<std::string> CertificateStore::zip_bundle(const std::string& certificate_id) const {
  const std::string folder = directory_.bundle_folder(certificate_id);
  const BundleNames names(certificate_id);
  std::vector<ZipEntry> entries;
  for (const std::string& name : {names.ca, names.certificate, names.key}) {
    AUTOTAPE_TRY_ASSIGN(std::string bytes, read_file(folder + "/" + name));
    entries.push_back({name, std::move(bytes)});
  }
  const std::string path = folder + ".zip";
  AUTOTAPE_TRY_ASSIGN(const std::string bytes, make_zip(entries));
  AUTOTAPE_TRY(write_file(path, bytes, FileAccess::owner_only));
  return path;
}

Result<Authority> CertificateStore::load_authority() const {
  if (!exists(directory_.ca_key_file())) {
    return file_error(directory_.path(), "is no state directory of a mock broker",
                      "'autotape broker up' makes one");
  }
  AUTOTAPE_TRY_ASSIGN(const std::string certificate_pem, read_file(directory_.ca_file()));
  AUTOTAPE_TRY_ASSIGN(Certificate certificate,
                      Certificate::from_pem(certificate_pem, directory_.ca_file()));
  AUTOTAPE_TRY_ASSIGN(const std::string key_pem, read_file(directory_.ca_key_file()));
  AUTOTAPE_TRY_ASSIGN(PrivateKey key, PrivateKey::from_pem(key_pem, directory_.ca_key_file()));
  return Authority::of(std::move(certificate), std::move(key));
}

Result<void> CertificateStore::write_bundle(const RegisteredCertificate& entry,
                                            const Certificate& certificate,
                                            const PrivateKey& key) const {
  const std::string folder = directory_.bundle_folder(entry.certificate_id);
  const BundleNames names(entry.certificate_id);
  AUTOTAPE_TRY(
      write_pair(folder + "/" + names.certificate, certificate, folder + "/" + names.key, key));
  AUTOTAPE_TRY_ASSIGN(const std::string ca, read_file(directory_.ca_file()));
  return write_file(folder + "/" + names.ca, ca);
}

}  // namespace autotape
