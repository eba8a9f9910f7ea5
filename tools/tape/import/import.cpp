#include "tape/import/import.hpp"

#include <algorithm>
#include <array>
#include <filesystem>

#include <fmt/format.h>

#include "core/file.hpp"
#include "core/line_reader.hpp"
#include "message/topic.hpp"
#include "tape/import/json_items.hpp"
#include "tape/import/message_parsers.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::pair<std::string_view, ImportFormat>, 5> format_names{{
    {"mosquitto-v", ImportFormat::mosquitto_verbose},
    {"mosquitto-time", ImportFormat::mosquitto_timed},
    {"mosquitto-json", ImportFormat::mosquitto_json},
    {"csv", ImportFormat::csv},
    {"json", ImportFormat::json},
}};

// A quote that is never closed would make one record of all that follows.
constexpr std::size_t longest_csv_record = std::size_t{4} << 20U;

std::string_view format_name(ImportFormat format) {
  return std::find_if(format_names.begin(), format_names.end(),
                      [&](const auto& row) { return row.second == format; })
      ->first;
}

// Counts, and gives each message a received time.
class ImportBase : public ImportReader {
 public:
  ImportBase(ImportFormat format, const ImportSettings& settings)
      : format_(format), settings_(settings), last_(settings.start.value_or(ReceivedTime())) {
    header_.description = fmt::format("imported ({})", format_name(format));
    header_.privacy = "raw";
  }

  std::string_view format() const override { return format_name(format_); }
  const TapeHeader& header() const override { return header_; }
  const TapeDamage& damage() const override { return damage_; }
  const ImportCounts& counts() const override { return counts_; }

  Result<TapeRecord> next(RecordedMessage& message, Marker&) override {
    while (true) {
      AUTOTAPE_TRY_ASSIGN(auto found, next_candidate());
      if (!found) {
        return TapeRecord::end;
      }
      if (*found) {
        take_time(**found);
        message.received = last_;
        message.message = std::move((**found).message);
        return TapeRecord::message;
      }
      note_skipped((*found).error().line());
    }
  }

 protected:
  // Nothing at the end; an error for what is no message.
  using Candidate = std::optional<Result<ImportedMessage>>;
  virtual Result<Candidate> next_candidate() = 0;
  virtual std::string place() const = 0;

  const ImportSettings& settings() const { return settings_; }

 private:
  void note_skipped(std::string why) {
    ++counts_.skipped;
    auto& places = counts_.places;
    const auto known = std::find_if(places.begin(), places.end(),
                                    [&](const SkippedPlace& place) { return place.why == why; });
    if (known != places.end()) {
      ++known->count;
    } else if (places.size() < ImportCounts::most_places) {
      places.push_back({place(), std::move(why)});
    }
  }

  void take_time(const ImportedMessage& imported) {
    if (imported.received) {
      last_ = *imported.received;
      return;
    }
    ++counts_.without_time;
    const auto envelope = envelopes_.read(imported.message.payload);
    const auto made = envelope ? (*envelope)->newest() : std::nullopt;
    const ReceivedTime after = last_ + std::chrono::milliseconds(1);
    last_ =
        made && !settings_.start ? std::max(after, ReceivedTime(made->time_since_epoch())) : after;
  }

  ImportFormat format_;
  ImportSettings settings_;
  TapeHeader header_;
  TapeDamage damage_;
  ImportCounts counts_;
  ReceivedTime last_;
  EnvelopeReader envelopes_;
};

// Formats with a message on each line; a CSV record may go over several.
class LineImport final : public ImportBase {
 public:
  LineImport(ImportFormat format, const ImportSettings& settings, InputFile file)
      : ImportBase(format, settings),
        line_format_(format),
        lines_(std::move(file)),
        json_(this->settings()) {}

 private:
  Result<Candidate> next_candidate() override {
    while (true) {
      std::string_view line;
      AUTOTAPE_TRY_ASSIGN(const bool found, lines_.next(line));
      if (!found) {
        return Candidate();
      }
      const std::string_view as_read = line;
      line = without_return(line);
      if (line.empty()) {
        continue;
      }
      switch (line_format_) {
        case ImportFormat::mosquitto_verbose:
          return Candidate(parse_verbose_line(line));
        case ImportFormat::mosquitto_timed:
          return Candidate(parse_timed_line(line));
        case ImportFormat::csv: {
          AUTOTAPE_TRY_ASSIGN(const std::string record, whole_csv_record(as_read));
          return Candidate(parse_csv_record(without_return(record), settings().payload_is_base64));
        }
        default:
          return Candidate(parse_json_line(line));
      }
    }
  }

  // Lines may end with CR LF.
  static std::string_view without_return(std::string_view line) {
    return line.substr(0, line.size() - (line.ends_with('\r') ? 1U : 0U));
  }

  Result<ImportedMessage> parse_json_line(std::string_view line) {
    AUTOTAPE_TRY_ASSIGN(const JsonElement element, parser_.parse(line));
    return json_.parse(element);
  }

  // Goes on over the following lines while a quote is open.
  Result<std::string> whole_csv_record(std::string_view first) {
    std::string record(first);
    std::string_view line = first;
    std::size_t quotes = static_cast<std::size_t>(std::count(line.begin(), line.end(), '"'));
    while (quotes % 2 != 0 && record.size() < longest_csv_record) {
      AUTOTAPE_TRY_ASSIGN(const bool found, lines_.next(line));
      if (!found) {
        break;
      }
      record.append("\n").append(line);
      quotes += static_cast<std::size_t>(std::count(line.begin(), line.end(), '"'));
    }
    return record;
  }

  std::string place() const override {
    return fmt::format("{}:{}", lines_.path(), lines_.number());
  }

  ImportFormat line_format_;
  LineReader lines_;
  JsonParser parser_;
  JsonMessageParser json_;
};

// Files of JSON: a message each, or an array of them.
class JsonImport final : public ImportBase {
 public:
  JsonImport(const ImportSettings& settings, std::vector<std::string> files)
      : ImportBase(ImportFormat::json, settings),
        files_(std::move(files)),
        json_(this->settings()) {}

  JsonImport(const ImportSettings& settings, InputFile file) : JsonImport(settings, {}) {
    items_.emplace(std::make_unique<InputFile>(std::move(file)));
  }

 private:
  Result<Candidate> next_candidate() override {
    while (true) {
      if (!items_) {
        if (next_file_ == files_.size()) {
          return Candidate();
        }
        AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(files_[next_file_++]));
        items_.emplace(std::make_unique<InputFile>(std::move(file)));
      }
      std::string_view text;
      AUTOTAPE_TRY_ASSIGN(const JsonItems::Found found, items_->next(text));
      place_ = items_->in_array() && found == JsonItems::Found::value
                   ? fmt::format("{}: /{}", items_->path(), items_->given() - 1)
                   : items_->path();
      if (found == JsonItems::Found::value) {
        return Candidate(parse(text));
      }
      const std::string what = items_->what();
      items_.reset();
      if (found == JsonItems::Found::no_json) {
        return Candidate(Result<ImportedMessage>(file_error({}, what)));
      }
    }
  }

  Result<ImportedMessage> parse(std::string_view text) {
    AUTOTAPE_TRY_ASSIGN(const JsonElement element, parser_.parse(text));
    return json_.parse(element, text);
  }

  std::string place() const override { return place_; }

  std::vector<std::string> files_;
  std::size_t next_file_ = 0;
  std::optional<JsonItems> items_;  // of the file at hand
  std::string place_;
  JsonParser parser_;
  JsonMessageParser json_;
};

// In the order of their names.
Result<std::vector<std::string>> json_files_in(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  for (auto at = fs::recursive_directory_iterator(folder, failed);
       !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    if (at->is_regular_file() && at->path().extension() == ".json") {
      files.push_back(at->path().string());
    }
  }
  if (failed) {
    return file_error(folder, "cannot be listed: " + failed.message());
  }
  if (files.empty()) {
    return file_error(folder, "holds no .json file");
  }
  std::sort(files.begin(), files.end());
  return files;
}

// By the first line.
ImportFormat guess(std::string_view begin) {
  const std::string_view line = begin.substr(0, begin.find('\n'));
  const std::string_view word = line.substr(0, line.find(' '));
  if (line.starts_with('[')) {
    return ImportFormat::json;
  }
  if (line.starts_with('{')) {
    return line.ends_with('}') || line.ends_with("}\r") || line.size() == begin.size()
               ? ImportFormat::mosquitto_json
               : ImportFormat::json;
  }
  if (parse_import_time(word)) {
    return ImportFormat::mosquitto_timed;
  }
  const std::size_t comma = line.find(',');
  return comma < line.find(' ') && is_publishable_topic(line.substr(0, comma))
             ? ImportFormat::csv
             : ImportFormat::mosquitto_verbose;
}

}  // namespace

std::optional<ImportFormat> import_format_named(const std::string& name) {
  for (const auto& [known, format] : format_names) {
    if (known == name) {
      return format;
    }
  }
  return std::nullopt;
}

const std::vector<std::string>& import_format_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const auto& row : format_names) {
      all.emplace_back(row.first);
    }
    return all;
  }();
  return names;
}

Result<std::unique_ptr<ImportReader>> open_import(const std::string& path,
                                                  const ImportSettings& settings) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    AUTOTAPE_TRY_ASSIGN(auto files, json_files_in(path));
    return std::unique_ptr<ImportReader>(std::make_unique<JsonImport>(settings, std::move(files)));
  }
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  constexpr std::size_t enough_to_guess = 64 * 1024;
  AUTOTAPE_TRY_ASSIGN(const std::string_view begin, file.peek(enough_to_guess));
  const ImportFormat format = settings.format.value_or(guess(begin));
  if (format == ImportFormat::json) {
    return std::unique_ptr<ImportReader>(std::make_unique<JsonImport>(settings, std::move(file)));
  }
  return std::unique_ptr<ImportReader>(
      std::make_unique<LineImport>(format, settings, std::move(file)));
}

}  // namespace autotape
