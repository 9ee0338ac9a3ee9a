/// The tables of other systems, with their own names, types and quoting.
enum SourceTables {
    /// The documented table, in another schema.
    static let documented = """
        CREATE SCHEMA old;
        CREATE TABLE old.sessions (
            id VARCHAR(255) PRIMARY KEY, nonce VARCHAR(255), state TEXT, access_token TEXT,
            code_verifier VARCHAR(255), sub VARCHAR(255), created_at TIMESTAMP WITH TIME ZONE DEFAULT NOW(),
            expires_at TIMESTAMP WITH TIME ZONE NOT NULL, last_accessed_at TIMESTAMP WITH TIME ZONE DEFAULT NOW()
        );
        INSERT INTO old.sessions (id, access_token, code_verifier, sub, expires_at) VALUES
            ('alive-session-01', 'clear-token-1', 'clear-verifier', 'ada', now() + interval '1 hour'),
            ('alive-session-02', NULL, NULL, 'bob', now() + interval '1 minute'),
            ('over-session-001', 'clear-token-2', NULL, 'ada', now() - interval '1 minute'),
            ('a login', NULL, 'clear-verifier', NULL, now() + interval '1 hour'),
            ('has blanks within', 'clear-token-3', NULL, 'ada', now() + interval '1 hour'),
            ('fifteen-letters', 'clear-token-4', NULL, 'ada', now() + interval '1 hour');
        """

    static let safari =
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1"

    /// Better Auth's own migration for Postgres (its CLI's snapshot), with `timestamptz` for `date`.
    static let betterAuth = """
        create table "user" ("id" text not null primary key, "name" text not null, "email" text not null unique);
        create table "session" (
            "id" text not null primary key, "expiresAt" timestamptz not null, "token" text not null unique,
            "createdAt" timestamptz not null, "updatedAt" timestamptz not null, "ipAddress" text, "userAgent" text,
            "userId" text not null references "user" ("id") on delete cascade
        );
        create table "account" (
            "id" text not null primary key, "issuer" text not null, "accountId" text not null,
            "providerId" text not null, "userId" text not null references "user" ("id") on delete cascade,
            "accessToken" text, "refreshToken" text, "idToken" text, "accessTokenExpiresAt" timestamptz,
            "refreshTokenExpiresAt" timestamptz, "scope" text, "password" text
        );
        create index "session_userId_idx" on "session" ("userId");
        create index "account_userId_idx" on "account" ("userId");
        insert into "user" select u, u, u || '@example.com' from unnest(array['u1', 'u2', 'u3', 'u4', 'u5']) as u;
        insert into "session" values
            ('s1', now() + interval '5 days', 'theOldTokenOfUser1older', now() - interval '2 days', now(), '192.0.2.1', 'Firefox', 'u1'),
            ('s2', now() + interval '6 days', 'theOldTokenOfUser1newer', now() - interval '1 day', now(), '192.0.2.2',
             '\(safari)', 'u1'),
            ('s3', now() - interval '1 day', 'theTokenThatIsOver', now() - interval '9 days', now(), NULL, NULL, 'u1'),
            ('s4', now() + interval '6 days', 'theOldTokenOfUser2', now() - interval '1 day', now(), '192.0.2.3', 'Safari', 'u2'),
            ('s5', now() + interval '6 days', 'theOldTokenOfUser3', now() - interval '1 day', now(), '192.0.2.4', 'Safari', 'u3'),
            ('s6', now() + interval '6 days', 'theOldTokenOfUser4', now() - interval '1 day', now(), '192.0.2.5', 'Safari', 'u4'),
            ('s7', now() + interval '6 days', 'theOldTokenOfUser5', now() - interval '1 day', now(), '192.0.2.6', 'Safari', 'u5');
        insert into "account" (
            "id", "issuer", "accountId", "providerId", "userId", "accessToken", "refreshToken", "idToken",
            "accessTokenExpiresAt"
        ) values
            ('a1', 'https://login.example.com', 'sub-1', 'corporate', 'u1', 'access-1', 'refresh-1', 'id-1',
             now() + interval '1 hour'),
            ('a1p', 'local:credential', 'u1', 'credential', 'u1', NULL, NULL, NULL, NULL),
            ('a2', 'local:oauth:corporate', 'sub-2', 'corporate', 'u2',
             repeat('0af1', 40), '$ba$2$00ff', NULL, now() + interval '1 hour'),
            ('a3', 'local:credential', 'u3', 'credential', 'u3', NULL, NULL, NULL, NULL),
            ('a4', 'https://login.example.com', 'sub-4', 'corporate', 'u4', NULL, NULL, NULL, NULL),
            ('a4b', 'https://login.example.com', 'sub-4b', 'corporate', 'u4', NULL, NULL, NULL, NULL),
            ('a5', 'https://other.example.com', 'sub-5', 'corporate', 'u5', NULL, NULL, NULL, NULL);
        """

    /// The Prisma schema of Auth.js's documentation, as Prisma migrates it: letter for letter, `timestamp(3)` in UTC.
    static let authJSPrisma = """
        CREATE TABLE "User" ("id" TEXT NOT NULL, "email" TEXT NOT NULL, CONSTRAINT "User_pkey" PRIMARY KEY ("id"));
        CREATE TABLE "Account" (
            "userId" TEXT NOT NULL, "type" TEXT NOT NULL, "provider" TEXT NOT NULL, "providerAccountId" TEXT NOT NULL,
            "refresh_token" TEXT, "access_token" TEXT, "expires_at" INTEGER, "token_type" TEXT, "scope" TEXT,
            "id_token" TEXT, "session_state" TEXT, "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
            CONSTRAINT "Account_pkey" PRIMARY KEY ("provider", "providerAccountId")
        );
        CREATE TABLE "Session" (
            "sessionToken" TEXT NOT NULL, "userId" TEXT NOT NULL, "expires" TIMESTAMP(3) NOT NULL,
            "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP
        );
        CREATE UNIQUE INDEX "Session_sessionToken_key" ON "Session" ("sessionToken");
        INSERT INTO "User" VALUES ('cuid1', 'ada@example.com');
        INSERT INTO "Account" VALUES
            ('cuid1', 'oidc', 'corporate', 'sub-1', 'refresh-1', 'access-1', 2000000000, 'bearer', 'openid', 'id-1');
        INSERT INTO "Session" ("sessionToken", "userId", "expires", "createdAt") VALUES
            ('11111111-aaaa-4bbb-8ccc-000000000001', 'cuid1', timezone('UTC', now() + interval '30 minutes'),
             timezone('UTC', now() - interval '1 hour')),
            ('11111111-aaaa-4bbb-8ccc-000000000002', 'cuid1', timezone('UTC', now() - interval '30 minutes'),
             timezone('UTC', now() - interval '1 hour'));
        """

    /// Auth.js's Postgres adapter, packages/adapter-pg/schema.sql, in a schema of its own: our table has its name.
    static let authJSPostgres = """
        CREATE SCHEMA auth;
        CREATE TABLE auth.accounts (
            id SERIAL, "userId" INTEGER NOT NULL, type VARCHAR(255) NOT NULL, provider VARCHAR(255) NOT NULL,
            "providerAccountId" VARCHAR(255) NOT NULL, refresh_token TEXT, access_token TEXT, expires_at BIGINT,
            id_token TEXT, scope TEXT, session_state TEXT, token_type TEXT, PRIMARY KEY (id)
        );
        CREATE TABLE auth.sessions (
            id SERIAL, "userId" INTEGER NOT NULL, expires TIMESTAMPTZ NOT NULL, "sessionToken" VARCHAR(255) NOT NULL,
            PRIMARY KEY (id)
        );
        INSERT INTO auth.accounts ("userId", type, provider, "providerAccountId", access_token, expires_at)
        SELECT n, 'oidc', 'corporate', 'sub-' || n, 'access-' || n, 4102444800 FROM generate_series(1, 40) AS n;
        INSERT INTO auth.sessions ("userId", expires, "sessionToken")
        SELECT 1 + n % 40, now() + interval '20 days', 'session-token-' || lpad(n::text, 3, '0') FROM generate_series(1, 95) AS n;
        """

    /// The Prisma model `UserSession`.
    static let userSession = """
        CREATE TABLE "UserSession" (
            "id" TEXT NOT NULL, "userId" TEXT NOT NULL, "revokedAt" TIMESTAMP(3), "expiresAt" TIMESTAMP(3) NOT NULL,
            "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP, "userAgent" TEXT, "ipAddr" TEXT,
            CONSTRAINT "UserSession_pkey" PRIMARY KEY ("id")
        );
        INSERT INTO "UserSession" ("id", "userId", "revokedAt", "expiresAt", "userAgent", "ipAddr")
        SELECT
            'clq1a2b3c0000abcd' || n, 'user-' || n % 3, CASE WHEN n > 21 THEN timezone('UTC', now()) END,
            timezone('UTC', now() + interval '7 days'), 'Chrome', '198.51.100.' || n % 200
        FROM generate_series(1, 490) AS n;
        """
}
