-- What signing in and out does costs the same however many logins are under way and others are signed in, in a table
-- that was never analyzed too. There going through the whole of a partial index looks no dearer to the planner than the
-- index that a condition is about, and it keeps that plan while the table grows. So conditions on rows that their ids
-- lead to are in words that no partial index has: kind <> 'login', num_nonnulls(revoked_at) = 0. And where a user leads to
-- them the tenant is no constant, (SELECT the_tenant), else it shows that idx_sessions_tenant has all of them.
-- The row LOGIN of the audit trail has from where. Replicas of the version before go on with this schema: the functions
-- keep their signatures.

-- Revokes the oldest active sessions of a user beyond a maximum. The caller holds the user's lock. `requester` goes
-- into the audit trail as it is.
-- Locked in the order of their ids, as a logout by the provider and an ending by criteria lock theirs.
CREATE OR REPLACE FUNCTION session_evict(
    the_tenant TEXT,
    the_issuer TEXT,
    the_subject TEXT,
    maximum INT,
    idle INTERVAL,
    absolute INTERVAL,
    requester JSONB DEFAULT '{}'
) RETURNS INT
LANGUAGE plpgsql
-- A handful of rows by primary key looks dearer than the whole of a small table.
SET enable_seqscan = off
AS $$
DECLARE
    excess TEXT[];
    evicted INT;
BEGIN
    SELECT array_agg(o.id)
    INTO excess
    FROM (
        SELECT id
        FROM sessions
        WHERE tenant_id = (SELECT the_tenant) AND issuer = the_issuer AND coalesce(sub, '') = the_subject
            AND kind = 'session' AND revoked_at IS NULL
            AND session_is_alive(expires_at, last_accessed_at, created_at, idle, absolute)
        ORDER BY created_at DESC, id DESC
        OFFSET maximum
    ) AS o;
    IF excess IS NULL THEN
        RETURN 0;
    END IF;

    WITH locked AS MATERIALIZED (
        SELECT s.id
        FROM sessions AS s
        WHERE s.id = ANY (excess) AND num_nonnulls(s.revoked_at) = 0
        ORDER BY s.id
        FOR NO KEY UPDATE
    ), gone AS (
        UPDATE sessions AS s
        SET
            revoked_at = clock_timestamp(), revoked_reason = 'session_limit', revision = s.revision + 1,
            access_token = NULL, refresh_token = NULL, id_token = NULL,
            nonce = NULL, state = NULL, code_verifier = NULL
        WHERE s.id = ANY (ARRAY (SELECT locked.id FROM locked)) AND num_nonnulls(s.revoked_at) = 0
        RETURNING s.id
    ), logged AS (
        INSERT INTO audit_log (action, details)
        SELECT
            'REVOKE',
            jsonb_build_object(
                'session', left(gone.id, 32), 'reason', 'session_limit',
                'tenantID', the_tenant, 'issuer', the_issuer, 'subject', the_subject
            ) || requester
        FROM gone
    )
    SELECT count(*) INTO evicted FROM gone;
    RETURN evicted;
END
$$;

-- Remembers a logout token and ends the sessions that it names, all or nothing. `outcome` is 'ended'; 'repeated' when
-- the token came before, and 'mismatched' when its session is another user's: then nothing changes. Answers at least
-- one row; with 'ended', as many as `maximum` of those sessions whose tokens can be taken back, or one without an id.
CREATE OR REPLACE FUNCTION session_end_by_provider(
    the_tenant TEXT,
    the_issuer TEXT,
    the_jti_digest TEXT,
    the_sub TEXT,
    the_sid TEXT,
    issued TIMESTAMP WITH TIME ZONE,
    tolerance INTERVAL,
    remembered INTERVAL,
    maximum INT,
    requester JSONB
) RETURNS TABLE (
    outcome TEXT,
    ended BIGINT,
    id TEXT,
    provider TEXT,
    sub TEXT,
    access_token TEXT,
    refresh_token TEXT,
    token_expires_at TIMESTAMP WITH TIME ZONE
)
LANGUAGE plpgsql
-- A handful of rows by primary key looks dearer than the whole of a small table.
SET enable_seqscan = off
AS $$
#variable_conflict use_column
BEGIN
    -- In the order in which logins take them.
    IF the_sub IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(session_logout_lock(the_tenant, the_issuer, 'sub', the_sub));
    END IF;
    IF the_sid IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(session_logout_lock(the_tenant, the_issuer, 'sid', the_sid));
    END IF;

    IF the_sub IS NOT NULL AND the_sid IS NOT NULL AND EXISTS (
        SELECT
        FROM sessions AS s
        WHERE s.issuer = the_issuer AND s.provider_sid = the_sid AND s.revoked_at IS NULL
            AND s.tenant_id = the_tenant AND s.kind <> 'login' AND s.sub IS DISTINCT FROM the_sub
    ) THEN
        RETURN QUERY SELECT 'mismatched', 0::BIGINT, NULL, NULL, NULL, NULL, NULL, NULL::TIMESTAMP WITH TIME ZONE;
        RETURN;
    END IF;

    INSERT INTO logout_tokens (tenant_id, issuer, jti_digest, sub, provider_sid, issued_at, expires_at)
    VALUES (
        the_tenant, the_issuer, the_jti_digest, the_sub, the_sid, issued, clock_timestamp() + remembered
    )
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'repeated', 0::BIGINT, NULL, NULL, NULL, NULL, NULL, NULL::TIMESTAMP WITH TIME ZONE;
        RETURN;
    END IF;

    -- By idx_sessions_provider_sid and idx_sessions_user, then locked by primary key in its order. A session of the
    -- user without a sid can't be told from the one that is meant, so it ends too. A sid that is over doesn't come back,
    -- however late a code of its was exchanged. Of the user's sessions, one whose ID token is younger than the logout
    -- began after it; ID tokens are dated in seconds. Where that date isn't known, the session's own beginning stands
    -- for it, by another clock.
    RETURN QUERY
    WITH named AS (
        SELECT s.id
        FROM sessions AS s
        WHERE the_sid IS NOT NULL AND s.issuer = the_issuer AND s.provider_sid = the_sid AND s.revoked_at IS NULL
            AND s.tenant_id = the_tenant AND s.kind <> 'login'
        UNION
        SELECT s.id
        FROM sessions AS s
        WHERE the_sub IS NOT NULL AND s.tenant_id = (SELECT the_tenant) AND s.issuer = the_issuer
            AND coalesce(s.sub, '') = the_sub AND s.kind = 'session' AND s.revoked_at IS NULL
            AND (the_sid IS NULL OR s.provider_sid IS NULL)
    ), locked AS MATERIALIZED (
        SELECT s.id
        FROM sessions AS s
        WHERE s.id = ANY (ARRAY (SELECT named.id FROM named)) AND num_nonnulls(s.revoked_at) = 0
            AND (
                s.provider_sid = the_sid
                OR coalesce(date_trunc('second', s.id_token_issued_at), s.created_at - tolerance) <= issued
            )
        ORDER BY s.id
        FOR UPDATE
    ), gone AS (
        DELETE FROM sessions AS s
        WHERE s.id = ANY (ARRAY (SELECT locked.id FROM locked)) AND num_nonnulls(s.revoked_at) = 0
        RETURNING s.id, s.provider, s.sub, s.access_token, s.refresh_token, s.token_expires_at
    ), logged AS (
        INSERT INTO audit_log (action, details)
        SELECT
            'LOGOUT',
            jsonb_build_object(
                'session', left(gone.id, 32), 'reason', 'provider', 'tenantID', the_tenant, 'issuer', the_issuer,
                'subject', gone.sub
            ) || requester
        FROM gone
    ), revocable AS (
        SELECT *
        FROM gone
        WHERE gone.refresh_token IS NOT NULL OR gone.access_token IS NOT NULL
        ORDER BY gone.refresh_token IS NULL, gone.token_expires_at DESC NULLS LAST
        LIMIT maximum
    )
    SELECT
        'ended', (SELECT count(*) FROM gone), r.id::TEXT, r.provider, r.sub::TEXT, r.access_token, r.refresh_token,
        r.token_expires_at
    FROM (SELECT) AS one
    LEFT JOIN revocable AS r ON true;
END
$$;

-- Creates a session, ends the one that it takes the place of, and holds the limit of its user, all or nothing.
-- Answers no row when the previous session was required to be alive at a revision and isn't, or when the provider has
-- ended the login: its sid, whenever that was, or its user since it issued the ID token. With a scope, a session of
-- another tenant is no previous session.
CREATE OR REPLACE FUNCTION session_create(
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
    scope TEXT DEFAULT NULL,
    new_id_token_issued_at TIMESTAMP WITH TIME ZONE DEFAULT NULL
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

    -- Either the logout comes first, and is found here, or it waits for this to be committed, and finds the session.
    IF new_sub IS NOT NULL AND new_id_token_issued_at IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock_shared(session_logout_lock(new_tenant, new_issuer, 'sub', new_sub));
        IF new_provider_sid IS NOT NULL THEN
            PERFORM pg_advisory_xact_lock_shared(
                session_logout_lock(new_tenant, new_issuer, 'sid', new_provider_sid)
            );
        END IF;
        IF EXISTS (
            SELECT
            FROM logout_tokens AS l
            WHERE l.tenant_id = new_tenant AND l.issuer = new_issuer AND l.provider_sid = new_provider_sid
                AND (l.sub IS NULL OR l.sub = new_sub)
        ) OR EXISTS (
            SELECT
            FROM logout_tokens AS l
            WHERE l.tenant_id = new_tenant AND l.issuer = new_issuer AND l.sub = new_sub
                AND (l.provider_sid IS NULL OR new_provider_sid IS NULL)
                AND l.issued_at >= date_trunc('second', new_id_token_issued_at)
        ) THEN
            RETURN;
        END IF;
    END IF;

    replaced := false;
    IF previous_id IS NOT NULL THEN
        UPDATE sessions AS s
        SET
            revoked_at = clock_timestamp(), revoked_reason = 'replaced', revision = s.revision + 1,
            access_token = NULL, refresh_token = NULL, id_token = NULL,
            nonce = NULL, state = NULL, code_verifier = NULL
        WHERE s.id = previous_id AND s.kind <> 'login' AND num_nonnulls(s.revoked_at) = 0 AND s.id <> new_id
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
        profile, roles, seal_key_id, created_at, last_accessed_at, expires_at, id_token_issued_at
    ) VALUES (
        new_id, 'session', new_tenant, new_issuer, new_provider, new_provider_sid, new_sub, new_nonce, new_state,
        new_code_verifier, new_access_token, new_refresh_token, new_id_token, new_token_expires_at, new_user_agent,
        new_ip_address, new_device_label, new_profile, new_roles, new_seal_key_id, moment, moment, ends,
        new_id_token_issued_at
    );

    IF new_sub IS NOT NULL THEN
        INSERT INTO audit_log (action, details)
        VALUES (
            'LOGIN',
            jsonb_build_object(
                'session', left(new_id, 32), 'tenantID', new_tenant, 'issuer', new_issuer, 'subject', new_sub,
                'replaced', replaced, 'evicted', evicted,
                'by', jsonb_strip_nulls(jsonb_build_object('surface', 'user', 'address', left(new_ip_address, 255)))
            )
        );
    END IF;
    RETURN NEXT;
END
$$;
