#include "anonymize/harmless.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "schema/catalogue.hpp"

namespace autotape {
namespace {

// Of topics, envelopes and property objects.
constexpr std::array<std::string_view, 19> stream_words{
    "live",  "sandbox",    "level13",        "get",  "set",       "message_id", "version",
    "vin",   "capability", "property",       "data", "timestamp", "failure",    "availability",
    "value", "unit",       "application_id", "$SYS", "$share"};

constexpr std::array<std::string_view, 4> identity{"vin", "message_id", "application_id", "data"};

constexpr std::array<std::string_view, 4> harmless_content_types{
    "application/json", "application/octet-stream", "text/plain",
    "application/json; charset=utf-8"};

}  // namespace

Harmless::Harmless() : names_(stream_words.begin(), stream_words.end()) {
  for (const Capability& capability : Catalogue::level13().capabilities()) {
    names_.insert(capability.name);
    for (const Property& property : capability.properties) {
      names_.insert(property.name);
    }
  }
  for (const ValueType& type : Catalogue::level13().types()) {
    for (const Member& member : type.members) {
      names_.insert(member.name);
    }
  }
}

Result<Harmless> Harmless::with(const std::vector<std::string>& keep) {
  Harmless harmless;
  for (const std::string& path : keep) {
    const std::string_view last = std::string_view(path).substr(path.rfind('.') + 1);
    for (const std::string_view name : identity) {
      if (last == name) {
        return usage_error(fmt::format("--keep {}: this says whose car it is", path));
      }
    }
    if (path.empty() || path.front() == '.' || path.back() == '.' ||
        path.find("..") != std::string::npos) {
      return usage_error(fmt::format("--keep \"{}\" names nothing", path),
                         "such as trips.description or diagnostics.trouble_codes.id");
    }
    std::string_view rest = *harmless.kept_.insert(path).first;
    while (!rest.empty()) {
      const std::string_view name = rest.substr(0, rest.find('.'));
      harmless.names_.insert(name);
      rest.remove_prefix(std::min(rest.size(), name.size() + 1));
    }
  }
  return harmless;
}

std::string Harmless::kept_paths() const {
  std::string paths;
  for (const std::string& path : kept_) {
    paths += (paths.empty() ? "" : ",") + path;
  }
  return paths;
}

bool is_harmless_content_type(std::string_view type) {
  return std::find(harmless_content_types.begin(), harmless_content_types.end(), type) !=
         harmless_content_types.end();
}

bool is_public_host(std::string_view host) {
  return host == "localhost" || host == "127.0.0.1" || host == "::1" ||
         host.ends_with(".high-mobility.com");
}

}  // namespace autotape
