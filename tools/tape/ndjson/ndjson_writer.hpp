#pragma once

#include <memory>
#include <optional>
#include <string>

#include "core/file.hpp"
#include "tape/writer.hpp"

namespace autotape {

class NdjsonWriter final : public TapeWriter {
 public:
  // A new tape: writes the header line.
  static Result<std::unique_ptr<NdjsonWriter>> start(std::unique_ptr<AppendFile> file,
                                                     const TapeHeader& header);

  // Goes on at the end of a tape whose last line is whole.
  static std::unique_ptr<NdjsonWriter> resume(std::unique_ptr<AppendFile> file);

  Result<void> append(const RecordedMessage& message) override;
  Result<void> append(const Marker& marker) override;
  Result<void> sync() override;
  Result<void> flush() override;
  Result<void> close() override { return sync(); }
  std::uint64_t size() const override { return file_->size() + buffer_.size(); }

 private:
  explicit NdjsonWriter(std::unique_ptr<AppendFile> file) : file_(std::move(file)) {}

  Result<void> refuse_unreadable_line(std::size_t begin, std::string_view topic);
  Result<void> flush_if_large();

  std::unique_ptr<AppendFile> file_;
  std::string buffer_;
  bool synced_ = true;            // nothing was appended since the last sync
  std::optional<Error> failure_;  // the first one, which is final
};

}  // namespace autotape
