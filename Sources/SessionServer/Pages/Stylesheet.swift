/// The one stylesheet, served from its own path because the content security policy allows nothing inline.
enum Stylesheet {
    static let text = """
        :root {
          color-scheme: light dark;
          --ink: #1c2430; --soft: #566072; --paper: #f4f6f9; --card: #ffffff; --line: #d8dee8;
          --accent: #1f5fbf; --accent-ink: #ffffff; --warn: #9a2b1c;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --ink: #e8ecf3; --soft: #a5b0c2; --paper: #12161d; --card: #1b212b; --line: #323b4a;
            --accent: #7fb0ff; --accent-ink: #0c1422; --warn: #ff9c8a;
          }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0; min-height: 100vh; background: var(--paper); color: var(--ink);
          font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
        }
        header { max-width: 40rem; margin: 0 auto; padding: 1.5rem 1.25rem 0; }
        header a { color: var(--soft); font-weight: 600; text-decoration: none; }
        main {
          max-width: 40rem; margin: 1rem auto 3rem; padding: 1.75rem 1.25rem; background: var(--card);
          border: 1px solid var(--line); border-radius: 0.75rem;
        }
        @media (max-width: 42rem) { main { border-radius: 0; border-left: 0; border-right: 0; } }
        h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; overflow-wrap: anywhere; }
        p { margin: 0 0 1rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.4rem 1.25rem; margin: 0 0 1.5rem; }
        dt { color: var(--soft); }
        dd { margin: 0; overflow-wrap: anywhere; }
        @media (max-width: 30rem) { dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 0.6rem; } }
        .sessions { list-style: none; margin: 0 0 1.5rem; padding: 0; }
        .sessions li { padding: 1.25rem 0; border-top: 1px solid var(--line); }
        .sessions h2 { margin: 0 0 0.5rem; font-size: 1.125rem; line-height: 1.3; overflow-wrap: anywhere; }
        .sessions dl { margin: 0 0 1rem; }
        .sessions form { margin: 0; }
        .tag {
          display: inline-block; margin-left: 0.6rem; padding: 0.05rem 0.6rem; border: 1px solid var(--line);
          border-radius: 1rem; color: var(--soft); font-size: 0.8125rem; font-weight: 600; vertical-align: middle;
        }
        .actions { display: flex; flex-wrap: wrap; gap: 0.75rem; align-items: center; margin: 0; }
        .actions form { margin: 0; }
        .button {
          display: inline-block; padding: 0.6rem 1.1rem; border: 1px solid var(--accent); border-radius: 0.5rem;
          background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 600; line-height: 1.3;
          text-decoration: none; cursor: pointer;
        }
        .button.quiet { background: transparent; color: var(--accent); }
        a { color: var(--accent); }
        a:focus-visible, .button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        .error h2 { margin: 0 0 0.5rem; font-size: 1rem; color: var(--warn); }
        .small { margin: 1.25rem 0 0; color: var(--soft); font-size: 0.875rem; overflow-wrap: anywhere; }

        """
}
