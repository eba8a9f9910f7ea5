#include "x509/bundle.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/file.hpp"
#include "core/text.hpp"
#include "x509/certificate.hpp"
#include "x509/key_access.hpp"
#include "x509/private_key.hpp"
#include "x509/zip.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t largest_file = 1U << 20U;

constexpr std::string_view ca_suffix = "-ca_certificates.pem";
constexpr std::string_view certificate_suffix = "-certificate.pem.crt";
constexpr std::string_view key_suffix = "-private.pem.key";

// The files of one certificate among others: names as they stand in the folder or archive.
struct Found {
  std::optional<std::string> certificate_id;
  std::string ca;
  std::string certificate;
  std::string key;
};

Result<Found> find_bundle(const std::vector<std::string>& names, const std::string& where) {
  const auto present = [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  std::vector<Found> found;
  for (const std::string& name : names) {
    const std::size_t slash = name.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : name.substr(0, slash + 1);
    const std::string file = name.substr(folder.size());
    if (file == "certificate.pem.crt") {
      found.push_back({std::nullopt, folder + "root.pem", name, folder + "private.pem.key"});
    } else if (file.ends_with(certificate_suffix)) {
      const std::string id = file.substr(0, file.size() - certificate_suffix.size());
      const BundleNames expected(id);
      found.push_back({id, folder + expected.ca, name, folder + expected.key});
    }
  }
  if (found.empty()) {
    return file_error(
        where, "holds no bundle: no file is named {certificate id}-certificate.pem.crt",
        "give the folder or .zip that the provider's console, or 'autotape certs issue', made");
  }
  if (found.size() > 1) {
    return file_error(where, fmt::format("holds {} bundles", found.size()),
                      "give a folder with one of them");
  }
  for (const std::string& name : {found[0].ca, found[0].key}) {
    if (!present(name)) {
      return file_error(where, fmt::format("has no file '{}'", printable(name)),
                        "a bundle is three files: download it again");
    }
  }
  return found[0];
}

// The App ID, once certificate and key are seen to be a pair.
Result<std::string> check_pair(std::string_view certificate_pem,
                               const std::string& certificate_name, std::string_view key_pem,
                               const std::string& key_name) {
  AUTOTAPE_TRY_ASSIGN(const Certificate certificate,
                      Certificate::from_pem(certificate_pem, certificate_name));
  AUTOTAPE_TRY_ASSIGN(const PrivateKey key, PrivateKey::from_pem(key_pem, key_name));
  if (!certificate.belongs_to(key)) {
    return file_error(key_name, "is not the key of the certificate beside it",
                      "download the bundle again");
  }
  return certificate.common_name();
}

Result<Bundle> read_folder(const std::string& path) {
  std::vector<std::string> names;
  std::error_code reason;
  for (const auto& entry : fs::directory_iterator(path, reason)) {
    names.push_back(entry.path().filename());
  }
  if (reason) {
    return file_error(path, "cannot read the folder: " + reason.message());
  }
  AUTOTAPE_TRY_ASSIGN(const Found found, find_bundle(names, path));
  Bundle bundle;
  bundle.certificate_id = found.certificate_id;
  bundle.files = {path + "/" + found.ca, path + "/" + found.certificate, path + "/" + found.key};
  AUTOTAPE_TRY_ASSIGN(const std::string certificate,
                      read_file(bundle.files.certificate_file, largest_file));
  AUTOTAPE_TRY_ASSIGN(const std::string key, read_file(bundle.files.key_file, largest_file));
  AUTOTAPE_TRY_ASSIGN(bundle.app_id, check_pair(certificate, bundle.files.certificate_file, key,
                                                bundle.files.key_file));
  if (const auto warning = key_access_warning(bundle.files.key_file)) {
    bundle.warnings.push_back(*warning);
  }
  return bundle;
}

// Files that exist in memory only: a key from an archive never lands on a disk.
class MemoryFiles {
 public:
  MemoryFiles() = default;
  ~MemoryFiles() {
    for (const int file : files_) {
      ::close(file);
    }
  }
  MemoryFiles(const MemoryFiles&) = delete;
  MemoryFiles& operator=(const MemoryFiles&) = delete;

  Result<std::string> add(const std::string& name, std::string_view bytes) {
    const int file = ::memfd_create("autotape-bundle", MFD_CLOEXEC);
    if (file < 0) {
      return file_error(name, fmt::format("cannot unpack: {}", std::strerror(errno)));
    }
    files_.push_back(file);
    if (::write(file, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) {
      return file_error(name, fmt::format("cannot unpack: {}", std::strerror(errno)));
    }
    return fmt::format("/proc/self/fd/{}", file);
  }

 private:
  std::vector<int> files_;
};

Result<Bundle> read_archive(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(const auto entries, read_zip(path, largest_file));
  std::map<std::string, std::string_view> bytes;
  std::vector<std::string> names;
  for (const ZipEntry& entry : entries) {
    bytes[entry.name] = entry.bytes;
    names.push_back(entry.name);
  }
  AUTOTAPE_TRY_ASSIGN(const Found found, find_bundle(names, path));
  Bundle bundle;
  bundle.certificate_id = found.certificate_id;
  AUTOTAPE_TRY_ASSIGN(bundle.app_id,
                      check_pair(bytes[found.certificate], path + "/" + found.certificate,
                                 bytes[found.key], path + "/" + found.key));
  const auto files = std::make_shared<MemoryFiles>();
  AUTOTAPE_TRY_ASSIGN(bundle.files.ca_file, files->add(path, bytes[found.ca]));
  AUTOTAPE_TRY_ASSIGN(bundle.files.certificate_file, files->add(path, bytes[found.certificate]));
  AUTOTAPE_TRY_ASSIGN(bundle.files.key_file, files->add(path, bytes[found.key]));
  bundle.unpacked = files;
  return bundle;
}

}  // namespace

BundleNames::BundleNames(const std::string& certificate_id)
    : ca(certificate_id + std::string(ca_suffix)),
      certificate(certificate_id + std::string(certificate_suffix)),
      key(certificate_id + std::string(key_suffix)) {}

Result<Bundle> read_bundle(const std::string& path) {
  std::error_code reason;
  const auto status = fs::status(path, reason);
  if (!fs::exists(status)) {
    return file_error(path, "there is no such folder or file", "check the path");
  }
  return fs::is_directory(status) ? read_folder(path) : read_archive(path);
}

}  // namespace autotape
