// A folder of a test's own, removed at its end. In memory where the system has such a file system:
// tests sync thousands of times, and what a disk does then is not what they ask.
#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include <stdlib.h>

namespace autotape {

class TestFolder {
 public:
  TestFolder() {
    const std::string pattern = "/autotape-test-XXXXXX";
    std::string name = "/dev/shm" + pattern;
    if (::mkdtemp(name.data()) == nullptr) {
      name = std::filesystem::temp_directory_path().string() + pattern;
      if (::mkdtemp(name.data()) == nullptr) {
        throw std::runtime_error("cannot make a folder for a test");
      }
    }
    path_ = name;
  }
  ~TestFolder() { std::filesystem::remove_all(path_); }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;

  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace autotape
