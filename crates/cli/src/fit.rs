//! Which of several causes with the same words a log line is about, as far as the line itself says.

use sshwhy_causes::{Args, Cause};
use sshwhy_config::pattern::{AddrText, HostMatch, match_host_and_ip};

/// What the facts in a line say of one cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fit {
    /// They speak for it.
    Fits,
    /// They leave it open.
    Open,
    /// They leave it open, and it is seldom met.
    Seldom,
    /// They rule it out.
    Disproved,
}

use Fit::{Disproved, Fits, Open, Seldom};

/// Most bytes of a pattern-list that sshd writes into its log.
const LOGGED_PATTERN: usize = 200;

type Rule = fn(&Args) -> Fit;

/// What to look at, by the cause's id. A cause without a row is left open.
const RULES: [(&str, Rule); 51] = [
    ("home-writable", |a| match place(a) {
        Place::Home => Fits,
        Place::Other => Open,
        _ => Disproved,
    }),
    ("keys-dir-writable", |a| match place(a) {
        Place::SshDir => Fits,
        Place::Other => Open,
        _ => Disproved,
    }),
    ("parent-writable", |a| match place(a) {
        Place::Above => Fits,
        Place::Other => Open,
        Place::Home => Seldom,
        _ => Disproved,
    }),
    ("keys-file-writable", |a| match place(a) {
        Place::KeysFile => Fits,
        Place::Other => Open,
        _ => Disproved,
    }),
    ("cert-principals-file", |a| {
        match (a.get("path"), fact(a, "path", b"principal")) {
            (None, _) => Open,
            (Some(_), true) => Fits,
            (Some(_), false) if place(a) == Place::KeysFile => Disproved,
            (Some(_), false) => Seldom,
        }
    }),
    ("acl-writable", |_| Seldom),
    // The line: bad ownership or modes; sshd says nothing more.
    ("wrong-owner", |_| Open),
    ("from-mismatch", |a| from(a, "from-mismatch")),
    ("from-invalid", |a| from(a, "from-invalid")),
    ("from-only-negated", |a| from(a, "from-only-negated")),
    ("from-space-after-comma", |a| {
        from(a, "from-space-after-comma")
    }),
    ("cert-alg-not-accepted", |a| {
        only_if(fact(a, "algorithm", b"-cert-v01@"))
    }),
    ("ecdsa-curve-policy", |a| match a.get("algorithm") {
        Some(name) if !contains(name, b"ecdsa-sha2-") => Disproved,
        _ => Open,
    }),
    ("signature-algorithm-not-accepted", |a| {
        match a.get("algorithm") {
            Some(b"ssh-rsa" | b"ssh-dss") => Open,
            Some(name) if contains(name, b"-cert-v0") => Open,
            _ => Fits,
        }
    }),
    ("rsa-sha1-only-client", |_| Fits),
    ("dsa-key", |_| Fits),
    ("fips-or-crypto-policy", |_| Seldom),
    ("cert-old-v00", |a| {
        only_if(fact(a, "algorithm", b"-cert-v00@"))
    }),
    ("key-type-unsupported-by-version", |a| {
        match a.get("algorithm") {
            Some(b"ssh-dss") => Open,
            Some(name) if contains(name, b"-cert-v00@") => Disproved,
            _ => Fits,
        }
    }),
    ("cert-bad-signature", |a| match a.get("reason") {
        Some(b"Invalid key length") => Disproved,
        _ => Fits,
    }),
    ("revoked-keys-missing", |a| match a.get("reason") {
        None => Open,
        Some(_) => only_if(no_file(a)),
    }),
    ("revoked-keys-unparsable", |a| match no_file(a) {
        true => Disproved,
        false => Fits,
    }),
    ("revoked-keys-has-dsa", |a| match no_file(a) {
        true => Disproved,
        false => Open,
    }),
    ("key-revoked", |_| Fits),
    ("key-option-unknown", |a| match a.get("reason") {
        None => Open,
        Some(why) => only_if(why == b"unknown key option"),
    }),
    ("key-option-bad-value", |a| match a.get("reason") {
        None => Open,
        Some(why) => only_if(
            why.starts_with(b"invalid ")
                || why.starts_with(b"too many ")
                || why.starts_with(b"unexpected "),
        ),
    }),
    ("key-line-known-hosts", junk),
    ("key-line-leading-junk", junk),
    ("key-line-quoted", junk),
    ("key-option-no-space-before-key", junk),
    ("key-option-space-in-list", junk),
    ("keys-file-missing", |a| match second(a) {
        true => Disproved,
        false => Fits,
    }),
    ("keys-file-elsewhere", not_second),
    ("keys-file-dangling-symlink", not_second),
    ("home-missing-or-unmounted", not_second),
    ("keys-file-comma", |a| only_if(fact(a, "path", b","))),
    ("keys-file-dollar-home", |a| only_if(fact(a, "path", b"$"))),
    ("keys-file-tilde", |a| only_if(fact(a, "path", b"/~"))),
    ("keys-file-central", |a| {
        only_if(!fact(a, "file", b"/.ssh/"))
    }),
    ("keys-file-unreadable", |_| Fits),
    ("selinux-label", |a| match a.get("denied") {
        None => Seldom,
        Some(what) => only_if(
            [&b"read"[..], b"open", b"getattr", b"search"].contains(&what.trim_ascii())
                && a.get("permissive") == Some(b"0"),
        ),
    }),
    ("apparmor-denied", |a| match a.get("profile") {
        Some(_) => Fits,
        None => Seldom,
    }),
    // Passwords that are guessed end in the same words.
    ("client-too-many-keys", |_| Seldom),
    ("systemd-sandbox", |a| match second(a) {
        true => Disproved,
        false => Seldom,
    }),
    ("keys-command-trailing-comment", |a| {
        only_if(fact(a, "command", b"#"))
    }),
    ("keys-command-not-executable", |_| Fits),
    ("login-grace-timeout", |_| Fits),
    ("max-startups", |_| Fits),
    ("user-not-allowed", |_| Fits),
    ("account-locked", |_| Fits),
    ("bad-signature", |_| Fits),
];

/// What the facts of a line say of a cause.
pub(crate) fn fit(cause: &Cause, args: &Args) -> Fit {
    RULES
        .iter()
        .find(|(id, _)| *id == cause.id)
        .map_or(Open, |(_, rule)| rule(args))
}

fn only_if(fits: bool) -> Fit {
    if fits { Fits } else { Disproved }
}

fn contains(text: &[u8], what: &[u8]) -> bool {
    text.windows(what.len()).any(|w| w == what)
}

fn fact(args: &Args, name: &str, what: &[u8]) -> bool {
    args.get(name).is_some_and(|text| contains(text, what))
}

/// The file of revoked keys could not be opened.
fn no_file(args: &Args) -> bool {
    args.get("reason")
        .is_some_and(|why| why == b"No such file or directory" || why == b"Permission denied")
}

/// An option line whose first word is no option: other junk than a damaged value.
fn junk(args: &Args) -> Fit {
    match args.get("reason") {
        Some(why) if why != b"unknown key option" => Disproved,
        _ => Open,
    }
}

/// `authorized_keys2` is looked for by default and hardly ever there.
fn second(args: &Args) -> bool {
    args.get("file")
        .is_some_and(|f| f.ends_with(b"/authorized_keys2"))
}

fn not_second(args: &Args) -> Fit {
    if second(args) { Disproved } else { Open }
}

/// Where a path lies, seen from an account, as far as its words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A directory that homes lie in.
    Above,
    Home,
    SshDir,
    KeysFile,
    Other,
}

fn place(args: &Args) -> Place {
    let path = args.get("path").unwrap_or_default();
    let base = path.rsplit(|b| *b == b'/').next().unwrap_or_default();
    let depth = path.iter().filter(|b| **b == b'/').count();
    let below = |dir: &[u8]| depth == 2 && path.starts_with(dir);
    if base.starts_with(b"authorized_keys") {
        Place::KeysFile
    } else if base == b".ssh" {
        Place::SshDir
    } else if path == b"/root" || below(b"/home/") || below(b"/Users/") {
        Place::Home
    } else if depth == 1 {
        Place::Above
    } else {
        Place::Other
    }
}

/// sshd names the client and the list: the list can be asked again.
fn from(args: &Args, id: &str) -> Fit {
    let (Some(list), Some(host), Some(addr)) =
        (args.get("pattern"), args.get("host"), args.get("from"))
    else {
        return Open;
    };
    let Some(addr) = std::str::from_utf8(addr)
        .ok()
        .and_then(|a| a.parse().ok())
        .map(AddrText::new)
    else {
        return Open;
    };
    if list.len() >= LOGGED_PATTERN {
        return Open;
    }
    let asked = |list: &[u8]| match_host_and_ip(host, &addr, list);
    let entries = || list.split(|b| *b == b',');
    let found = match asked(list) {
        HostMatch::Invalid => "from-invalid",
        // The line was cut, or the build matches otherwise.
        HostMatch::Match => return Open,
        HostMatch::NoMatch if entries().all(|e| e.starts_with(b"!")) => "from-only-negated",
        HostMatch::NoMatch => {
            let trimmed: Vec<&[u8]> = entries().map(<[u8]>::trim_ascii).collect();
            let blanks = list.iter().any(u8::is_ascii_whitespace);
            if blanks && asked(&trimmed.join(&b","[..])) == HostMatch::Match {
                "from-space-after-comma"
            } else {
                "from-mismatch"
            }
        }
    };
    only_if(found == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_of_a_cause_that_exists() {
        for (n, (id, _)) in RULES.iter().enumerate() {
            assert!(sshwhy_causes::by_id(id).is_some(), "{id}");
            assert!(
                !RULES[..n].iter().any(|(other, _)| other == id),
                "{id} twice"
            );
        }
    }

    #[test]
    fn the_list_in_the_line_tells_why_it_did_not_fit() {
        let of = |list: &str| {
            let mut args = Args::new();
            args.set("host", "192.0.2.7")
                .set("from", "192.0.2.7")
                .set("pattern", list);
            let ids = [
                "from-mismatch",
                "from-invalid",
                "from-only-negated",
                "from-space-after-comma",
            ];
            let fits: Vec<&str> = ids
                .into_iter()
                .filter(|id| from(&args, id) != Disproved)
                .collect();
            fits.join(" ")
        };
        assert_eq!(of("10.0.0.0/8,*.example.org"), "from-mismatch");
        assert_eq!(of("10.0.0.1/8"), "from-invalid");
        assert_eq!(of("!10.0.0.1"), "from-only-negated");
        assert_eq!(of("10.0.0.1, 192.0.2.7"), "from-space-after-comma");
        assert_eq!(of("10.0.0.1, 192.0.2.8"), "from-mismatch");
        let long = "10.0.0.1,".repeat(23);
        assert_eq!(of(&long).split(' ').count(), 4, "sshd cut the list");
    }
}
