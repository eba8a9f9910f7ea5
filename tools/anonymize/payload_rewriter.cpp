#include "anonymize/payload_rewriter.hpp"

#include <algorithm>

#include "anonymize/date_shift.hpp"
#include "json/string_escape.hpp"

namespace autotape {
namespace {

bool begins_number(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}

}  // namespace

bool PayloadRewriter::rewrite(std::string_view payload, std::string_view car) {
  const auto root = parser_.parse(payload);
  if (!root || index_.index(payload) != JsonFault::none) {
    return false;
  }
  car_ = car;
  JsonObject members;
  if (root->get(members) == simdjson::SUCCESS) {
    car_ = string_member(members, "vin").value_or(car);
  }
  text_ = payload;
  positions_ = index_.positions().data();
  next_ = 0;
  copied_ = 0;
  path_.clear();
  out_.clear();
  token() == '{' ? envelope() : anything();
  out_.append(text_.substr(copied_));
  return true;
}

// ---- Walking: the text is known to be JSON

template <typename Visit>
void PayloadRewriter::for_each_member(Visit visit) {
  ++next_;
  const std::size_t path_length = path_.size();
  while (token() != '}') {
    name_ = next_;
    const std::string name(characters());
    next_ += 2;  // the name and its colon
    path_ += path_.empty() ? "" : ".";
    path_ += name;
    if (harmless_.keeps_anything() && harmless_.keeps(path_)) {
      keep_all_but_times();
    } else {
      visit(std::string_view(name));
    }
    path_.resize(path_length);
    next_ += token() == ',' ? 1U : 0U;
  }
  ++next_;
}

template <typename Visit>
void PayloadRewriter::for_each_item(Visit visit) {
  ++next_;
  while (token() != ']') {
    visit();
    next_ += token() == ',' ? 1U : 0U;
  }
  ++next_;
}

// What stands between the quotes of the string at the current token.
std::string_view PayloadRewriter::raw_string() const {
  const std::size_t begin = positions_[next_] + 1;
  const std::size_t end = text_.rfind('"', positions_[next_ + 1] - 1);
  return text_.substr(begin, end - begin);
}

std::string_view PayloadRewriter::literal() const {
  const std::string_view rest =
      text_.substr(positions_[next_], positions_[next_ + 1] - positions_[next_]);
  return rest.substr(0, rest.find_last_not_of(" \t\n\r") + 1);
}

// Of the string at the current token; valid until the next call.
std::string_view PayloadRewriter::characters() {
  const std::string_view raw = raw_string();
  if (raw.find('\\') == std::string_view::npos) {
    return raw;
  }
  unescaped_.clear();
  unescape_json_string(raw, unescaped_);
  return unescaped_;
}

// ---- What is known of each place

void PayloadRewriter::envelope() {
  for_each_member([this](std::string_view name) { envelope_member(name); });
}

void PayloadRewriter::envelope_member(std::string_view name) {
  if (name == "data" && token() == '{') {
    // Paths begin with the capability: that of the envelope itself is of no interest.
    std::string path;
    path.swap(path_);
    for_each_member([this](std::string_view capability_name) { capability(capability_name); });
    path.swap(path_);
  } else if (name == "version" && begins_number(token())) {
    keep();
  } else if ((name == "capability" || name == "property") && token() == '"' &&
             harmless_.is_public_name(characters())) {
    keep();
  } else if (name == "timestamp" && token() == '"') {
    replace_date_time();
  } else {
    replace_name_unless_public(name);
    anything();
  }
}

void PayloadRewriter::capability(std::string_view name) {
  const Capability* const known = Catalogue::level13().find(name);
  if (known == nullptr) {
    replace_name_unless_public(name);
  }
  if (token() != '{') {
    anything();
    return;
  }
  for_each_member([&](std::string_view property_name) {
    const Property* const property = known == nullptr ? nullptr : known->find(property_name);
    if (property == nullptr) {
      ++(unknown_.size() < 100 ? unknown_[path_] : unknown_["others"]);
      replace_name_unless_public(property_name);
    }
    property_value(property);
  });
}

void PayloadRewriter::property_value(const Property* property) {
  if (token() == '[') {
    for_each_item([&] { property_object(property); });
  } else {
    property_object(property);
  }
}

// A property object is one whatever property it is of: its times are times.
void PayloadRewriter::property_object(const Property* property) {
  if (token() != '{') {
    anything();
    return;
  }
  const Catalogue& catalogue = Catalogue::level13();
  for_each_member([&](std::string_view name) {
    if (name == "timestamp" && token() == '"') {
      replace_date_time();
    } else if (name == "data") {
      path_.resize(path_.size() - std::string_view(".data").size());  // it goes without saying
      property != nullptr ? typed(*property->type, property->personal, "") : anything();
    } else if (name == "failure") {
      typed(catalogue.failure(), PersonalData::none, "");
    } else if (name == "availability") {
      typed(catalogue.availability(), PersonalData::none, "");
    } else {
      replace_name_unless_public(name);
      anything();
    }
  });
}

// `name`: of the member whose value it is; empty for none.
void PayloadRewriter::typed(const ValueType& type, PersonalData personal, std::string_view name) {
  const char first = token();
  switch (type.kind) {
    case ValueKind::date_time:
      if (first == '"') {
        return replace_date_time();
      }
      break;
    case ValueKind::enumeration:
      if (first == '"') {
        return text_unless_one_of(type.names);
      }
      break;
    case ValueKind::integer:
    case ValueKind::number:
      if (begins_number(first)) {
        if (personal == PersonalData::none) {
          return keep();
        }
        if (name == "latitude" || name == "longitude") {
          return replace_coordinate(name == "latitude" ? Axis::latitude : Axis::longitude);
        }
      }
      break;
    case ValueKind::quantity:
      if (first == '{') {
        return quantity(type);
      }
      break;
    case ValueKind::object:
      if (first == '{') {
        return object_of(type);
      }
      break;
    case ValueKind::array:
      if (first == '[') {
        return for_each_item([&] { typed(*type.item, personal, name); });
      }
      break;
    case ValueKind::string:
      break;
  }
  anything();
}

void PayloadRewriter::object_of(const ValueType& type) {
  for_each_member([&](std::string_view name) {
    const auto member = std::find_if(type.members.begin(), type.members.end(),
                                     [&](const Member& one) { return one.name == name; });
    if (member != type.members.end()) {
      typed(*member->type, member->personal, member->name);
    } else {
      replace_name_unless_public(name);
      anything();
    }
  });
}

void PayloadRewriter::quantity(const ValueType& type) {
  for_each_member([&](std::string_view name) {
    if (name == "value" && begins_number(token())) {
      keep();
    } else if (name == "unit" && token() == '"') {
      text_unless_one_of(type.names);
    } else {
      replace_name_unless_public(name);
      anything();
    }
  });
}

// A value of which nothing is known.
void PayloadRewriter::anything() {
  const char first = token();
  if (first == '{') {
    for_each_member([this](std::string_view name) {
      replace_name_unless_public(name);
      anything();
    });
  } else if (first == '[') {
    for_each_item([this] { anything(); });
  } else if (first == '"') {
    replace_text();
  } else if (begins_number(first)) {
    replace_number();
  } else {
    keep();
  }
}

// ---- Doing it: each goes past the value at the current token

template <typename EachToken>
void PayloadRewriter::walk(EachToken each_token) {
  std::size_t depth = 0;
  do {
    const char c = token();
    if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    }
    each_token(c);
  } while (depth > 0);
}

void PayloadRewriter::keep() {
  walk([this](char) { ++next_; });
}

// One real time, such as that of a property that is kept, would tell by how much all times of the
// tape were moved.
void PayloadRewriter::keep_all_but_times() {
  walk([this](char c) {
    const bool is_text = c == '"' && text_[positions_[next_ + 1]] != ':';
    if (is_text && DateShift(0).shifted(characters())) {
      replace_date_time();
    } else {
      ++next_;
    }
  });
}

void PayloadRewriter::replace_text() {
  const std::string_view original = characters();
  put(raw_string(), original, substitution_.text(original));
  ++next_;
}

void PayloadRewriter::replace_date_time() {
  const std::string_view original = characters();
  put(raw_string(), original, substitution_.date_time(original));
  ++next_;
}

void PayloadRewriter::replace_number() {
  const std::string_view original = literal();
  put(original, original, substitution_.number(original));
  ++next_;
}

void PayloadRewriter::replace_coordinate(Axis axis) {
  const std::string_view original = literal();
  put(original, original, substitution_.coordinate(axis, original, car_));
  ++next_;
}

void PayloadRewriter::text_unless_one_of(const std::vector<std::string_view>& names) {
  const std::string_view text = characters();
  if (std::find(names.begin(), names.end(), text) != names.end()) {
    ++next_;
  } else {
    replace_text();
  }
}

// Of the member whose value is the current token. Before anything of the value is dealt with.
void PayloadRewriter::replace_name_unless_public(std::string_view name) {
  if (harmless_.is_public_name(name)) {
    return;
  }
  const std::size_t value = next_;
  next_ = name_;
  replace_text();
  next_ = value;
}

// `raw` is a part of the text, and means `original`.
void PayloadRewriter::put(std::string_view raw, std::string_view original,
                          std::string_view replacement) {
  if (replacement.data() == original.data()) {
    return;
  }
  const auto offset = static_cast<std::size_t>(raw.data() - text_.data());
  out_.append(text_.substr(copied_, offset - copied_));
  out_.append(replacement);
  copied_ = offset + raw.size();
}

}  // namespace autotape
