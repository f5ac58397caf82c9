//! The script that gathers facts. POSIX sh; `stat -c` as GNU, busybox and toybox have it.

use super::Want;

const COMMON: &str = include_str!("collect.sh");
const USUAL: &str = include_str!("usual.sh");

/// Marks the end of what a script prints, so that a cut one is seen.
pub const END: &str = "@end";

/// A word of sh. `None`: it holds bytes that a script is better without.
fn quoted(word: &[u8]) -> Option<String> {
    let plain = word.iter().all(|b| *b >= b' ' && *b != 0x7f);
    let text = std::str::from_utf8(word).ok().filter(|_| plain)?;
    Some(format!("'{}'", text.replace('\'', r"'\''")))
}

fn head(user: &[u8]) -> Option<String> {
    let user = super::account(user);
    Some(COMMON.replace("@USER@", &quoted(user)?))
}

/// What an administrator runs at a console: the usual places for one account, and what its
/// configuration names. `attempt` are lines for the bundle's reader.
#[must_use]
pub fn console(user: &[u8], attempt: &str) -> Option<String> {
    let mut out = head(user)?;
    out.push_str(USUAL);
    for line in attempt.lines() {
        out.push_str(&format!("o {}\n", quoted(line.as_bytes())?));
    }
    out.push_str("o @end\n");
    Some(out)
}

/// What a session runs: the account, the daemon, and nothing else yet.
#[must_use]
pub fn first(user: &[u8]) -> Option<String> {
    Some(head(user)? + "base\no @end\n")
}

/// What a session runs for these questions. Those whose paths do not fit a script are left out.
#[must_use]
pub fn more<'w>(user: &[u8], wants: impl Iterator<Item = &'w Want>) -> Option<String> {
    let mut out = head(user)?;
    for want in wants {
        let (command, path) = match want {
            Want::Node(path) => ("n", path),
            Want::Names(path) => ("d", path),
            Want::Content(path) => ("f", path),
        };
        if let Some(path) = quoted(path) {
            out.push_str(&format!("{command} {path}\n"));
        }
    }
    out.push_str("o @end\n");
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_quotes() {
        assert_eq!(quoted(b"it's").unwrap(), r"'it'\''s'");
        assert!(quoted(b"a\nb").is_none());
        assert!(quoted(b"\xff").is_none());
    }

    #[test]
    fn the_script_is_short_and_says_what_it_takes() {
        let script = console(b"alice", "@attempt x").unwrap();
        assert!(script.len() < 8192, "{} bytes", script.len());
        let head: Vec<&str> = script.lines().take(2).collect();
        assert!(head.concat().contains("changes and installs nothing"));
        assert!(head.concat().contains("Of shadow it takes the lock mark"));
    }
}
