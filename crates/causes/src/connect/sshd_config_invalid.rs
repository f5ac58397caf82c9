//! `sshd-config-invalid`

use crate::prelude::*;

/// The cause `sshd-config-invalid`.
pub static CAUSE: Cause = Cause {
    id: "sshd-config-invalid",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "sshd cannot read its configuration, and does not start with it",
    rule: "{file}, line {line}: {reason}",
    note: "one line that sshd cannot read makes it refuse the whole file; a daemon that already runs keeps its old settings until it is reloaded, and then it ends",
    fixes: &[Fix {
        at: Where::Server,
        by: Actor::Root,
        text: "correct the line ({file}, line {line}), check the whole, and only then reload sshd",
        commands: &["/usr/sbin/sshd -t", "systemctl reload-or-restart {unit}"],
        safety: Safety::Neutral,
    }],
    log: &[
        LogLine {
            level: Level::Info,
            text: "{file}: line {line}: Bad configuration option: {keyword}",
        },
        LogLine {
            level: Level::Info,
            text: "{file}: terminating, {found} bad configuration options",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Directive '{keyword}' is not allowed within a Match block",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Bad key types '{found}'.",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: unsupported option "{found}"."#,
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: keyword {keyword} extra arguments at end of line",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: {keyword} missing argument.",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: no argument after keyword "{keyword}""#,
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: invalid quotes",
        },
        LogLine {
            level: Level::Info,
            text: "{file}: line {line}: invalid quotes",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: garbage at end of line; "{found}"."#,
        },
        LogLine {
            level: Level::Info,
            text: r#"{file}: line {line}: garbage at end of line; "{found}"."#,
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand set without AuthorizedKeysCommandUser",
        },
        LogLine {
            level: Level::Info,
            text: "AuthenticationMethods cannot be satisfied by enabled authentication methods",
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedPrincipalsCommand set without AuthorizedPrincipalsCommandUser",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Bad SSH2 cipher spec '{found}'.",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Bad SSH2 mac spec '{found}'.",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Bad SSH2 KexAlgorithms '{found}'.",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: missing argument.",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: no {keyword} specified",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: {keyword} integer value {reason}.",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: invalid time value.",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Badly formatted port number.",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: {keyword} must be an absolute path",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: Invalid {keyword} algorithm "{found}"."#,
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: unsupported log level '{found}'",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: invalid {keyword} pattern: "{found}""#,
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: keyword {keyword} empty argument",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: invalid {keyword} method list.",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: "any" must appear alone in {keyword}"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"Unknown authentication method "{found}" in list"#,
        },
        LogLine {
            level: Level::Info,
            text: r#"Disabled method "{found}" in AuthenticationMethods list "{value}""#,
        },
        LogLine {
            level: Level::Info,
            text: "empty authentication method list",
        },
        LogLine {
            level: Level::Info,
            text: "{file} line {line}: Bad Match condition",
        },
        LogLine {
            level: Level::Info,
            text: "Unsupported Match attribute {found}",
        },
        LogLine {
            level: Level::Info,
            text: "Missing Match criteria for {found}",
        },
        LogLine {
            level: Level::Info,
            text: "'all' cannot be combined with other Match attributes",
        },
        LogLine {
            level: Level::Info,
            text: "One or more attributes required for Match",
        },
        LogLine {
            level: Level::Info,
            text: "Invalid Match address argument '{found}' at line {line}",
        },
        LogLine {
            level: Level::Info,
            text: "Invalid Match localaddress argument '{found}' at line {line}",
        },
        LogLine {
            level: Level::Info,
            text: r#"{file} line {line}: include "{found}" glob failed"#,
        },
        LogLine {
            level: Level::Info,
            text: "Too many recursive configuration includes",
        },
        LogLine {
            level: Level::Info,
            text: r#"Invalid DenyUsers pattern "{pattern}""#,
        },
        LogLine {
            level: Level::Info,
            text: r#"Invalid AllowUsers pattern "{pattern}""#,
        },
        LogLine {
            level: Level::Info,
            text: "AuthorizedKeysCommand path is not absolute",
        },
    ],
    page: r#"sshd does not start, or ends on reload, because a line of its configuration cannot be read ("Bad configuration option").

## What it means
One unknown keyword or unreadable value makes the whole configuration unusable.
A running daemon goes on with its old settings until it is told to reload; then it ends, and
nobody can log in.

## Why sshd refuses
sshd would rather not run than run with half its rules. It counts the bad lines of a file and
ends.

## How to see it
`/usr/sbin/sshd -t` as root prints the file and line, and nothing when all is well:
```
/etc/ssh/sshd_config: line 12: Bad configuration option: PermitRotLogin
/etc/ssh/sshd_config: terminating, 1 bad configuration options
/etc/ssh/sshd_config line 20: Directive 'UsePAM' is not allowed within a Match block
/etc/ssh/sshd_config line 8: Bad key types 'ssh-dss'.
```
The client reads `Connection refused`.

## Mend
- Correct the line, run `/usr/sbin/sshd -t` until it is silent, then
  `systemctl reload-or-restart sshd`.
- Keep the session that you edit in open until a second login has worked.

## Pitfalls
- Keywords that another build knows are unknown here: `DebianBanner` or `GSSAPIKeyExchange`
  outside their distributions, `RequiredRSASize` before 9.1.
- `ssh-dss` in an algorithm list stops 10.0 and later.
- A comment at the end of a line is an error up to 8.6. A byte order mark at the start of the file
  is an error in all.
- Bad lines count inside a Match block that does not fit, too.
- `AuthenticationMethods` and `AuthorizedKeysCommand` without its user are checked only at the
  end, so no line number is given.
"#,
};
