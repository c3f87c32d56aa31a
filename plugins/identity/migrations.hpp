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
    db::Migration{2, "people: passwords, web sessions, links and mails", R"sql(
ALTER TABLE identity_accounts ADD COLUMN email_verified_at bigint;
ALTER TABLE identity_accounts ADD COLUMN password_hash text;
UPDATE identity_accounts SET email_verified_at = created_at;

CREATE TABLE identity_web_sessions (
  id text NOT NULL PRIMARY KEY,
  account_id text NOT NULL,
  digest text NOT NULL,
  os text NOT NULL,
  browser text NOT NULL,
  created_at bigint NOT NULL,
  last_used_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  revoked_at bigint,
  mfa_satisfied_at bigint,
  change bigint NOT NULL,
  CONSTRAINT identity_web_sessions_account_known FOREIGN KEY (account_id) REFERENCES identity_accounts (id)
);
CREATE UNIQUE INDEX identity_web_sessions_digest_unique ON identity_web_sessions (digest);
CREATE INDEX identity_web_sessions_account ON identity_web_sessions (account_id, last_used_at DESC, id DESC);
CREATE INDEX identity_web_sessions_expires_at ON identity_web_sessions (expires_at);
CREATE INDEX identity_web_sessions_change ON identity_web_sessions (change);

CREATE TABLE identity_links (
  account_id text NOT NULL,
  kind text NOT NULL,
  digest text NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (account_id, kind),
  CONSTRAINT identity_links_kind_known CHECK (kind IN ('verify-email', 'magic-link', 'password-reset')),
  CONSTRAINT identity_links_account_known FOREIGN KEY (account_id) REFERENCES identity_accounts (id)
);
CREATE UNIQUE INDEX identity_links_digest_unique ON identity_links (digest);

CREATE TABLE identity_mails (
  id text NOT NULL PRIMARY KEY,
  account_id text,
  template text NOT NULL,
  sealed text NOT NULL,
  created_at bigint NOT NULL,
  due_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  attempts bigint NOT NULL
);
CREATE INDEX identity_mails_due ON identity_mails (due_at, id);

CREATE TABLE identity_email_preferences (
  account_id text NOT NULL,
  event_type text NOT NULL,
  opted_in boolean NOT NULL,
  PRIMARY KEY (account_id, event_type),
  CONSTRAINT identity_email_preferences_account_known FOREIGN KEY (account_id) REFERENCES identity_accounts (id)
)
)sql"},
    db::Migration{3, "teams", R"sql(
CREATE TABLE identity_team_names (
  owner_account_id text NOT NULL PRIMARY KEY,
  name text NOT NULL,
  updated_at bigint NOT NULL,
  CONSTRAINT identity_team_names_owner_known FOREIGN KEY (owner_account_id) REFERENCES identity_accounts (id)
);

CREATE TABLE identity_team_members (
  id text NOT NULL PRIMARY KEY,
  owner_account_id text NOT NULL,
  member_account_id text NOT NULL,
  role text NOT NULL,
  invited_by text,
  invited_at bigint NOT NULL,
  accepted_at bigint NOT NULL,
  CONSTRAINT identity_team_members_role_known CHECK (role IN ('member', 'admin')),
  CONSTRAINT identity_team_members_not_own CHECK (owner_account_id <> member_account_id),
  CONSTRAINT identity_team_members_owner_known FOREIGN KEY (owner_account_id) REFERENCES identity_accounts (id),
  CONSTRAINT identity_team_members_member_known FOREIGN KEY (member_account_id) REFERENCES identity_accounts (id)
);
CREATE UNIQUE INDEX identity_team_members_pair_unique ON identity_team_members (owner_account_id, member_account_id);
CREATE INDEX identity_team_members_member ON identity_team_members (member_account_id, accepted_at, id);

CREATE TABLE identity_team_invites (
  id text NOT NULL PRIMARY KEY,
  owner_account_id text NOT NULL,
  invitee_email text NOT NULL,
  role text NOT NULL,
  invited_by text,
  digest text NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  CONSTRAINT identity_team_invites_role_known CHECK (role IN ('member', 'admin')),
  CONSTRAINT identity_team_invites_owner_known FOREIGN KEY (owner_account_id) REFERENCES identity_accounts (id)
);
CREATE UNIQUE INDEX identity_team_invites_address_unique ON identity_team_invites (owner_account_id, invitee_email);
CREATE UNIQUE INDEX identity_team_invites_digest_unique ON identity_team_invites (digest);
CREATE INDEX identity_team_invites_expires_at ON identity_team_invites (expires_at)
)sql"},
};

/// Named by the code when an insert meets them.
inline constexpr std::string_view kPrefixTaken = "identity_api_keys_key_prefix_unique";
inline constexpr std::string_view kEmailTaken = "identity_accounts_email_unique";
inline constexpr std::string_view kSlugTaken = "identity_accounts_slug_unique";

}  // namespace driftstack::identity
