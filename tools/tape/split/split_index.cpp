#include "tape/split/split_index.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/rfc3339.hpp"
#include "json/document.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

// "trips/commute.mcap" → "trips/commute" and ".mcap"; ".ndjson.zst" is one ending.
std::pair<std::string, std::string> stem_and_ending(const std::string& tape_path) {
  const fs::path path(tape_path);
  fs::path stem = path.stem();
  std::string ending = path.extension();
  if (stem.extension() == ".ndjson") {
    ending = stem.extension().string() + ending;
    stem = stem.stem();
  }
  return {(path.parent_path() / stem).string(), ending};
}

std::optional<ReceivedTime> time_member(const Json& part, const char* name) {
  const auto found = part.find(name);
  return found != part.end() && found->is_string()
             ? parse_rfc3339_as<ReceivedClock>(found->get<std::string>())
             : std::nullopt;
}

std::uint64_t count_member(const Json& part, const char* name) {
  const auto found = part.find(name);
  return found != part.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
}

}  // namespace

std::string split_index_path(const std::string& tape_path) {
  return stem_and_ending(tape_path).first + ".parts.json";
}

std::string split_part_path(const std::string& tape_path, std::size_t number) {
  const auto [stem, ending] = stem_and_ending(tape_path);
  return fmt::format("{}.{:04}{}", stem, number, ending);
}

std::vector<std::string> existing_parts(const std::string& tape_path) {
  const auto [stem, ending] = stem_and_ending(tape_path);
  const fs::path folder = fs::path(stem).parent_path();
  const std::string before = fs::path(stem).filename().string() + ".";
  constexpr std::size_t digits = 4;  // at least
  std::error_code ignored;
  std::vector<std::string> parts;
  for (fs::directory_iterator entry(folder.empty() ? "." : folder, ignored), end; entry != end;
       entry.increment(ignored)) {
    const std::string name = entry->path().filename().string();
    if (name.size() < before.size() + digits + ending.size() || !name.starts_with(before) ||
        !name.ends_with(ending)) {
      continue;
    }
    const std::string_view number =
        std::string_view(name).substr(before.size(), name.size() - before.size() - ending.size());
    if (number.find_first_not_of("0123456789") == std::string_view::npos) {
      parts.push_back((folder / name).string());
    }
  }
  std::sort(parts.begin(), parts.end(), [](const std::string& a, const std::string& b) {
    return std::pair(a.size(), std::string_view(a)) < std::pair(b.size(), std::string_view(b));
  });
  return parts;
}

Result<std::optional<SplitIndex>> read_split_index(const std::string& tape_path) {
  const std::string path = split_index_path(tape_path);
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    return std::optional<SplitIndex>();
  }
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(path));
  AUTOTAPE_TRY_ASSIGN(const Json json, parse_document(text, path));
  const auto parts = json.is_object() ? json.find("parts") : json.end();
  if (parts == json.end() || !parts->is_array()) {
    return file_error(path, "is no index of a recording in parts");
  }
  SplitIndex index;
  for (const Json& part : *parts) {
    if (!part.is_object() || !part.contains("file") || !part["file"].is_string()) {
      return file_error(path, fmt::format("/parts/{}: has no file", index.parts.size()));
    }
    index.parts.push_back({part["file"].get<std::string>(), count_member(part, "messages"),
                           count_member(part, "size"), time_member(part, "first"),
                           time_member(part, "last")});
  }
  return std::optional(std::move(index));
}

Result<void> write_split_index(const std::string& tape_path, const SplitIndex& index) {
  Json json;
  json["parts"] = Json::array();
  for (const TapePart& part : index.parts) {
    Json entry;
    entry["file"] = part.file;
    entry["messages"] = part.messages;
    entry["size"] = part.size;
    if (part.first) {
      entry["first"] = format_rfc3339(part.first->time_since_epoch());
      entry["last"] = format_rfc3339(part.last->time_since_epoch());
    }
    json["parts"].push_back(entry);
  }
  return write_file(split_index_path(tape_path), write_document_indented(json),
                    FileAccess::owner_only);
}

}  // namespace autotape
