-- One login in a place. In a transaction apart from 17, as 15 from 14: whoever waits for this index to be built must not
-- wait for the table itself.
-- Not for every kind = 'login': the statement that finishes a login says that of its row too, and the planner would go
-- through this whole index for it while it thinks that there are few.
CREATE UNIQUE INDEX idx_sessions_login_slot ON sessions (login_slot) WHERE login_slot IS NOT NULL;
