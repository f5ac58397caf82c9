//! Keywords whose arguments have a form of their own.

use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::dialect::Dialect;
use crate::keyword::Kw;
use crate::problem::{ProblemKind, vis};
use crate::scan::{a2port, hpdelim, scan_numbers, scan_scaled};
use crate::value::{Args, Fail, Value, choose, time_value};

/// IPQoS names in sshd's order; the first name of a number is the one printed.
pub(crate) const QOS: &[(&str, Option<u8>)] = &[
    ("none", None),
    ("af11", Some(0x28)),
    ("af12", Some(0x30)),
    ("af13", Some(0x38)),
    ("af21", Some(0x48)),
    ("af22", Some(0x50)),
    ("af23", Some(0x58)),
    ("af31", Some(0x68)),
    ("af32", Some(0x70)),
    ("af33", Some(0x78)),
    ("af41", Some(0x88)),
    ("af42", Some(0x90)),
    ("af43", Some(0x98)),
    ("cs0", Some(0x00)),
    ("cs1", Some(0x20)),
    ("cs2", Some(0x40)),
    ("cs3", Some(0x60)),
    ("cs4", Some(0x80)),
    ("cs5", Some(0xa0)),
    ("cs6", Some(0xc0)),
    ("cs7", Some(0xe0)),
    ("ef", Some(0xb8)),
    ("le", Some(0x01)),
    ("lowdelay", Some(0x10)),
    ("throughput", Some(0x08)),
    ("reliability", Some(0x04)),
];

pub(crate) fn level(
    args: &mut Args<'_>,
    table: &[(&str, &'static str)],
    what: &str,
) -> Result<Value, Fail> {
    let word = args.next();
    match word.and_then(|word| choose(table, word)) {
        Some(name) => Ok(Value::Choice(name)),
        None => {
            let shown = word.map_or_else(|| String::from("<NONE>"), vis);
            let message = format!("unsupported log {what} '{shown}'");
            match word {
                Some(word) => args.bad(word, message),
                None => args.missing(message),
            }
        }
    }
}

pub(crate) fn auth_options(args: &mut Args<'_>) -> Result<Value, Fail> {
    let (mut touch, mut verify) = (false, false);
    args.each(|args, word| {
        if word.eq_ignore_ascii_case(b"touch-required") {
            touch = true;
        } else if word.eq_ignore_ascii_case(b"verify-required") {
            verify = true;
        } else if !(word.eq_ignore_ascii_case(b"none")
            || word.starts_with(b"max-pk-ok:") && args.max_pk_ok())
        {
            return args.error(
                ProblemKind::BadValue {
                    value: word.to_vec(),
                },
                format!("unsupported {} option {}", args.keyword(), vis(word)),
            );
        }
        Ok(())
    })?;
    Ok(Value::AuthOptions { touch, verify })
}

impl Args<'_> {
    /// 10.6 knows `max-pk-ok:N`.
    pub(crate) fn max_pk_ok(&self) -> bool {
        self.input.dialect.knows(Kw::WarnWeakCrypto)
    }
}

pub(crate) fn rekey(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.keyword_missing()?;
    let limit = if word == b"default" {
        0
    } else {
        match scan_scaled(word) {
            Ok(n) if n == 0 || n >= 16 => n,
            Ok(_) => return args.bad(word, format!("{} too small", args.keyword())),
            Err(reason) => {
                return args.bad(
                    word,
                    format!("Bad {} number '{}': {reason}", args.keyword(), vis(word)),
                );
            }
        }
    };
    let interval = match args.input.words.get(1) {
        None => None,
        Some(word) if word.bytes == b"none" => {
            args.at = 2;
            None
        }
        Some(_) => Some(args.time()?),
    };
    Ok(Value::Rekey { limit, interval })
}

pub(crate) fn set_env(args: &mut Args<'_>) -> Result<Value, Fail> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let count = args.each(|args, word| {
        let Some(equals) = word.iter().position(|&b| b == b'=') else {
            return args.bad(word, "Invalid environment.");
        };
        let name = word.get(..=equals).unwrap_or_default();
        if !out.iter().any(|earlier| earlier.starts_with(name)) {
            out.push(word.to_vec());
        }
        Ok(())
    })?;
    if count == 0 && args.input.dialect.quirks.empty_lists_refused {
        return args.none_specified();
    }
    Ok(Value::Words(out))
}

pub(crate) fn subsystem(args: &mut Args<'_>) -> Result<Value, Fail> {
    let name = args.keyword_missing()?.to_vec();
    let program = match args.next() {
        Some(word) if !word.is_empty() => word,
        _ => return args.missing("Missing subsystem command."),
    };
    let quoting = args.input.dialect.quirks.subsystem_quoting;
    let mut command = Vec::new();
    let add = |word: &[u8], command: &mut Vec<u8>| {
        if quoting {
            let blank = word.iter().any(|b| matches!(b, b' ' | b'\t'));
            if blank {
                command.push(b'"');
            }
            for &b in word {
                if matches!(b, b'\'' | b'"' | b'\\') {
                    command.push(b'\\');
                }
                command.push(b);
            }
            if blank {
                command.push(b'"');
            }
        } else {
            command.extend_from_slice(word);
        }
    };
    add(program, &mut command);
    while let Some(word) = args.next() {
        command.push(b' ');
        add(word, &mut command);
    }
    Ok(Value::Subsystem { name, command })
}

pub(crate) fn startups(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.keyword_missing()?;
    let numbers = scan_numbers(word);
    let value = match numbers.as_slice() {
        [begin, rate, full] if begin <= full && (1..=100).contains(rate) => Some(Value::Startups {
            begin: *begin,
            rate: Some(*rate),
            full: *full,
        }),
        [begin] => Some(Value::Startups {
            begin: *begin,
            rate: None,
            full: *begin,
        }),
        _ => None,
    };
    match value {
        Some(Value::Startups { begin, rate, full }) if begin > 0 && full > 0 => {
            Ok(Value::Startups { begin, rate, full })
        }
        _ => args.bad(word, format!("Invalid {} spec.", args.keyword())),
    }
}

pub(crate) fn net_block(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.keyword_missing()?;
    match scan_numbers(word).as_slice() {
        [v4] if (0..=32).contains(v4) => Ok(Value::NetBlock { v4: *v4, v6: None }),
        [v4, v6, ..] if (0..=32).contains(v4) && (0..=128).contains(v6) => Ok(Value::NetBlock {
            v4: *v4,
            v6: Some(*v6),
        }),
        _ => args.bad(word, format!("Invalid {} spec.", args.keyword())),
    }
}

pub(crate) fn permit_open(args: &mut Args<'_>) -> Result<Value, Fail> {
    let listen = args.input.kw == Kw::PermitListen;
    let strict = args.input.dialect.quirks.permit_open_strict;
    let first = args.keyword_missing()?;
    args.at = 0;
    if !strict && (first == b"any" || first == b"none") {
        args.at = 1;
        return Ok(Value::Words(vec![first.to_vec()]));
    }
    let mut out: Vec<Vec<u8>> = Vec::new();
    while let Some(word) = args.next() {
        if strict && (word == b"any" || word == b"none") {
            if !out.is_empty() {
                return args.bad(
                    word,
                    format!(
                        "{} must appear alone on a {} line.",
                        vis(word),
                        args.keyword()
                    ),
                );
            }
            out.push(word.to_vec());
            continue;
        }
        if word.is_empty() && !strict {
            break;
        }
        let (kept, port) = if listen && !word.contains(&b':') {
            let mut kept = b"*:".to_vec();
            kept.extend_from_slice(word);
            (kept, Some(word))
        } else {
            match hpdelim(word) {
                Some((_, rest)) => (word.to_vec(), rest),
                None => return args.bad(word, format!("{} missing host", args.keyword())),
            }
        };
        if !port.is_some_and(|port| {
            port == b"*" || a2port(port, args.input.dialect.services.as_ref()).is_some()
        }) {
            return args.bad(word, format!("{} bad port number", args.keyword()));
        }
        out.push(kept);
    }
    Ok(Value::Words(out))
}

pub(crate) fn ipqos(args: &mut Args<'_>) -> Result<Value, Fail> {
    let first = args.keyword_missing()?;
    let take = |args: &Args<'_>, word: &[u8]| match parse_qos(word, args.input.dialect) {
        Some(value) => Ok(value),
        None => args.bad(word, format!("Bad {} value: {}", args.keyword(), vis(word))),
    };
    let interactive = take(args, first)?;
    let bulk = match args.next() {
        None => interactive,
        Some(word) => take(args, word)?,
    };
    Ok(Value::Qos(interactive, bulk))
}

#[allow(clippy::option_option)]
pub(crate) fn parse_qos(word: &[u8], dialect: &Dialect) -> Option<Option<u8>> {
    if let Some(&(name, value)) = QOS
        .iter()
        .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word))
    {
        let tos = matches!(name, "lowdelay" | "throughput" | "reliability");
        return Some(if tos && dialect.quirks.ipqos_tos_ignored {
            None
        } else {
            value
        });
    }
    let text = core::str::from_utf8(word).ok()?;
    let text = text.trim_start().trim_start_matches('+');
    let number = if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        u8::from_str_radix(hex, 16)
    } else if text.len() > 1 && text.starts_with('0') {
        u8::from_str_radix(text, 8)
    } else {
        text.parse()
    };
    number.ok().map(Some)
}

pub(crate) fn authentication_methods(args: &mut Args<'_>) -> Result<Value, Fail> {
    let looks_back = args.input.dialect.quirks.any_looks_back;
    let already = looks_back && args.input.methods_set;
    if args.input.dialect.quirks.methods_once && args.input.methods_set {
        let mut unread = Vec::new();
        args.each(|_, word| {
            unread.push(word.to_vec());
            Ok(())
        })?;
        return Ok(Value::Words(unread));
    }
    let mut any = false;
    let mut out: Vec<Vec<u8>> = Vec::new();
    args.each(|args, word| {
        let alone = |args: &Args<'_>| {
            args.fatal(
                ProblemKind::BadValue {
                    value: word.to_vec(),
                },
                format!("\"any\" must appear alone in {}", args.keyword()),
            )
        };
        if word == b"any" {
            // The older code asks what the options hold, which this line fills only when it is active.
            let before = if looks_back {
                already || args.input.active && !out.is_empty()
            } else {
                !out.is_empty()
            };
            if before {
                return alone(args);
            }
            any = true;
        } else if any {
            return alone(args);
        } else if !methods_valid(word, args.input.dialect) {
            return args.bad(word, format!("invalid {} method list.", args.keyword()));
        }
        out.push(word.to_vec());
        Ok(())
    })?;
    if out.is_empty() {
        return args.none_specified();
    }
    Ok(Value::Words(out))
}

/// `auth2_methods_valid` without asking whether they are enabled.
pub(crate) fn methods_valid(list: &[u8], dialect: &Dialect) -> bool {
    !list.is_empty()
        && list
            .split(|&b| b == b',')
            .all(|method| method_known(method_name(method), dialect))
}

/// A method without its `:device`.
pub(crate) fn method_name(method: &[u8]) -> &[u8] {
    method.split(|&b| b == b':').next().unwrap_or_default()
}

pub(crate) fn method_known(name: &[u8], dialect: &Dialect) -> bool {
    match name {
        b"none" | b"publickey" | b"password" | b"keyboard-interactive" | b"hostbased" => true,
        b"gssapi-with-mic" => dialect.features.gssapi,
        b"gssapi-keyex" => dialect.knows(Kw::GSSAPIKeyExchange),
        _ => false,
    }
}

pub(crate) fn channel_timeout(args: &mut Args<'_>) -> Result<Value, Fail> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let count = args.each(|args, word| {
        if word.eq_ignore_ascii_case(b"none") {
            if !out.is_empty() || args.remaining() > 0 {
                return args.none_alone(word);
            }
        } else {
            let equals = word.iter().position(|&b| b == b'=');
            let valid = equals.is_some_and(|at| {
                at > 0
                    && word
                        .get(at + 1..)
                        .and_then(|time| time_value(time, args.input.dialect))
                        .is_some()
            });
            if !valid {
                return args.bad(word, format!("invalid channel timeout {}", vis(word)));
            }
        }
        out.push(word.to_vec());
        Ok(())
    })?;
    if count == 0 && args.input.dialect.quirks.empty_lists_refused {
        return args.none_specified();
    }
    Ok(Value::Words(out))
}

pub(crate) fn listen(args: &mut Args<'_>) -> Result<Value, Fail> {
    let word = args.required("missing address")?;
    let colons = word.iter().filter(|&&b| b == b':').count();
    let (host, port) = if !word.contains(&b'[') && colons >= 2 {
        (word.to_vec(), 0)
    } else {
        let Some((host, port)) = hpdelim(word) else {
            return args.bad(word, "bad address:port usage");
        };
        let port = match port {
            None => 0,
            Some(text) => match a2port(text, args.input.dialect.services.as_ref()) {
                Some(port) if port > 0 => port,
                _ => return args.bad(word, "bad port number"),
            },
        };
        let host = match host {
            [b'[', inner @ .., b']'] => inner,
            other => other,
        };
        (host.to_vec(), port)
    };
    if let Some(next) = args.next() {
        if next != b"rdomain" || args.next().is_none() {
            return args.bad(next, "bad ListenAddress syntax");
        }
        return args.bad(next, "bad routing domain");
    }
    Ok(Value::Listen { host, port })
}
