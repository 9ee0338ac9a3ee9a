-- Bounds the started logins, which anybody can make, without counting them: each takes the next of a fixed number of
-- places, and whoever started in that place one round ago, and hasn't finished, gives way. Replicas of the version before
-- go on with this schema: their logins have no place, and none is taken from them.

ALTER TABLE sessions ADD COLUMN login_slot INT;

-- Places are handed out in turn. Numbers that a crash skips are no loss.
CREATE SEQUENCE session_login_slots;

-- Roles were given what they need table by table: whoever inserts sessions may use this one too.
DO $$
DECLARE
    role_name TEXT;
BEGIN
    FOR role_name IN
        SELECT DISTINCT CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE acl.grantee::REGROLE::TEXT END
        FROM pg_class AS c, aclexplode(c.relacl) AS acl
        WHERE c.oid = 'sessions'::REGCLASS AND acl.privilege_type = 'INSERT' AND acl.grantee <> c.relowner
    LOOP
        EXECUTE 'GRANT USAGE ON SEQUENCE session_login_slots TO ' || role_name;
    END LOOP;
END
$$;
