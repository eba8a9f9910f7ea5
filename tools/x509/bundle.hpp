// A provider bundle: what its console gives to download for one certificate.
//
//   {certificate id}-ca_certificates.pem   or   root.pem
//   {certificate id}-certificate.pem.crt        certificate.pem.crt
//   {certificate id}-private.pem.key            private.pem.key
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace autotape {

// PEM files as TLS libraries want them.
struct Credentials {
  std::string ca_file;
  std::string certificate_file;
  std::string key_file;
};

struct Bundle {
  // The file names' prefix: the MQTT client id. Absent for the plain names, which do not tell it.
  std::optional<std::string> certificate_id;
  std::string app_id;  // the certificate's CN
  Credentials files;   // of a ZIP: in memory, for this process only, for as long as a copy of the
                       // bundle lives
  std::vector<std::string> warnings;  // one line each, such as a key that others may read
  std::shared_ptr<const void> unpacked;
};

// `path` is a folder or a .zip that holds one bundle, possibly beside other files. Fails if one of
// the three is missing, if there are several bundles, or if the key does not belong to the
// certificate.
Result<Bundle> read_bundle(const std::string& path);

// The three file names of a certificate.
struct BundleNames {
  explicit BundleNames(const std::string& certificate_id);

  std::string ca;
  std::string certificate;
  std::string key;
};

}  // namespace autotape
