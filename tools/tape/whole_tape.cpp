#include "tape/whole_tape.hpp"

#include <filesystem>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "core/file.hpp"
#include "tape/journal/journal.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

// "trips/commute.mcap" → "trips/.partial-4711-commute.mcap": the ending still says the format.
std::string partial_path(const std::string& path) {
  const fs::path whole(path);
  return (whole.parent_path() /
          fmt::format(".partial-{}-{}", ::getpid(), whole.filename().string()))
      .string();
}

// Errors name the tape, not the file that was to become it.
template <typename Value>
Result<Value> naming(Result<Value> result, const std::string& partial, const std::string& path) {
  if (result) {
    return result;
  }
  Error error = std::move(result).error();
  for (std::string* const text : {&error.where, &error.what}) {
    if (const std::size_t at = text->find(partial); at != std::string::npos) {
      text->replace(at, partial.size(), path);
    }
  }
  return error;
}

class WholeTapeWriter final : public TapeWriter {
 public:
  WholeTapeWriter(std::unique_ptr<TapeWriter> writer, std::string partial, std::string path,
                  std::unique_ptr<AppendFile> replaced)
      : writer_(std::move(writer)),
        partial_(std::move(partial)),
        path_(std::move(path)),
        replaced_(std::move(replaced)) {}

  ~WholeTapeWriter() override {
    if (!closed_) {
      std::error_code ignored;
      fs::remove(partial_, ignored);
    }
  }

  Result<void> append(const RecordedMessage& message) override {
    return naming(writer_->append(message), partial_, path_);
  }
  Result<void> append(const Marker& marker) override {
    return naming(writer_->append(marker), partial_, path_);
  }
  Result<void> sync() override { return naming(writer_->sync(), partial_, path_); }
  std::uint64_t size() const override { return writer_->size(); }

  Result<void> close() override {
    AUTOTAPE_TRY(naming(writer_->close(), partial_, path_));
    std::error_code failed;
    fs::rename(partial_, path_, failed);
    if (failed) {
      return file_error(path_, "cannot rename into place: " + failed.message());
    }
    closed_ = true;
    fs::remove(journal_path(path_), failed);  // of the recording that was replaced
    return {};
  }

 private:
  std::unique_ptr<TapeWriter> writer_;
  std::string partial_;
  std::string path_;
  std::unique_ptr<AppendFile> replaced_;  // locked: no recorder goes on with it
  bool closed_ = false;
};

// The tape that is at `path`, locked; nothing if there is none. An error if a recorder writes it.
Result<std::unique_ptr<AppendFile>> lock_replaced(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) ? open_append_file(path, OpenMode::resume)
                                            : std::unique_ptr<AppendFile>();
}

}  // namespace

Result<std::unique_ptr<TapeWriter>> create_whole_tape(const std::string& path,
                                                      const TapeHeader& header, FileAccess access,
                                                      bool force) {
  AUTOTAPE_TRY(refuse_overwrite(path, force));
  AUTOTAPE_TRY(refuse_overwrite(journal_path(path), force));  // the rest of a recording
  AUTOTAPE_TRY_ASSIGN(auto replaced, lock_replaced(path));
  const std::string partial = partial_path(path);
  auto writer = naming(create_tape(partial, header, access, true), partial, path);
  if (!writer) {
    std::error_code ignored;
    fs::remove(partial, ignored);  // it may be there, without the header that did not fit
    return writer;
  }
  return std::unique_ptr<TapeWriter>(
      std::make_unique<WholeTapeWriter>(std::move(*writer), partial, path, std::move(replaced)));
}

}  // namespace autotape
