-- Tenants and refreshing. Replicas of the version before go on with this schema: functions that get parameters have
-- defaults for them. Nothing here reads the table; what does has a file of its own (15).

ALTER TABLE sessions
    -- No refresh is tried before this: what one replica learnt from a failure, all of them heed.
    ADD COLUMN refresh_retry_at TIMESTAMP WITH TIME ZONE,
    -- When the tokens were last refreshed.
    ADD COLUMN refreshed_at TIMESTAMP WITH TIME ZONE,
    -- Attempts that failed since then: each makes the pause before the next longer.
    ADD COLUMN refresh_failures INTEGER NOT NULL DEFAULT 0;

-- Revokes the oldest active sessions of a user beyond a maximum. The caller holds the user's lock. `requester` goes
-- into the audit trail as it is.
DROP FUNCTION session_evict(TEXT, TEXT, TEXT, INT, INTERVAL, INTERVAL);
CREATE FUNCTION session_evict(
    the_tenant TEXT,
    the_issuer TEXT,
    the_subject TEXT,
    maximum INT,
    idle INTERVAL,
    absolute INTERVAL,
    requester JSONB DEFAULT '{}'
) RETURNS INT
LANGUAGE plpgsql
AS $$
DECLARE
    evicted INT;
BEGIN
    WITH excess AS (
        SELECT id
        FROM sessions
        WHERE tenant_id = the_tenant AND issuer = the_issuer AND coalesce(sub, '') = the_subject
            AND kind = 'session' AND revoked_at IS NULL
            AND session_is_alive(expires_at, last_accessed_at, created_at, idle, absolute)
        ORDER BY created_at DESC, id DESC
        OFFSET maximum
    ), gone AS (
        UPDATE sessions AS s
        SET
            revoked_at = clock_timestamp(), revoked_reason = 'session_limit', revision = revision + 1,
            access_token = NULL, refresh_token = NULL, id_token = NULL,
            nonce = NULL, state = NULL, code_verifier = NULL
        FROM excess
        WHERE s.id = excess.id AND s.revoked_at IS NULL
        RETURNING s.id
    ), logged AS (
        INSERT INTO audit_log (action, details)
        SELECT
            'REVOKE',
            jsonb_build_object(
                'session', left(id, 32), 'reason', 'session_limit',
                'tenantID', the_tenant, 'issuer', the_issuer, 'subject', the_subject
            ) || requester
        FROM gone
    )
    SELECT count(*) INTO evicted FROM gone;
    RETURN evicted;
END
$$;

-- Revokes the oldest active sessions of a user beyond a maximum, under the user's lock.
DROP FUNCTION session_enforce_limit(TEXT, TEXT, TEXT, INT, INTERVAL, INTERVAL);
CREATE FUNCTION session_enforce_limit(
    the_tenant TEXT,
    the_issuer TEXT,
    the_subject TEXT,
    maximum INT,
    idle INTERVAL,
    absolute INTERVAL,
    requester JSONB DEFAULT '{}'
) RETURNS INT
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(session_user_lock(the_tenant, the_issuer, the_subject));
    RETURN session_evict(the_tenant, the_issuer, the_subject, maximum, idle, absolute, requester);
END
$$;

-- Creates a session, ends the one that it takes the place of, and holds the limit of its user, all or nothing.
-- Answers no row when the previous session was required to be alive at a revision and isn't. With a scope, a session of
-- another tenant is no previous session.
DROP FUNCTION session_create(
    TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TEXT, TIMESTAMP WITH TIME ZONE, TEXT, TEXT, TEXT,
    JSONB, JSONB, TEXT, TEXT, BIGINT, INT, INTERVAL, INTERVAL, INTERVAL
);
CREATE FUNCTION session_create(
    new_id TEXT,
    new_tenant TEXT,
    new_issuer TEXT,
    new_provider TEXT,
    new_provider_sid TEXT,
    new_sub TEXT,
    new_nonce TEXT,
    new_state TEXT,
    new_code_verifier TEXT,
    new_access_token TEXT,
    new_refresh_token TEXT,
    new_id_token TEXT,
    new_token_expires_at TIMESTAMP WITH TIME ZONE,
    new_user_agent TEXT,
    new_ip_address TEXT,
    new_device_label TEXT,
    new_profile JSONB,
    new_roles JSONB,
    new_seal_key_id TEXT,
    previous_id TEXT,
    required_revision BIGINT,
    maximum INT,
    idle INTERVAL,
    extension INTERVAL,
    absolute INTERVAL,
    scope TEXT DEFAULT NULL
) RETURNS TABLE (
    created TIMESTAMP WITH TIME ZONE,
    ends TIMESTAMP WITH TIME ZONE,
    evicted INT,
    replaced BOOLEAN
)
LANGUAGE plpgsql
AS $$
DECLARE
    moment TIMESTAMP WITH TIME ZONE;
BEGIN
    IF new_sub IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(session_user_lock(new_tenant, new_issuer, new_sub));
    END IF;

    replaced := false;
    IF previous_id IS NOT NULL THEN
        UPDATE sessions AS s
        SET
            revoked_at = clock_timestamp(), revoked_reason = 'replaced', revision = s.revision + 1,
            access_token = NULL, refresh_token = NULL, id_token = NULL,
            nonce = NULL, state = NULL, code_verifier = NULL
        WHERE s.id = previous_id AND s.kind = 'session' AND s.revoked_at IS NULL AND s.id <> new_id
            AND (scope IS NULL OR s.tenant_id = scope)
            AND (
                required_revision IS NULL
                OR s.revision = required_revision
                AND session_is_alive(s.expires_at, s.last_accessed_at, s.created_at, idle, absolute)
            );
        replaced := FOUND;
        IF NOT replaced AND required_revision IS NOT NULL THEN
            RETURN;
        END IF;
    END IF;

    -- Not now(): that is older than the wait for the lock, and the limit goes by age.
    moment := clock_timestamp();
    created := moment;
    ends := moment + CASE WHEN new_sub IS NULL THEN least(idle, absolute) ELSE least(extension, absolute) END;

    evicted := 0;
    IF new_sub IS NOT NULL THEN
        evicted := session_evict(new_tenant, new_issuer, new_sub, greatest(maximum - 1, 0), idle, absolute);
    END IF;

    INSERT INTO sessions (
        id, kind, tenant_id, issuer, provider, provider_sid, sub, nonce, state, code_verifier,
        access_token, refresh_token, id_token, token_expires_at, user_agent, ip_address, device_label,
        profile, roles, seal_key_id, created_at, last_accessed_at, expires_at
    ) VALUES (
        new_id, 'session', new_tenant, new_issuer, new_provider, new_provider_sid, new_sub, new_nonce, new_state,
        new_code_verifier, new_access_token, new_refresh_token, new_id_token, new_token_expires_at, new_user_agent,
        new_ip_address, new_device_label, new_profile, new_roles, new_seal_key_id, moment, moment, ends
    );

    IF new_sub IS NOT NULL THEN
        INSERT INTO audit_log (action, details)
        VALUES (
            'LOGIN',
            jsonb_build_object(
                'session', left(new_id, 32), 'tenantID', new_tenant, 'issuer', new_issuer, 'subject', new_sub,
                'replaced', replaced, 'evicted', evicted
            )
        );
    END IF;
    RETURN NEXT;
END
$$;
