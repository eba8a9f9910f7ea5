// Which messages were delivered to a consumer that it has not named in an observation yet.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "core/flat_table.hpp"

namespace autotape {

// May be called from any thread. Memory: 16 bytes and more for each message.
class UnobservedMessages {
 public:
  // `together`: what one consumer names, all have named.
  explicit UnobservedMessages(bool together) : together_(together) {}

  void note_delivered(const std::string& client, std::string_view message_id);
  void note_observed(const std::string& client, std::string_view message_id);

  // Is one left? Not of a consumer that names no message at all.
  bool any(const std::string& client) const;

 private:
  struct Fate {
    bool delivered = false;
    bool observed = false;
  };
  struct Messages {
    FlatTable<Fate> fates;
    std::uint64_t unobserved = 0;
    bool names_some = false;
  };

  const std::string& party_of(const std::string& client) const;

  const bool together_;
  mutable std::mutex mutex_;
  std::map<std::string, Messages> parties_;
};

}  // namespace autotape
