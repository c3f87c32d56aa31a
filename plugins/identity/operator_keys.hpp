#pragma once
// Keys without a caller: the first start, and the operator's command line.

#include <optional>
#include <string>
#include <vector>

#include "api_keys.hpp"
#include "driftstack/roles/key_administration.hpp"

namespace driftstack::identity {

class OperatorKeys final : public KeyAdministration {
 public:
  struct Parts {
    Store& store;
    ApiKeys& keys;
    AuditLog& audit;
    Clock& clock;
    std::string bootstrap_email;
  };
  explicit OperatorKeys(Parts parts) noexcept : parts_(std::move(parts)) {}

  AsyncResult<std::optional<BootstrapKeys>> bootstrap(const Call& call) override;
  AsyncResult<CreatedKey> create_key(const Call& call, KeySpec spec) override;
  AsyncResult<std::vector<KeyRecord>> list_keys(const Call& call, std::optional<Uuid> account) override;
  AsyncResult<> revoke_key(const Call& call, Uuid key) override;

 private:
  /// What the first transaction writes, made before it.
  struct FirstRows {
    Account account;
    ApiKeys::Draft owner, staff;
  };
  AsyncResult<FirstRows> make_first_rows() const;
  AsyncResult<> insert_first_rows(db::Transaction& transaction, const FirstRows& rows);

  Parts parts_;
};

}  // namespace driftstack::identity
