// Fewer system calls for a TLS connection of many small records, whose owner (a library) reads and
// writes each of them by itself; and the bytes of such a connection.
//
// `tls` is OpenSSL's SSL, over a socket that does not block.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

struct ssl_st;

namespace autotape {

// Reads from now on all records that the socket has, not one. What was read waits where poll() does
// not see it: read until nothing comes before you poll.
void read_tls_ahead(ssl_st* tls);

// Holds back from now on what is written, until flush_tls(). Call it when the handshake is over.
void hold_tls_writes(ssl_st* tls);

// Is something held back?
bool holds_tls_writes(const ssl_st* tls);

// Gives the socket as much as it takes of what is held back; false if the connection is lost.
bool flush_tls(ssl_st* tls);

// How many bytes were decrypted and not yet read.
std::size_t tls_bytes_at_hand(const ssl_st* tls);

// How many bytes were read: 0 if none wait. Nothing if the connection is lost.
std::optional<std::size_t> read_tls(ssl_st* tls, char* to, std::size_t most);

// How many bytes of `bytes` were taken; fewer if the socket takes no more. Nothing if the
// connection is lost.
std::optional<std::size_t> write_tls(ssl_st* tls, std::string_view bytes);

}  // namespace autotape
