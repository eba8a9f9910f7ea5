#include "x509/digest.hpp"

#include <array>
#include <vector>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "core/file.hpp"

namespace autotape {

struct Sha256::State {
  State() : context(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr);
  }
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  EVP_DigestUpdate(state_->context.get(), bytes.data(), bytes.size());
}

std::string Sha256::hex() {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  EVP_DigestFinal_ex(state_->context.get(), digest.data(), &size);
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += fmt::format("{:02x}", digest[i]);
  }
  return text;
}

Result<std::string> sha256_of_file(const std::string& path) {
  AUTOTAPE_TRY_ASSIGN(auto file, InputFile::open(path));
  Sha256 digest;
  std::vector<char> block(std::size_t{1} << 16U);
  while (true) {
    AUTOTAPE_TRY_ASSIGN(const std::size_t count, file.read(block.data(), block.size()));
    if (count == 0) {
      return digest.hex();
    }
    digest.add({block.data(), count});
  }
}

}  // namespace autotape
