-- One login in a place. In a transaction apart from 17, as 15 from 14: whoever waits for this index to be built must not
-- wait for the table itself.
CREATE UNIQUE INDEX idx_sessions_login_slot ON sessions (login_slot) WHERE kind = 'login';
