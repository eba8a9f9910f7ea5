// Private keys: made, written and read as PEM.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "core/result.hpp"

struct evp_pkey_st;

namespace autotape {

enum class KeyKind {
  rsa_2048,  // what the provider's certificates have; takes some 100 ms to make
  ec_p256,
};

class PrivateKey {
 public:
  static Result<PrivateKey> generate(KeyKind kind);

  // `where` names the text in errors.
  static Result<PrivateKey> from_pem(std::string_view pem, const std::string& where);

  std::string to_pem() const;  // PKCS #8, not encrypted

  evp_pkey_st* handle() const { return key_.get(); }  // for this room

 private:
  explicit PrivateKey(evp_pkey_st* key);

  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace autotape
