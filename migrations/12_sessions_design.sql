-- Brings the documented table to the design: hashed ids, sealed values, tenants, providers, revocation.
-- The sessions of a deployment that already has the table stay valid for their holders.

-- The primary key's index does all that this one did.
DROP INDEX IF EXISTS idx_sessions_id;

ALTER TABLE sessions
    -- Sealed values are longer than what they seal.
    ALTER COLUMN nonce TYPE TEXT,
    ALTER COLUMN code_verifier TYPE TEXT,
    -- Comparing digests by bytes is faster than by a locale, and the same everywhere.
    ALTER COLUMN id TYPE VARCHAR(255) COLLATE "C",
    -- 'session' or 'login': a started login is never a session.
    ADD COLUMN kind TEXT NOT NULL DEFAULT 'session',
    ADD COLUMN tenant_id TEXT NOT NULL DEFAULT '',
    ADD COLUMN issuer TEXT NOT NULL DEFAULT '',
    ADD COLUMN provider TEXT,
    ADD COLUMN provider_sid TEXT COLLATE "C",
    ADD COLUMN refresh_token TEXT,
    ADD COLUMN id_token TEXT,
    ADD COLUMN token_expires_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN revoked_at TIMESTAMP WITH TIME ZONE,
    ADD COLUMN revoked_reason TEXT,
    ADD COLUMN user_agent TEXT,
    ADD COLUMN ip_address TEXT,
    ADD COLUMN device_label TEXT,
    ADD COLUMN profile JSONB NOT NULL DEFAULT '{}',
    ADD COLUMN roles JSONB NOT NULL DEFAULT '[]',
    -- What a started login has to remember besides its nonce and verifier, sealed.
    ADD COLUMN login_context TEXT,
    -- Counts updates (not touches), so that a change made from what was read can tell whether it still holds.
    ADD COLUMN revision BIGINT NOT NULL DEFAULT 0,
    -- The one key that all sealed values of the row are under; NULL: several, or clear text.
    ADD COLUMN seal_key_id TEXT,
    -- Whoever refreshes the tokens holds the lease; the fence numbers the holders.
    ADD COLUMN refresh_lease_until TIMESTAMP WITH TIME ZONE,
    ADD COLUMN refresh_fence BIGINT NOT NULL DEFAULT 0;

-- Ids become digests, so that a dump can't be presented as a cookie. A session that is alive starts a new idle period:
-- the documented system didn't always write last_accessed_at.
UPDATE sessions
SET
    id = encode(sha256(convert_to(id, 'UTF8')), 'hex'),
    created_at = coalesce(created_at, last_accessed_at, now()),
    last_accessed_at = CASE
        WHEN expires_at > now() THEN greatest(last_accessed_at, now())
        ELSE coalesce(last_accessed_at, created_at, now())
    END;

ALTER TABLE sessions
    ALTER COLUMN created_at SET NOT NULL,
    ALTER COLUMN last_accessed_at SET NOT NULL,
    ADD CONSTRAINT sessions_id_is_digest CHECK (id ~ '^[0-9a-f]{64}$'),
    ADD CONSTRAINT sessions_kind CHECK (kind IN ('session', 'login')),
    -- A started login has nobody and no tokens.
    ADD CONSTRAINT sessions_login_is_anonymous CHECK (
        kind = 'session' OR (sub IS NULL AND access_token IS NULL AND refresh_token IS NULL AND id_token IS NULL)
    ),
    -- What ended keeps its trace and loses its secrets.
    ADD CONSTRAINT sessions_revoked_has_reason CHECK ((revoked_at IS NULL) = (revoked_reason IS NULL)),
    ADD CONSTRAINT sessions_revoked_has_no_tokens CHECK (
        revoked_at IS NULL OR (access_token IS NULL AND refresh_token IS NULL AND id_token IS NULL)
    ),
    ADD CONSTRAINT sessions_profile_is_object CHECK (jsonb_typeof(profile) = 'object'),
    ADD CONSTRAINT sessions_roles_is_array CHECK (jsonb_typeof(roles) = 'array');

-- Revoked rows are kept for the audit trail and cleaned by their own time: the cleaner doesn't walk over them.
DROP INDEX IF EXISTS idx_sessions_expires_at;
CREATE INDEX idx_sessions_expires_at ON sessions (expires_at) WHERE revoked_at IS NULL;
CREATE INDEX idx_sessions_revoked_at ON sessions (revoked_at) WHERE revoked_at IS NOT NULL;
-- The limit per user, the lists of a user and of a tenant. coalesce gives anonymous sessions a place in the order.
CREATE INDEX idx_sessions_user ON sessions (tenant_id, issuer, coalesce(sub, ''), created_at, id)
    WHERE kind = 'session' AND revoked_at IS NULL;
-- Back-channel logout.
CREATE INDEX idx_sessions_provider_sid ON sessions (issuer, provider_sid)
    WHERE provider_sid IS NOT NULL AND revoked_at IS NULL;

-- A touch writes last_accessed_at only: no index has it, so that the update is HOT when the page has room, and the
-- sealed values lie out of line, so that it doesn't copy them. Postgres moves values out only of rows above about 2 kB;
-- the access token is padded to be above that.
ALTER TABLE sessions SET (fillfactor = 85, toast_tuple_target = 128);
ALTER TABLE sessions
    ALTER COLUMN nonce SET STORAGE EXTERNAL,
    ALTER COLUMN state SET STORAGE EXTERNAL,
    ALTER COLUMN code_verifier SET STORAGE EXTERNAL,
    ALTER COLUMN login_context SET STORAGE EXTERNAL,
    ALTER COLUMN access_token SET STORAGE EXTERNAL,
    ALTER COLUMN refresh_token SET STORAGE EXTERNAL,
    ALTER COLUMN id_token SET STORAGE EXTERNAL,
    -- What every read needs stays in the row.
    ALTER COLUMN id SET STORAGE MAIN,
    ALTER COLUMN kind SET STORAGE MAIN,
    ALTER COLUMN sub SET STORAGE MAIN,
    ALTER COLUMN tenant_id SET STORAGE MAIN,
    ALTER COLUMN issuer SET STORAGE MAIN,
    ALTER COLUMN provider SET STORAGE MAIN,
    ALTER COLUMN provider_sid SET STORAGE MAIN,
    ALTER COLUMN revoked_reason SET STORAGE MAIN,
    ALTER COLUMN user_agent SET STORAGE MAIN,
    ALTER COLUMN ip_address SET STORAGE MAIN,
    ALTER COLUMN device_label SET STORAGE MAIN,
    ALTER COLUMN profile SET STORAGE MAIN,
    ALTER COLUMN roles SET STORAGE MAIN,
    ALTER COLUMN seal_key_id SET STORAGE MAIN;

-- Random ids: a sequence would be one more thing that every login waits for.
CREATE TABLE audit_log (
    id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
    action TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT clock_timestamp(),
    details JSONB NOT NULL DEFAULT '{}'
);
CREATE INDEX idx_audit_log_created_at ON audit_log (created_at);
