//! `putty-session-overrides`

use crate::prelude::*;

/// The cause `putty-session-overrides`.
pub static CAUSE: Cause = Cause {
    id: "putty-session-overrides",
    stage: Stage::Offer,
    seen: Seen::NotOnTheWire,
    title: "PuTTY's saved session {session} names {keyword} {value}",
    rule: "a saved session, and Default Settings under each of them, say which key and user PuTTY takes",
    note: "",
    fixes: &[
        Fix {
            at: Where::Client,
            by: Actor::Person,
            text: "load the session in PuTTY, correct it, and save it again",
            commands: &[],
            safety: Safety::Neutral,
        },
    ],
    log: &[],
    page: "A saved session of PuTTY, or its Default Settings, names another key or user than the one that was meant.

## What it means
Default Settings are below every session. A key file or a user name that was once saved there is
used everywhere.

## Why sshd refuses
It is asked for another user or about another key.

## How to see it
The event log (right click on the title bar) says `Reading key file \"C:\\old.ppk\"` and `Using username
\"olduser\".`

## Mend
- Session panel: choose the session, Load; correct Connection > Data (user name) and Connection > SSH >
  Auth > Credentials (key; Auth before 0.78); Save.

## Pitfalls
- A host name that is also the name of a saved session loads that session.
- Command line options go before the session.
",
};
