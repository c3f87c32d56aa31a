#pragma once
// The tables of this plugin. A released step never changes; a new one is added at the end.

#include <array>

#include "driftstack/roles/database.hpp"

namespace driftstack::mfa_totp {

inline constexpr std::array kMigrations = {
    db::Migration{1, "factors, recovery codes, challenges and failures", R"sql(
CREATE TABLE mfa_totp_factors (
  account_id text NOT NULL PRIMARY KEY,
  key_id text NOT NULL,
  sealed_seed text NOT NULL,
  created_at bigint NOT NULL,
  enrolled_at bigint,
  last_step bigint NOT NULL,
  last_used_at bigint,
  paused_until bigint,
  recovery_salt text NOT NULL
);

CREATE TABLE mfa_totp_recovery_codes (
  account_id text NOT NULL,
  digest text NOT NULL,
  created_at bigint NOT NULL,
  used_at bigint,
  PRIMARY KEY (account_id, digest)
);

CREATE TABLE mfa_totp_challenges (
  digest text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  client_address text NOT NULL,
  expires_at bigint NOT NULL,
  failures bigint NOT NULL
);
CREATE INDEX mfa_totp_challenges_account ON mfa_totp_challenges (account_id, expires_at);

CREATE TABLE mfa_totp_failures (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  failed_at bigint NOT NULL
);
CREATE INDEX mfa_totp_failures_account ON mfa_totp_failures (account_id, failed_at)
)sql"},
};

}  // namespace driftstack::mfa_totp
