#include "x509/tls_buffers.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "x509/openssl_handle.hpp"

namespace autotape {
namespace {

// Fuller, it is written by itself.
constexpr long most_held_back = 64 * 1024;

// Where records are written, if that is a buffer of hold_tls_writes().
BIO* write_buffer(const ssl_st* tls) {
  BIO* const bio = SSL_get_wbio(tls);
  return bio != nullptr && BIO_method_type(bio) == BIO_TYPE_BUFFER ? bio : nullptr;
}

// Nothing was moved: does the connection only wait?
std::optional<std::size_t> nothing_or_lost(const ssl_st* tls, int result) {
  const int reason = SSL_get_error(tls, result);
  ERR_clear_error();
  return reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE
             ? std::optional<std::size_t>(0)
             : std::nullopt;
}

}  // namespace

void read_tls_ahead(ssl_st* tls) {
  SSL_set_read_ahead(tls, 1);
}

void hold_tls_writes(ssl_st* tls) {
  BioHandle buffer(BIO_new(BIO_f_buffer()));
  BIO* const socket = SSL_get_wbio(tls);
  if (!buffer || socket == nullptr ||
      BIO_set_write_buffer_size(buffer.get(), most_held_back) != 1) {
    return;
  }
  BIO_up_ref(socket);  // the buffer owns one, and SSL gives its own away
  BIO_push(buffer.get(), socket);
  SSL_set0_wbio(tls, buffer.release());
  SSL_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
}

bool holds_tls_writes(const ssl_st* tls) {
  BIO* const buffer = write_buffer(tls);
  return buffer != nullptr && BIO_wpending(buffer) > 0;
}

bool flush_tls(ssl_st* tls) {
  BIO* const buffer = write_buffer(tls);
  return buffer == nullptr || BIO_flush(buffer) == 1 || BIO_should_retry(buffer) != 0;
}

std::size_t tls_bytes_at_hand(const ssl_st* tls) {
  return static_cast<std::size_t>(SSL_pending(tls));
}

std::optional<std::size_t> read_tls(ssl_st* tls, char* to, std::size_t most) {
  std::size_t count = 0;
  while (count < most) {
    std::size_t more = 0;
    const int result = SSL_read_ex(tls, to + count, most - count, &more);
    if (result != 1) {
      return count > 0 ? std::optional(count) : nothing_or_lost(tls, result);
    }
    count += more;
  }
  return count;
}

std::optional<std::size_t> write_tls(ssl_st* tls, std::string_view bytes) {
  std::size_t count = 0;
  while (count < bytes.size()) {
    std::size_t more = 0;
    const int result = SSL_write_ex(tls, bytes.data() + count, bytes.size() - count, &more);
    if (result != 1) {
      return count > 0 ? std::optional(count) : nothing_or_lost(tls, result);
    }
    count += more;
  }
  return count;
}

}  // namespace autotape
