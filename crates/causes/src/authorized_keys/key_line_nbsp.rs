//! `key-line-nbsp`

use crate::prelude::*;

/// The cause `key-line-nbsp`.
pub static CAUSE: Cause = Cause {
    id: "key-line-nbsp",
    stage: Stage::AuthorizedKeys,
    seen: Seen::QueryRefused,
    title: "a no-break space stands on line {line} of {file} where a blank belongs",
    rule: "sshd(8), AUTHORIZED_KEYS FILE FORMAT: one line holds one key, as options, keytype, base64-encoded key and comment; the separators are blank and TAB",
    note: "it looks like a blank; web pages, wikis and chat programs put it there",
    fixes: &[
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "put the repaired line in place of line {line} of {file} (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && NEW={repaired} awk -v n={line} 'FNR == 1 {{ f++ }} f == 1 {{ if ($0 == ENVIRON[\"NEW\"]) have = 1; next }} !have && FNR == n {{ print ENVIRON[\"NEW\"]; next }} {{ print }}' {file} {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
        Fix {
            at: Where::Server,
            by: Actor::Account,
            text: "or turn every no-break space of the file into a blank (the old file stays as {file}.before)",
            commands: &[
                "{{ [ -e {file}.before ] || cp -p -- {file} {file}.before; }} && T=$(mktemp {file}.XXXXXX) && LC_ALL=C sed \"s/$(printf '\\302\\240')/ /g\" < {file} > \"$T\" && [ -s \"$T\" ] && cat -- \"$T\" > {file} && rm -f -- \"$T\"",
            ],
            safety: Safety::Neutral,
        },
    ],
    log: &[LogLine {
        level: Level::Debug2,
        text: "{file}:{line}: advance: '{rest}",
    }],
    page: r#"A no-break space (U+00A0) in authorized_keys, copied from a web page, makes the line unreadable.

## What it means

Between keytype and key, or at the start of the line, stands a character that looks like a blank and is another: bytes C2 A0.

## Why sshd refuses

Only blank and TAB separate words. With U+00A0 the keytype and the key are one word, which sshd does not know.

## How to see it

- sshd at LogLevel INFO: nothing but `Connection closed by authenticating user … [preauth]`.
- A second sshd in debug mode, as root, `/usr/sbin/sshd -ddd -p 2222`, shows `debug2: …/authorized_keys:N: advance: '…'` for the line: it was no key to sshd.
- Client: `ssh -v` shows `Offering public key: …`, then `Authentications that can continue: …`. PuTTY says **Server refused our key**.
- On the server: `LC_ALL=C grep -n "$(printf '\302\240')" ~/.ssh/authorized_keys`, or `cat -A`, which shows `M-BM- `.

## Mend

- Put an ordinary blank in its place, or turn all of them: `LC_ALL=C sed "s/$(printf '\302\240')/ /g" FILE.before > FILE`

## Pitfalls

- Wikis, chat programs, PDF files and mail clients put it in.
- The same source often turns `"` into typographic quotes and `-` into a dash: check options as well.
- In a comment it does no harm.
- Dropbear skips such a line too, without a log line.
"#,
};
