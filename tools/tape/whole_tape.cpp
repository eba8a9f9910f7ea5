#include "tape/whole_tape.hpp"

#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

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

class WholeTapeWriter final : public TapeWriter {
 public:
  WholeTapeWriter(std::unique_ptr<TapeWriter> writer, std::string partial, std::string path)
      : writer_(std::move(writer)), partial_(std::move(partial)), path_(std::move(path)) {}

  ~WholeTapeWriter() override {
    if (!closed_) {
      std::error_code ignored;
      fs::remove(partial_, ignored);
    }
  }

  Result<void> append(const RecordedMessage& message) override { return writer_->append(message); }
  Result<void> append(const Marker& marker) override { return writer_->append(marker); }
  Result<void> sync() override { return writer_->sync(); }
  std::uint64_t size() const override { return writer_->size(); }

  Result<void> close() override {
    AUTOTAPE_TRY(writer_->close());
    std::error_code failed;
    fs::rename(partial_, path_, failed);
    if (failed) {
      return file_error(path_, "cannot rename into place: " + failed.message());
    }
    closed_ = true;
    return {};
  }

 private:
  std::unique_ptr<TapeWriter> writer_;
  std::string partial_;
  std::string path_;
  bool closed_ = false;
};

}  // namespace

Result<std::unique_ptr<TapeWriter>> create_whole_tape(const std::string& path,
                                                      const TapeHeader& header, FileAccess access,
                                                      bool force) {
  AUTOTAPE_TRY(refuse_overwrite(path, force));
  const std::string partial = partial_path(path);
  AUTOTAPE_TRY_ASSIGN(auto writer, create_tape(partial, header, access, true));
  return std::unique_ptr<TapeWriter>(
      std::make_unique<WholeTapeWriter>(std::move(writer), partial, path));
}

}  // namespace autotape
