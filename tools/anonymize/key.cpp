#include "anonymize/key.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.hpp"
#include "x509/hmac.hpp"

namespace autotape {
namespace {

constexpr std::size_t secret_bytes = 32;

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') {
    return digit - '0';
  }
  return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

// Nothing but what was made by hex() of a secret, and a line feed.
bool decode_secret(std::string_view text, std::string& secret) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  if (text.size() != 2 * secret_bytes) {
    return false;
  }
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) {
      return false;
    }
    secret += static_cast<char>(high * 16 + low);
  }
  return true;
}

Result<void> refuse_if_others_can_read(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
      (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
    return file_error(
        path, "others can read this key",
        fmt::format("chmod 600 {}; if others may have read it, make a new one", path));
  }
  return {};
}

Result<std::string> new_secret() {
  std::string secret(secret_bytes, '\0');
  if (::getrandom(secret.data(), secret.size(), 0) != static_cast<ssize_t>(secret.size())) {
    return internal_error(fmt::format("the system has no random bytes: {}", std::strerror(errno)));
  }
  return secret;
}

// False if another program made a key there meanwhile: then it is that one's, which has pseudonyms
// already.
Result<bool> publish_key(const AnonymizeKey& key, const std::string& path) {
  const std::string fresh = fmt::format("{}.new-{}", path, key.id);
  if (auto written = write_file(fresh, hex(key.secret) + "\n", FileAccess::owner_only); !written) {
    Error error = written.error();
    error.where = path;
    return error;
  }
  const bool linked = ::link(fresh.c_str(), path.c_str()) == 0;
  const int reason = errno;
  ::unlink(fresh.c_str());
  if (!linked && reason != EEXIST) {
    return file_error(path, fmt::format("cannot create: {}", std::strerror(reason)),
                      "keep keys on a disk that has hard links");
  }
  return linked;
}

}  // namespace

AnonymizeKey anonymize_key_of(std::string secret) {
  const HmacDigest digest = HmacSha256(secret).of({"autotape key id"});
  const auto* const bytes = reinterpret_cast<const char*>(digest.data());
  return {std::move(secret), hex({bytes, 8})};
}

Result<AnonymizeKey> read_anonymize_key(const std::string& path) {
  AUTOTAPE_TRY(refuse_if_others_can_read(path));
  AUTOTAPE_TRY_ASSIGN(const std::string text, read_file(path));
  std::string secret;
  if (!decode_secret(text, secret)) {
    return file_error(path, "is no key: a key is one line of 64 hexadecimal digits",
                      "name a file that does not exist, to have a new key made");
  }
  return anonymize_key_of(std::move(secret));
}

Result<OpenedKey> open_anonymize_key(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored)) {
    AUTOTAPE_TRY_ASSIGN(AnonymizeKey key, read_anonymize_key(path));
    return OpenedKey{std::move(key), false};
  }
  AUTOTAPE_TRY_ASSIGN(std::string secret, new_secret());
  AnonymizeKey key = anonymize_key_of(std::move(secret));
  AUTOTAPE_TRY_ASSIGN(const bool made, publish_key(key, path));
  if (!made) {
    AUTOTAPE_TRY_ASSIGN(key, read_anonymize_key(path));
  }
  return OpenedKey{std::move(key), made};
}

}  // namespace autotape
