#include "x509/bundle.hpp"

#include <filesystem>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "core/file.hpp"
#include "tests/unit/support/test_folder.hpp"
#include "x509/certificate_store.hpp"

using namespace autotape;
namespace fs = std::filesystem;

namespace {

const std::string app_id = "1FBBEDED80595912588FF4FF";

// A state directory with one bundle of `app_id`.
class Store {
 public:
  Store() {
    const auto prepared = CertificateStore(path_).prepare(app_id, {"localhost", "127.0.0.1"});
    REQUIRE_MESSAGE(prepared.ok(), prepared.error().line());
  }

  const std::string& path() const { return path_; }
  CertificateStore store() const { return CertificateStore(path_); }
  std::string folder() const {
    const auto folders = store().bundle_folders(app_id);
    REQUIRE(folders.ok());
    REQUIRE(folders->size() == 1);
    return folders->front();
  }

 private:
  TestFolder folder_;
  std::string path_ = folder_.file("state");
};

unsigned mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

}  // namespace

TEST_CASE("a bundle's client id is its files' prefix and its App ID the certificate's CN") {
  const Store store;
  const auto bundle = read_bundle(store.folder());
  REQUIRE_MESSAGE(bundle.ok(), bundle.error().line());
  CHECK(bundle->certificate_id == fs::path(store.folder()).filename().string());
  CHECK(bundle->app_id == app_id);
  CHECK(bundle->warnings.empty());
  for (const auto& file :
       {bundle->files.ca_file, bundle->files.certificate_file, bundle->files.key_file}) {
    CHECK(fs::exists(file));
  }
}

TEST_CASE("no key that we make can be read by others") {
  const Store store;
  std::size_t keys = 0;
  for (const auto& entry : fs::recursive_directory_iterator(store.path())) {
    if (entry.path().extension() == ".key") {
      CHECK(mode_of(entry.path()) == 0600);
      ++keys;
    }
  }
  CHECK(keys == 5);  // authority, server, publisher, recorder, consumer
}

TEST_CASE("a key that others may read is a warning with the chmod line") {
  const Store store;
  const auto before = read_bundle(store.folder());
  REQUIRE(before.ok());
  ::chmod(before->files.key_file.c_str(), 0644);
  const auto bundle = read_bundle(store.folder());
  REQUIRE(bundle.ok());
  REQUIRE(bundle->warnings.size() == 1);
  CHECK(bundle->warnings[0].find("chmod 600 '" + before->files.key_file) != std::string::npos);
}

TEST_CASE("a zip is read as the folder is, and its files vanish with the bundle") {
  const Store store;
  const auto folder = read_bundle(store.folder());
  REQUIRE(folder.ok());
  const auto path = store.store().zip_bundle(*folder->certificate_id);
  REQUIRE_MESSAGE(path.ok(), path.error().line());
  CHECK(mode_of(*path) == 0600);
  std::string key_file;
  {
    const auto bundle = read_bundle(*path);
    REQUIRE_MESSAGE(bundle.ok(), bundle.error().line());
    CHECK(bundle->certificate_id == folder->certificate_id);
    CHECK(bundle->app_id == app_id);
    key_file = bundle->files.key_file;
    const auto unpacked = read_file(key_file);
    const auto original = read_file(folder->files.key_file);
    REQUIRE(unpacked.ok());
    CHECK(*unpacked == *original);
  }
  CHECK_FALSE(fs::exists(key_file));
}

TEST_CASE("the plain names of the provider's page are a bundle without a client id") {
  const Store store;
  const auto folder = read_bundle(store.folder());
  REQUIRE(folder.ok());
  const std::string plain = store.path() + "/plain";
  fs::create_directory(plain);
  fs::copy(folder->files.ca_file, plain + "/root.pem");
  fs::copy(folder->files.certificate_file, plain + "/certificate.pem.crt");
  fs::copy(folder->files.key_file, plain + "/private.pem.key");
  const auto bundle = read_bundle(plain);
  REQUIRE_MESSAGE(bundle.ok(), bundle.error().line());
  CHECK_FALSE(bundle->certificate_id.has_value());
  CHECK(bundle->app_id == app_id);
}

TEST_CASE("what is no whole bundle is refused with the reason") {
  const Store store;
  const auto reason = [](const std::string& path) {
    const auto bundle = read_bundle(path);
    REQUIRE_FALSE(bundle.ok());
    CHECK(bundle.error().kind == ErrorKind::file);
    return bundle.error().line();
  };
  CHECK(reason(store.path() + "/nowhere").find("no such folder") != std::string::npos);
  CHECK(reason(store.path() + "/ca").find("no bundle") != std::string::npos);
  CHECK(reason(store.path() + "/registry").find("zip") != std::string::npos);

  const auto bundle = read_bundle(store.folder());
  REQUIRE(bundle.ok());
  fs::copy_file(store.path() + "/ca/ca.key", bundle->files.key_file,
                fs::copy_options::overwrite_existing);
  CHECK(reason(store.folder()).find("is not the key of the certificate") != std::string::npos);
  fs::remove(bundle->files.key_file);
  CHECK(reason(store.folder()).find("has no file") != std::string::npos);
}
