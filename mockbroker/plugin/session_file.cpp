#include "mockbroker/plugin/session_file.hpp"

#include <fmt/format.h>

#include "mockbroker/plugin/protocol.hpp"

namespace autotape {

SessionFile::SessionFile(std::string_view text, Append append) : append_(std::move(append)) {
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    apply(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
}

const RememberedSession* SessionFile::find(const std::string& client) const {
  const auto found = sessions_.find(client);
  return found == sessions_.end() ? nullptr : &found->second;
}

void SessionFile::begin(const std::string& client, const std::string& certificate_id) {
  const RememberedSession* known = find(client);
  if (known == nullptr || known->certificate_id != certificate_id) {
    record(fmt::format("=\t{}\t{}", client, certificate_id));
  }
}

void SessionFile::subscribe(const std::string& client, const std::string& filter, int qos) {
  const RememberedSession* known = find(client);
  if (known == nullptr || !known->filters.contains(filter) || known->filters.at(filter) != qos) {
    record(fmt::format("+\t{}\t{}\t{}", client, qos, filter));
  }
}

void SessionFile::unsubscribe(const std::string& client, const std::string& filter) {
  const RememberedSession* known = find(client);
  if (known != nullptr && known->filters.contains(filter)) {
    record(fmt::format("-\t{}\t{}", client, filter));
  }
}

void SessionFile::clear(const std::string& client) {
  const RememberedSession* known = find(client);
  if (known != nullptr && !known->filters.empty()) {
    record(fmt::format("0\t{}", client));
  }
}

std::string SessionFile::compact() const {
  std::string text;
  for (const auto& [client, session] : sessions_) {
    text += fmt::format("=\t{}\t{}\n", client, session.certificate_id);
    for (const auto& [filter, qos] : session.filters) {
      text += fmt::format("+\t{}\t{}\t{}\n", client, qos, filter);
    }
  }
  return text;
}

void SessionFile::apply(std::string_view line) {
  const auto fields = split_fields(line);
  if (fields.size() < 2) {
    return;
  }
  RememberedSession& session = sessions_[std::string(fields[1])];
  if (fields[0] == "=" && fields.size() == 3) {
    session.certificate_id = fields[2];
  } else if (fields[0] == "+" && fields.size() == 4 && fields[2].size() == 1) {
    session.filters[std::string(fields[3])] = fields[2][0] - '0';
  } else if (fields[0] == "-" && fields.size() == 3) {
    session.filters.erase(std::string(fields[2]));
  } else if (fields[0] == "0") {
    session.filters.clear();
  }
}

void SessionFile::record(const std::string& line) {
  apply(line);
  append_(line + "\n");
}

}  // namespace autotape
