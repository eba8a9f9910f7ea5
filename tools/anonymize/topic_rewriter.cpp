#include "anonymize/topic_rewriter.hpp"

namespace autotape {

std::string rewritten_topic(std::string_view topic, const Harmless& harmless,
                            Substitution& substitution) {
  std::string other;
  while (true) {
    const std::string_view level = topic.substr(0, topic.find('/'));
    const bool stays = level == "+" || level == "#" || harmless.is_public_name(level);
    other += stays ? level : substitution.text(level);
    if (level.size() == topic.size()) {
      return other;
    }
    other += '/';
    topic.remove_prefix(level.size() + 1);
  }
}

}  // namespace autotape
