// Runs a fuzz target without a fuzzer, so that it builds with any compiler and never rots: over
// each file of a corpus, and over small changes of each.
//
//   some_fuzz FILE|FOLDER…
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "core/file.hpp"
#include "core/random.hpp"
#include "tests/fuzz/fuzz_target.hpp"

namespace {

constexpr std::uint64_t changes_of_each = 200;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

// The same changes of the same file, everywhere.
std::string changed(std::string input, std::uint64_t number) {
  autotape::Random random(number, "fuzz");
  for (std::uint64_t i = 0; i <= number % 4 && !input.empty(); ++i) {
    const auto at = static_cast<std::size_t>(random.below(input.size()));
    switch (random.below(4)) {
      case 0:
        input[at] = static_cast<char>(random.below(256));
        break;
      case 1:
        input.erase(at, static_cast<std::size_t>(random.below(8)));
        break;
      case 2:
        input.insert(at, input.substr(static_cast<std::size_t>(random.below(input.size())), 16));
        break;
      default:
        input.resize(at);
    }
  }
  return input;
}

std::vector<std::string> files_of(const std::string& path) {
  if (!std::filesystem::is_directory(path)) {
    return {path};
  }
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path().string());
    }
  }
  return files;
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (const std::string& argument : std::vector<std::string>(argv + 1, argv + argc)) {
    for (const std::string& path : files_of(argument)) {
      const auto input = autotape::read_file(path);
      if (!input) {
        std::fprintf(stderr, "%s\n", input.error().line().c_str());
        return 1;
      }
      run(*input);
      for (std::uint64_t number = 0; number < changes_of_each; ++number) {
        run(changed(*input, number));
      }
      ++count;
    }
  }
  std::printf("%zu seeds, each in %zu variants\n", count,
              static_cast<std::size_t>(changes_of_each) + 1);
  return count == 0 ? 1 : 0;
}
