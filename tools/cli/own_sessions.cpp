#include "cli/own_sessions.hpp"

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "core/file.hpp"

namespace autotape {
namespace {

namespace fs = std::filesystem;

fs::path sessions_folder() {
  if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/') {
    return fs::path(state) / "autotape/sessions";
  }
  const char* home = std::getenv("HOME");
  return home == nullptr ? fs::path() : fs::path(home) / ".local/state/autotape/sessions";
}

// The note of one session. Its content is what counts; its name is only made fit for a file system.
fs::path note_of(const ClientSettings& client) {
  std::string name = client.address() + " " + client.client_id;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') {
      c = '_';
    }
  }
  const fs::path folder = sessions_folder();
  return folder.empty() ? folder : folder / name.substr(0, 200);
}

std::string head_of(const ClientSettings& client) {
  return client.address() + "\n" + client.client_id + "\n";
}

}  // namespace

// The filter, which no line feed is part of, is the rest; older notes have none.
std::optional<OwnSession> find_own_session(const ClientSettings& client) {
  const auto content = read_file(note_of(client));
  const std::string head = head_of(client);
  if (!content || !content->starts_with(head)) {
    return std::nullopt;
  }
  const std::string rest = content->substr(head.size());
  return OwnSession{rest.substr(0, rest.find('\n'))};
}

void note_own_session(const ClientSettings& client, const OwnSession& session) {
  const fs::path note = note_of(client);
  std::error_code ignored;
  fs::create_directories(note.parent_path(), ignored);
  static_cast<void>(
      write_file(note, head_of(client) + session.topic_filter + "\n", FileAccess::owner_only));
}

void forget_own_session(const ClientSettings& client) {
  std::error_code ignored;
  fs::remove(note_of(client), ignored);
}

}  // namespace autotape
