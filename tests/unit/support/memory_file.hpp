// An AppendFile in memory that knows what was synced, and fails when it is told to.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/file.hpp"

namespace autotape {

// What a machine that crashed would find on its disk. Outlives the file.
struct MemoryDisk {
  std::string written;
  std::string synced;
  int operations = 0;               // appends and syncs so far
  std::optional<int> fail_from;     // the n-th operation and all later ones fail
  std::optional<int> fail_only_at;  // the n-th fails, later ones succeed: as after a lost EIO
};

class MemoryFile final : public AppendFile {
 public:
  explicit MemoryFile(std::shared_ptr<MemoryDisk> disk) : disk_(std::move(disk)) {}

  Result<void> append(std::string_view bytes) override {
    if (fails()) {
      disk_->written += bytes.substr(0, bytes.size() / 2);
      return file_error("memory", "cannot write: No space left on device");
    }
    disk_->written += bytes;
    return {};
  }

  Result<void> sync() override {
    if (fails()) {
      return file_error("memory", "cannot sync to disk: Input/output error");
    }
    disk_->synced = disk_->written;
    return {};
  }

  Result<void> truncate(std::uint64_t size) override {
    disk_->written.resize(size);
    return {};
  }

  std::uint64_t size() const override { return disk_->written.size(); }

 private:
  bool fails() {
    const int number = ++disk_->operations;
    return (disk_->fail_from && number >= *disk_->fail_from) || disk_->fail_only_at == number;
  }

  std::shared_ptr<MemoryDisk> disk_;
};

}  // namespace autotape
