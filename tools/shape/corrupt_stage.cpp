// Breaks messages, each in one way that a consumer must survive.
#include <utility>

#include "json/document.hpp"
#include "message/topic.hpp"
#include "shape/payload_text.hpp"
#include "shape/stages.hpp"

namespace autotape {
namespace {

constexpr std::string_view no_such_name = "no_such_name";

// A message while it is broken.
struct Broken {
  std::string topic;
  std::string payload;
};

// The payload as a document, changed by `change`, and back. False where it is no JSON object or
// `change` finds nothing to do.
template <typename Change>
bool change_document(Broken& broken, Change change) {
  auto document = parse_document(broken.payload, {});
  if (!document || !document->is_object() || !change(*document)) {
    return false;
  }
  broken.payload = write_document(*document);
  return true;
}

// The value of the first reading: the member "data" of its property object.
Json* first_value(Json& document) {
  if (!document.contains("data")) {
    return nullptr;
  }
  for (auto& capability : document["data"]) {
    for (auto& property : capability) {
      Json& object = property.is_array() && !property.empty() ? property.front() : property;
      if (object.is_object() && object.contains("data")) {
        return &object["data"];
      }
    }
  }
  return nullptr;
}

bool truncate(Broken& broken, Random& random) {
  if (broken.payload.size() < 2) {
    return false;
  }
  broken.payload.resize(1 + random.below(broken.payload.size() - 1));
  return true;
}

bool give_wrong_type(Broken& broken) {
  return change_document(broken, [](Json& document) {
    Json* const value = first_value(document);
    if (value != nullptr) {
      *value = value->is_string() ? Json(42) : Json("a string where none belongs");
    }
    return value != nullptr;
  });
}

bool remove_member(Broken& broken, Random& random) {
  return change_document(broken, [&random](Json& document) {
    std::vector<std::string> present;
    for (const char* const name : {"message_id", "vin", "data", "version"}) {
      if (document.contains(name)) {
        present.emplace_back(name);
      }
    }
    return !present.empty() && document.erase(present[random.below(present.size())]) == 1;
  });
}

// In the data, the envelope and the topic alike, so that only the name is wrong.
bool rename_property(Broken& broken) {
  std::string old_name;
  const bool renamed = change_document(broken, [&old_name](Json& document) {
    if (!document.contains("data") || !document["data"].is_object() || document["data"].empty() ||
        !document["data"].front().is_object() || document["data"].front().empty()) {
      return false;
    }
    Json& capability = document["data"].front();
    old_name = capability.begin().key();
    Json value = std::move(capability.begin().value());
    capability.erase(old_name);
    capability[std::string(no_such_name)] = std::move(value);
    if (document.contains("property")) {
      document["property"] = no_such_name;
    }
    return true;
  });
  if (renamed && broken.topic.ends_with("/" + old_name)) {
    broken.topic.replace(broken.topic.size() - old_name.size(), old_name.size(), no_such_name);
  }
  return renamed;
}

bool rename_first_text(Json& value) {
  if (value.is_string()) {
    value = no_such_name;
    return true;
  }
  if (!value.is_structured()) {
    return false;  // a scalar iterates over itself
  }
  for (auto& inner : value) {
    if (rename_first_text(inner)) {
      return true;
    }
  }
  return false;
}

// A unit or an enumerated value becomes one that nobody knows.
bool give_unknown_enum(Broken& broken) {
  return change_document(broken, [](Json& document) {
    Json* const value = first_value(document);
    return value != nullptr && rename_first_text(*value);
  });
}

bool break_timestamp(Broken& broken) {
  StringMembers members(broken.payload);
  while (const auto member = members.next()) {
    if (member->key == "timestamp") {
      const auto begin = static_cast<std::size_t>(member->value.data() - broken.payload.data());
      broken.payload.replace(begin, member->value.size(), "2026-13-45T25:61:99Z");
      return true;
    }
  }
  return false;
}

bool break_utf8(Broken& broken) {
  const std::size_t quote = broken.payload.find('"');
  if (quote == std::string::npos) {
    return false;
  }
  broken.payload.insert(quote + 1, "\xC3\x28");
  return true;
}

// Another car's VIN in the topic.
bool give_wrong_topic(Broken& broken) {
  const auto topic = parse_v1_topic(broken.topic);
  if (!topic) {
    return false;
  }
  const auto last =
      static_cast<std::size_t>(topic->vin.data() + topic->vin.size() - 1 - broken.topic.data());
  broken.topic[last] = broken.topic[last] == '0' ? '1' : '0';
  return true;
}

bool make_huge(Broken& broken, std::uint64_t size) {
  return change_document(broken, [&](Json& document) {
    const std::size_t has = broken.payload.size();
    document["padding"] = std::string(size > has ? size - has : 1, 'x');
    return true;
  });
}

bool break_message(Broken& broken, ActionKind kind, const CorruptSettings& settings,
                   Random& random) {
  switch (kind) {
    case ActionKind::truncated:
      return truncate(broken, random);
    case ActionKind::wrong_type:
      return give_wrong_type(broken);
    case ActionKind::missing_member:
      return remove_member(broken, random);
    case ActionKind::unknown_property:
      return rename_property(broken);
    case ActionKind::unknown_enum:
      return give_unknown_enum(broken);
    case ActionKind::bad_timestamp:
      return break_timestamp(broken);
    case ActionKind::bad_utf8:
      return break_utf8(broken);
    case ActionKind::wrong_topic:
      return give_wrong_topic(broken);
    case ActionKind::empty_payload:
      broken.payload.clear();
      return true;
    case ActionKind::huge_payload:
      return make_huge(broken, settings.huge_size);
    default:
      return false;
  }
}

class CorruptStage final : public Stage {
 public:
  CorruptStage(CorruptSettings settings, Matcher matcher, StageContext context)
      : settings_(std::move(settings)),
        matcher_(std::move(matcher)),
        context_(std::move(context)) {}

  void take(Delivery delivery, StageOutput& output) override {
    Random random = luck_.of(delivery);
    if (matcher_.matches(delivery) && random.chance(settings_.probability)) {
      corrupt(delivery, random);
    }
    output.deliver(std::move(delivery));
  }

 private:
  // What cannot be broken in the chosen way (a message without timestamp, say) stays whole.
  void corrupt(Delivery& delivery, Random& random) const {
    const ActionKind kind = settings_.kinds[random.below(settings_.kinds.size())];
    Broken broken{delivery.content->topic, delivery.content->payload};
    if (break_message(broken, kind, settings_, random)) {
      replace_content(delivery, std::move(broken.topic), std::move(broken.payload));
      delivery.actions.push_back({context_.number, kind});
    }
  }

  CorruptSettings settings_;
  Matcher matcher_;
  StageContext context_;
  StageLuck luck_{context_, "corrupt"};
};

}  // namespace

std::unique_ptr<Stage> make_stage(const CorruptSettings& settings, Matcher matcher,
                                  const StageContext& context) {
  return std::make_unique<CorruptStage>(settings, std::move(matcher), context);
}

}  // namespace autotape
