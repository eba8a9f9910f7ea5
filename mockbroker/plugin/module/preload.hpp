// What Mosquitto's plugin interface does not give, taken by being loaded before its libraries
// (LD_PRELOAD).
//
// - getpeername(): clients come through the proxy, over a unix socket. The proxy binds its end to a
//   name that holds the client's address, and Mosquitto is told that address.
// - SSL_CTX_set_verify(): a certificate of ours that is out of its time passes the TLS handshake,
//   so that the plugin can refuse it with CONNACK "not authorized" and name the client; one of a
//   foreign authority is refused by TLS and named.
// - listen(): as many connections may wait as the system allows.
// - epoll_create(): the moment at which Mosquitto is ready is told.
// - a larger buffer for standard output, which carries the event log.
//
// Without the preload the rules hold all the same; the log then knows less.
#pragma once

struct x509_st;

namespace autotape {

// Called on the broker's thread, with a reference to take over.
void report_untrusted(x509_st* certificate);

}  // namespace autotape
