#include "x509/certificate_store.hpp"

#include <thread>

#include <doctest/doctest.h>

#include "core/file.hpp"
#include "message/topic.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

namespace {

const std::string app_id = "1FBBEDED80595912588FF4FF";

Certificate certificate_of(const std::string& path) {
  const auto pem = read_file(path);
  REQUIRE_MESSAGE(pem.ok(), pem.error().line());
  auto certificate = Certificate::from_pem(*pem, path);
  REQUIRE_MESSAGE(certificate.ok(), certificate.error().line());
  return *certificate;
}

}  // namespace

TEST_CASE("the registry has each certificate under its fingerprint") {
  const TestFolder folder;
  const std::string path = folder.file("state");
  const CertificateStore store(path);
  REQUIRE(store.prepare(app_id, {"localhost"}).ok());
  const auto registry = store.registry();
  REQUIRE(registry.ok());
  CHECK(registry->certificates().size() == 3);
  const auto publisher =
      certificate_of(StateDirectory(path).publisher().certificate_file).fingerprint();
  REQUIRE(registry->by_fingerprint(publisher) != nullptr);
  CHECK(registry->by_fingerprint(publisher)->role == CertificateRole::publisher);
  CHECK(registry->by_fingerprint(std::string(64, '0')) == nullptr);
}

TEST_CASE("preparing again changes nothing, and a new App ID gets its own bundle") {
  const TestFolder folder;
  const std::string path = folder.file("state");
  const CertificateStore store(path);
  REQUIRE(store.prepare(app_id, {"localhost"}).ok());
  const auto before = store.registry();
  REQUIRE(store.prepare(app_id, {"localhost"}).ok());
  CHECK(store.registry()->text() == before->text());
  const std::string other = "2FBBEDED80595912588FF4FF";
  REQUIRE(store.prepare(other, {"localhost"}).ok());
  CHECK(store.bundle_folders(app_id)->size() == 1);
  CHECK(store.bundle_folders(other)->size() == 1);
}

TEST_CASE("the server certificate is made again when a name is missing in it") {
  const TestFolder folder;
  const std::string path = folder.file("state");
  const CertificateStore store(path);
  const StateDirectory files(path);
  REQUIRE(store.prepare(app_id, {"localhost", "127.0.0.1"}).ok());
  const auto first = certificate_of(files.server_certificate_file());
  CHECK(first.names_server("localhost"));
  CHECK(first.names_server("127.0.0.1"));
  CHECK_FALSE(first.names_server("broker.example"));
  REQUIRE(store.prepare(app_id, {"localhost", "127.0.0.1", "broker.example"}).ok());
  CHECK(certificate_of(files.server_certificate_file()).names_server("broker.example"));
}

TEST_CASE("revoked, expired and foreign certificates are no bundles to connect with") {
  const TestFolder folder;
  const std::string path = folder.file("state");
  const CertificateStore store(path);
  REQUIRE(store.prepare(app_id, {"localhost"}).ok());
  const auto good = store.issue({app_id});
  REQUIRE(good.ok());
  CHECK(store.bundle_folders(app_id)->size() == 2);
  IssueRequest foreign{app_id};
  foreign.foreign = true;
  REQUIRE(store.issue(foreign).ok());
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  IssueRequest expired{app_id};
  expired.validity = {now - std::chrono::hours(48), now - std::chrono::hours(24)};
  REQUIRE(store.issue(expired).ok());
  REQUIRE(store.set_state(*good, CertificateState::revoked).ok());
  CHECK(store.bundle_folders(app_id)->size() == 1);
  CHECK(store.set_state("no-such-id", CertificateState::revoked).error().kind == ErrorKind::usage);
}

TEST_CASE("a renewed certificate keeps id, App ID and key") {
  const TestFolder folder;
  const std::string path = folder.file("state");
  const CertificateStore store(path);
  REQUIRE(store.prepare(app_id, {"localhost"}).ok());
  const std::string bundle_folder = store.bundle_folders(app_id)->front();
  const auto before = read_bundle(bundle_folder);
  const std::string old = certificate_of(before->files.certificate_file).fingerprint();
  REQUIRE(store.renew(*before->certificate_id, Validity::days_from_now(700)).ok());
  const auto after = read_bundle(bundle_folder);  // checks that key and certificate are a pair
  REQUIRE_MESSAGE(after.ok(), after.error().line());
  CHECK(after->app_id == app_id);
  CHECK(certificate_of(after->files.certificate_file).fingerprint() != old);
  CHECK(store.registry()->by_fingerprint(old)->state == CertificateState::good);
  CHECK(store.bundle_folders(app_id)->size() == 1);
}

TEST_CASE("certificates issued by several programs at once are all registered") {
  const TestFolder folder;
  const std::string path = folder.file("state");
  const CertificateStore store(path);
  REQUIRE(store.prepare(app_id, {"localhost"}).ok());
  std::vector<std::thread> programs;
  for (int i = 0; i < 4; ++i) {
    programs.emplace_back([&] { (void)store.issue({app_id}); });
  }
  for (auto& program : programs) {
    program.join();
  }
  CHECK(store.registry()->certificates().size() == 3 + 4);
}

TEST_CASE("a registry that was damaged is refused with its line") {
  const auto registry = Registry::parse("this is no certificate\n", "registry");
  REQUIRE_FALSE(registry.ok());
  CHECK(registry.error().where == "registry:1");
}

TEST_CASE("App IDs and certificate ids that we make up have the provider's form") {
  CHECK(is_v1_app_id(make_v1_app_id()));
  CHECK(is_v2_application_id(make_uuid()));
  CHECK(make_uuid() != make_uuid());
}
