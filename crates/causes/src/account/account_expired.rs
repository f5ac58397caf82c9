//! `account-expired`

use crate::prelude::*;

/// The cause `account-expired`.
pub static CAUSE: Cause = Cause {
    id: "account-expired",
    stage: Stage::Account,
    seen: Seen::QueryRefused,
    title: "the account {user} has expired, and sshd without PAM treats it as locked",
    rule: "UsePAM no ({origin}); the expiry date of /etc/shadow was {date}",
    note: "every key of {user} is refused at the query, without a word to the client",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "ask the administrator whether {user} may still log in; if so, set a new last day, or none with -1",
        commands: &["chage -E -1 -- {user}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "Account {user} has expired",
        },
        LogLine {
            level: Level::Info,
            text: "User {user} not allowed because account is locked",
        },
    ],
    page: r#"The account's expiry date has passed, and sshd without PAM refuses its keys ("Account has expired").

## What it means
The eighth field of /etc/shadow holds a day after which the account is closed. That day is over.

## Why sshd refuses
With `UsePAM no` sshd asks the date itself and treats the account as locked, before any key is
compared.
With `UsePAM yes` PAM asks it after the signature: that is `pam-account-expired`.

## How to see it
The client reads a plain refusal, `Permission denied (publickey)` or PuTTY's
`Server refused our key`. sshd logs:
```
Account alice has expired
User alice not allowed because account is locked
```
As root:
```
chage -l alice
```

## Mend
- Expiry dates are set on purpose: ask the administrator whether the account may live on.
- `chage -E -1 -- alice` takes the date away; `chage -E 2030-12-31 -- alice` sets another.

## Pitfalls
- The age of the password is another thing and does not matter to keys without PAM.
- Day numbers count in UTC: an account can end some hours before or after local midnight.
- Dropbear does not ask the date: the same account logs in there.
"#,
};
