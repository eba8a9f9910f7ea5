// The memory of messages that nobody needs any more, used again: a plan of millions of messages
// allocates only for those that wait somewhere.
#pragma once

#include <cstddef>
#include <deque>
#include <memory>

#include "message/message.hpp"

namespace autotape {

// For one thread; the messages may be given up by any.
class MessagePool {
 public:
  // A message that nobody else holds, with whatever content it had before.
  std::shared_ptr<Message> take();

 private:
  std::deque<std::shared_ptr<Message>> given_;  // in the order in which they were
  std::size_t size_ = 64;                       // how many of them are remembered
  std::size_t taken_ = 0;                       // since size_ was thought over
  std::size_t held_ = 0;                        // of those, which were still in use
};

}  // namespace autotape
