#pragma once
// The tables of this plugin. A released step never changes; a new one is added at the end.

#include <array>

#include "driftstack/roles/database.hpp"

namespace driftstack::identity {

inline constexpr std::array kMigrations = {
    db::Migration{1, "accounts and API keys", R"sql(
CREATE TABLE identity_changes (
  id bigint NOT NULL PRIMARY KEY,
  sequence bigint NOT NULL
);
INSERT INTO identity_changes (id, sequence) VALUES (1, 0);

CREATE TABLE identity_accounts (
  id text NOT NULL PRIMARY KEY,
  email text NOT NULL,
  name text,
  tier text NOT NULL,
  status text NOT NULL,
  timezone text,
  slug text,
  region text,
  created_at bigint NOT NULL,
  change bigint NOT NULL,
  CONSTRAINT identity_accounts_status_known CHECK (status IN ('active', 'suspended', 'deleted'))
);
CREATE UNIQUE INDEX identity_accounts_email_unique ON identity_accounts (email);
CREATE UNIQUE INDEX identity_accounts_slug_unique ON identity_accounts (slug);
CREATE INDEX identity_accounts_created_at ON identity_accounts (created_at, id);
CREATE INDEX identity_accounts_change ON identity_accounts (change);

CREATE TABLE identity_api_keys (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  created_by text,
  name text NOT NULL,
  key_prefix text NOT NULL,
  scopes text NOT NULL,
  gate text NOT NULL,
  secret_hash text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint,
  revoked_at bigint,
  last_used_at bigint,
  change bigint NOT NULL,
  CONSTRAINT identity_api_keys_account_known FOREIGN KEY (account_id) REFERENCES identity_accounts (id)
);
CREATE UNIQUE INDEX identity_api_keys_key_prefix_unique ON identity_api_keys (key_prefix);
CREATE INDEX identity_api_keys_account ON identity_api_keys (account_id, created_at DESC, id DESC);
CREATE INDEX identity_api_keys_created_at ON identity_api_keys (created_at DESC, id DESC);
CREATE INDEX identity_api_keys_change ON identity_api_keys (change)
)sql"},
};

/// Named by the code when an insert meets them.
inline constexpr std::string_view kPrefixTaken = "identity_api_keys_key_prefix_unique";
inline constexpr std::string_view kSlugTaken = "identity_accounts_slug_unique";

}  // namespace driftstack::identity
