#include "run/unobserved_messages.hpp"

#include "core/hash.hpp"

namespace autotape {

const std::string& UnobservedMessages::party_of(const std::string& client) const {
  static const std::string all;
  return together_ ? all : client;
}

void UnobservedMessages::note_delivered(const std::string& client, std::string_view message_id) {
  const std::lock_guard lock(mutex_);
  Messages& messages = parties_[party_of(client)];
  Fate& fate = *messages.fates.find_or_add(hash_of(message_id)).first;
  messages.unobserved += fate.delivered || fate.observed ? 0U : 1U;
  fate.delivered = true;
}

void UnobservedMessages::note_observed(const std::string& client, std::string_view message_id) {
  const std::lock_guard lock(mutex_);
  Messages& messages = parties_[party_of(client)];
  Fate& fate = *messages.fates.find_or_add(hash_of(message_id)).first;
  messages.unobserved -= fate.delivered && !fate.observed ? 1U : 0U;
  fate.observed = true;
  messages.names_some = true;
}

bool UnobservedMessages::any(const std::string& client) const {
  const std::lock_guard lock(mutex_);
  const auto found = parties_.find(party_of(client));
  return found != parties_.end() && found->second.names_some && found->second.unobserved > 0;
}

}  // namespace autotape
