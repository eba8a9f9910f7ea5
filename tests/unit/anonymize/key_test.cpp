#include "anonymize/key.hpp"

#include <filesystem>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "core/file.hpp"
#include "tests/unit/support/test_folder.hpp"

using namespace autotape;

TEST_CASE("A key is made once, for its owner only, and read again") {
  const TestFolder folder;
  const std::string path = folder.file("fleet.key");
  const auto made = open_anonymize_key(path);
  REQUIRE(made);
  CHECK(made->is_new);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);

  const auto again = open_anonymize_key(path);
  REQUIRE(again);
  CHECK_FALSE(again->is_new);
  CHECK(again->key.secret == made->key.secret);
  CHECK(again->key.id == made->key.id);
  CHECK(read_file(path)->find(made->key.id) == std::string::npos);
}

TEST_CASE("A key that others can read, or that is none, is refused") {
  const TestFolder folder;
  const std::string path = folder.file("fleet.key");
  REQUIRE(open_anonymize_key(path));
  REQUIRE(::chmod(path.c_str(), 0644) == 0);
  CHECK(read_anonymize_key(path).error().line().find("chmod 600") != std::string::npos);
  for (const char* text : {"", "secret\n", "0123456789abcdef\n"}) {
    REQUIRE(write_file(folder.file("none.key"), text, FileAccess::owner_only));
    CHECK_FALSE(read_anonymize_key(folder.file("none.key")));
  }
}

TEST_CASE("Of programs that make one key at the same time, all have the key of the first") {
  const TestFolder folder;
  const std::string path = folder.file("fleet.key");
  std::vector<std::string> ids(8);
  std::vector<std::thread> threads;
  for (std::string& id : ids) {
    threads.emplace_back([&id, &path] {
      const auto opened = open_anonymize_key(path);
      id = opened ? opened->key.id : opened.error().line();
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  CHECK(ids == std::vector<std::string>(8, read_anonymize_key(path)->id));
  const auto files = std::filesystem::directory_iterator(folder.file(""));
  CHECK(std::distance(begin(files), end(files)) == 1);
}
