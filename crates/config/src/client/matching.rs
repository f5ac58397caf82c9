//! `Host` and `Match` lines of ssh_config.

use super::expand::Tokens;
use super::read::Reader;
use crate::lex::{Word, strdelim_all};
use crate::pattern::{ListMatch, match_hostname, match_pattern, match_pattern_list};
use alloc::vec::Vec;

/// What a `Match` line says.
pub(super) enum Outcome {
    /// Its block counts, or not.
    Settled(bool),
    /// It hangs on something nobody asked.
    Undecided,
    /// ssh does not take the line.
    Bad(Vec<u8>),
}

/// `Host`: any pattern that matches, and no negated one.
pub(super) fn host(words: &[Word], host: &[u8]) -> bool {
    let mut active = false;
    for word in words {
        let (negated, pattern) = match word.bytes.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, word.bytes.as_slice()),
        };
        if match_pattern(host, pattern) {
            if negated {
                return false;
            }
            active = true;
        }
    }
    active
}

/// A criterion's name with its `!`, and its argument.
type Named = (Vec<u8>, Option<Vec<u8>>);

/// The criteria of a line as pairs of name and argument; `None` for one that takes no argument.
fn criteria(reader: &Reader<'_>, text: &[u8], at: usize) -> Result<Vec<Named>, Vec<u8>> {
    // From 10.0 on the line is cut like any other, and `host=x` is one word.
    let words: Vec<Vec<u8>> = if reader.local.release >= (10, 0) {
        crate::lex::argv_split(text, at)
            .map_err(|_| b"a quote that is not closed".to_vec())?
            .into_iter()
            .map(|w| w.bytes)
            .collect()
    } else {
        let (words, unclosed) = strdelim_all(text, Some(at), true);
        if unclosed {
            return Err(b"a quote that is not closed".to_vec());
        }
        words.into_iter().map(|w| w.bytes).collect()
    };
    let mut out = Vec::new();
    let mut words = words.into_iter();
    while let Some(mut name) = words.next() {
        if name.is_empty() || name.first() == Some(&b'#') {
            break;
        }
        let bare = name.strip_prefix(b"!").unwrap_or(&name);
        let alone = [&b"all"[..], b"canonical", b"final"]
            .iter()
            .any(|a| bare.eq_ignore_ascii_case(a));
        if alone {
            out.push((name, None));
            continue;
        }
        if reader.local.release >= (10, 0)
            && let Some(cut) = name.iter().position(|b| *b == b'=')
        {
            let argument = name.split_off(cut);
            out.push((name, Some(argument.get(1..).unwrap_or_default().to_vec())));
            continue;
        }
        let argument = words.next();
        if argument.is_none() {
            return Err(name);
        }
        out.push((name, argument));
    }
    Ok(out)
}

/// `match_cfg_line` of readconf.c.
pub(super) fn line(reader: &mut Reader<'_>, text: &[u8], at: usize, never: bool) -> Outcome {
    let criteria = match criteria(reader, text, at) {
        Ok(list) => list,
        Err(bad) => return Outcome::Bad(bad),
    };
    if criteria.is_empty() {
        return Outcome::Bad(Vec::new());
    }
    let host = reader.match_host();
    let mut result = true;
    let mut open = false;
    let count = criteria.len();
    for (index, (name, argument)) in criteria.iter().enumerate() {
        let (negate, bare) = match name.strip_prefix(b"!") {
            Some(rest) => (true, rest),
            None => (false, name.as_slice()),
        };
        let is = |word: &str| bare.eq_ignore_ascii_case(word.as_bytes());
        if is("all") {
            if index > 1 || index.saturating_add(1) != count {
                return Outcome::Bad(name.clone());
            }
            return Outcome::Settled(result && !negate);
        }
        if is("canonical") || is("final") {
            if is("final") && (!negate || reader.local.release < (9, 9)) {
                reader.want_final = true;
            }
            result &= reader.final_pass != negate;
            continue;
        }
        let argument = argument.as_deref().unwrap_or_default();
        let may_be_empty = is("tagged") || is("command");
        if argument.is_empty() && !may_be_empty || argument.first() == Some(&b'#') {
            return Outcome::Bad(name.clone());
        }
        let release = reader.local.release;
        let hit = if is("host") {
            Some(match_hostname(&host, argument) == ListMatch::Match)
        } else if is("originalhost") {
            Some(match_hostname(&reader.asked.host, argument) == ListMatch::Match)
        } else if is("user") {
            let user = reader.first("user").unwrap_or(&reader.local.user);
            Some(match_pattern_list(user, argument) == ListMatch::Match)
        } else if is("localuser") {
            Some(match_pattern_list(&reader.local.user, argument) == ListMatch::Match)
        } else if is("tagged") && release >= (9, 4) {
            let tag = reader.first("tag").unwrap_or_default();
            Some(if tag.is_empty() {
                argument.is_empty()
            } else {
                match_pattern_list(tag, argument) == ListMatch::Match
            })
        } else if is("localnetwork") && release >= (9, 4) {
            reader.facts.local_network(argument)
        } else if is("command") && release >= (10, 0) {
            Some(argument.is_empty())
        } else if is("sessiontype") && release >= (10, 0) {
            Some(match_pattern_list(b"shell", argument) == ListMatch::Match)
        } else if is("version") && release >= (10, 0) {
            None
        } else if is("exec") {
            if result && !open && !never {
                exec(reader, &host, argument)
            } else {
                // ssh skips the command once a criterion failed.
                Some(!negate)
            }
        } else {
            return Outcome::Bad(name.clone());
        };
        match hit {
            Some(hit) => result &= hit != negate,
            None => open = true,
        }
    }
    if result && open {
        Outcome::Undecided
    } else {
        Outcome::Settled(result)
    }
}

fn exec(reader: &Reader<'_>, host: &[u8], command: &[u8]) -> Option<bool> {
    let tokens = Tokens {
        host: host.to_vec(),
        original: reader.asked.host.clone(),
        alias: reader.first("hostkeyalias").unwrap_or(host).to_vec(),
        port: reader
            .first("port")
            .and_then(|p| core::str::from_utf8(p).ok()?.parse().ok())
            .unwrap_or(22),
        user: reader.first("user").unwrap_or(&reader.local.user).to_vec(),
        local_user: reader.local.user.clone(),
        uid: reader.local.uid,
        home: reader.local.home.clone(),
        hostname: reader.local.hostname.clone(),
        jump: Vec::new(),
    };
    let command = tokens.percent(command).ok()?;
    reader.facts.exec(&command)
}
