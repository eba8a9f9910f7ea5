#include "x509/zip.hpp"

#include <memory>

#include <zip.h>

namespace autotape {
namespace {

struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

std::string text_of(int code) {
  zip_error_t error;
  zip_error_init_with_code(&error, code);
  std::string text = zip_error_strerror(&error);
  zip_error_fini(&error);
  return text;
}

}  // namespace

Result<std::string> make_zip(const std::vector<ZipEntry>& entries) {
  zip_source_t* buffer = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(buffer);  // read after the archive was closed
  const std::unique_ptr<zip_source_t, decltype(&zip_source_free)> kept(buffer, zip_source_free);
  zip_t* archive = zip_open_from_source(buffer, ZIP_TRUNCATE, nullptr);
  if (archive == nullptr) {
    return internal_error("cannot make a zip archive");
  }
  for (const ZipEntry& entry : entries) {
    zip_source_t* bytes = zip_source_buffer(archive, entry.bytes.data(), entry.bytes.size(), 0);
    const auto index = zip_file_add(archive, entry.name.c_str(), bytes, ZIP_FL_ENC_UTF_8);
    if (index >= 0) {
      constexpr zip_uint32_t owner_only = 0100600U << 16U;  // a key stays private when unpacked
      zip_file_set_external_attributes(archive, static_cast<zip_uint64_t>(index), 0, ZIP_OPSYS_UNIX,
                                       owner_only);
    }
  }
  if (zip_close(archive) != 0) {
    const std::string reason = zip_strerror(archive);
    zip_discard(archive);
    return internal_error("cannot make a zip archive: " + reason);
  }
  zip_source_open(buffer);
  zip_source_seek(buffer, 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(zip_source_tell(buffer)), '\0');
  zip_source_seek(buffer, 0, SEEK_SET);
  zip_source_read(buffer, bytes.data(), bytes.size());
  zip_source_close(buffer);
  return bytes;
}

Result<std::vector<ZipEntry>> read_zip(const std::string& path, std::uint64_t most) {
  int reason = 0;
  const Archive archive(zip_open(path.c_str(), ZIP_RDONLY, &reason));
  if (!archive) {
    return file_error(path, "cannot be read as a zip archive: " + text_of(reason));
  }
  std::vector<ZipEntry> entries;
  const zip_int64_t count = zip_get_num_entries(archive.get(), 0);
  for (zip_uint64_t i = 0; i < static_cast<zip_uint64_t>(count); ++i) {
    zip_stat_t status;
    if (zip_stat_index(archive.get(), i, 0, &status) != 0 || status.size > most) {
      continue;
    }
    const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive.get(), i, 0));
    ZipEntry entry{status.name, std::string(status.size, '\0')};
    if (!file || zip_fread(file.get(), entry.bytes.data(), status.size) !=
                     static_cast<zip_int64_t>(status.size)) {
      return file_error(path, "is damaged at '" + entry.name + "'", "download it again");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace autotape
