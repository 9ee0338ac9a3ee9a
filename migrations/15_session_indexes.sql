-- What lists and the cleaner's status ask for. In a transaction apart from 14: building an index keeps writers waiting, and
-- who has waited for that must not wait for somebody who wants the table for himself besides.

-- Lists, the newest first, in any state: of everybody, of a tenant, of a user. A deployment without tenants, and an
-- anonymous session, pay nothing for what they don't use. The id, which decides between rows of one moment, would make
-- them four to six times as large, and is sorted just as well page by page.
CREATE INDEX idx_sessions_created_at ON sessions (created_at) WHERE kind = 'session';
CREATE INDEX idx_sessions_tenant ON sessions (tenant_id, created_at)
    WHERE kind = 'session' AND tenant_id <> '';
CREATE INDEX idx_sessions_subject ON sessions (sub, created_at)
    WHERE kind = 'session' AND sub IS NOT NULL;

-- What the cleaner did last, on whichever replica.
CREATE INDEX idx_audit_log_cleaning ON audit_log (action, created_at)
    WHERE action IN ('SESSION_CLEANUP', 'SESSION_CLEANUP_ERROR', 'SESSION_STATISTICS');
