#include "schema/folder_files.hpp"

#include <algorithm>
#include <filesystem>

namespace autotape {

Result<std::vector<std::string>> json_files_below(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> paths;
  std::filesystem::recursive_directory_iterator entry(folder, failed);
  // Incremented by hand: the loop of the language throws where a folder vanishes meanwhile.
  for (; !failed && entry != std::filesystem::recursive_directory_iterator();
       entry.increment(failed)) {
    std::error_code unknown;
    if (entry->is_regular_file(unknown) && entry->path().extension() == ".json") {
      paths.push_back(entry->path().string());
    }
  }
  if (failed) {
    return file_error(folder, "cannot be read: " + failed.message());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

}  // namespace autotape
