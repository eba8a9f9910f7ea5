// SIGINT and SIGTERM: the first asks to finish, flush and summarise; a second one exits at once
// with 130.
#pragma once

namespace autotape {

// Call once, before threads are started.
void catch_interrupts();

// Has a first signal come? May be asked from any thread.
bool interrupted();

// A descriptor that becomes readable with the first signal, to be polled beside others. Never read
// it.
int interrupt_descriptor();

}  // namespace autotape
