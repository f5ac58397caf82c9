//! PerSourcePenalties (9.8 and newer).

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::dialect::{Dialect, Version};
use crate::effective::Effective;
use crate::keyword::Kw;
use crate::problem::{ProblemKind, Severity, vis};
use crate::scan::{convtime, strtonum};
use crate::value::{Fail, Input, Value};

const TIMES: [&str; 8] = [
    "crash:",
    "authfail:",
    "invaliduser:",
    "noauth:",
    "grace-exceeded:",
    "refuseconnection:",
    "max:",
    "min:",
];
const COUNTS: [&str; 2] = ["max-sources4:", "max-sources6:"];
const MODES: [&str; 4] = [
    "overflow:deny-all",
    "overflow:permissive",
    "overflow6:deny-all",
    "overflow6:permissive",
];

pub(crate) fn parse(input: &Input<'_>) -> Result<Value, Fail> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let keyword = vis(input.keyword);
    let fail = |index: usize, value: &[u8], message| Fail {
        severity: Severity::Fatal,
        kind: ProblemKind::BadValue {
            value: value.to_vec(),
        },
        word: Some(index),
        message: Some(message),
    };
    for (index, word) in input.words.iter().enumerate() {
        let bytes = word.bytes.as_slice();
        let strip = |prefix: &&str| bytes.strip_prefix(prefix.as_bytes());
        if bytes.eq_ignore_ascii_case(b"no") || bytes.eq_ignore_ascii_case(b"yes") {
            if index + 1 < input.words.len() {
                let message = format!(
                    "keyword {keyword} \"{}\" argument must appear alone.",
                    vis(bytes)
                );
                return Err(fail(index, bytes, message));
            }
        } else if let Some(time) = TIMES.iter().find_map(strip) {
            if convtime(time).is_none() && !fractional(time) {
                return Err(fail(index, bytes, format!("invalid {keyword} time value.")));
            }
        } else if let Some(count) = COUNTS.iter().find_map(strip) {
            if let Err(reason) = strtonum(count, 0, i64::from(i32::MAX)) {
                return Err(fail(index, bytes, format!("{keyword} value {reason}.")));
            }
        } else if !MODES.iter().any(|mode| mode.as_bytes() == bytes) {
            return Err(fail(
                index,
                bytes,
                format!("unsupported {keyword} keyword {}", vis(bytes)),
            ));
        }
        out.push(bytes.to_vec());
    }
    if out.is_empty() {
        return Err(Fail {
            severity: Severity::Fatal,
            kind: ProblemKind::MissingArgument,
            word: None,
            message: Some(format!("no {keyword} specified")),
        });
    }
    Ok(Value::Words(out))
}

/// Seconds with a fraction (10.3 and newer).
fn fractional(text: &[u8]) -> bool {
    core::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .is_some_and(|n| n >= 0.0)
}

struct Penalty {
    name: &'static str,
    default: f64,
    since: Version,
}

/// In the order `-T` prints them.
const PENALTIES: [Penalty; 8] = [
    Penalty {
        name: "crash",
        default: 90.0,
        since: Version::new(9, 8, 0),
    },
    Penalty {
        name: "authfail",
        default: 5.0,
        since: Version::new(9, 8, 0),
    },
    Penalty {
        name: "noauth",
        default: 1.0,
        since: Version::new(9, 8, 0),
    },
    Penalty {
        name: "invaliduser",
        default: 5.0,
        since: Version::new(10, 3, 0),
    },
    Penalty {
        name: "grace-exceeded",
        default: 10.0,
        since: Version::new(9, 8, 0),
    },
    Penalty {
        name: "refuseconnection",
        default: 10.0,
        since: Version::new(9, 9, 0),
    },
    Penalty {
        name: "max",
        default: 600.0,
        since: Version::new(9, 8, 0),
    },
    Penalty {
        name: "min",
        default: 15.0,
        since: Version::new(9, 8, 0),
    },
];

/// The first value of each; any value given after a `no` switches penalties on again.
pub(crate) fn text(effective: &Effective<'_>, dialect: &Dialect) -> String {
    let words = effective.words(Kw::PerSourcePenalties).value;
    let mut enabled: Option<bool> = None;
    let mut seen: Vec<&[u8]> = Vec::new();
    let mut given: Vec<(&[u8], &[u8])> = Vec::new();
    for word in words {
        if word.eq_ignore_ascii_case(b"no") || word.eq_ignore_ascii_case(b"yes") {
            enabled.get_or_insert(word.eq_ignore_ascii_case(b"yes"));
            continue;
        }
        let colon = word.iter().position(|&b| b == b':').unwrap_or(word.len());
        let (name, value) = word.split_at_checked(colon).unwrap_or((word, b""));
        if !seen.contains(&name) {
            seen.push(name);
            given.push((name, value.get(1..).unwrap_or_default()));
            enabled = Some(true);
        }
    }
    if enabled == Some(false) {
        return String::from("no");
    }
    let find = |name: &str| {
        given
            .iter()
            .find(|(have, _)| *have == name.as_bytes())
            .map(|(_, value)| *value)
    };
    let fractions = dialect.version >= Version::new(10, 3, 0);
    let mut out: Vec<String> = Vec::new();
    for penalty in PENALTIES
        .iter()
        .filter(|penalty| penalty.since <= dialect.version)
    {
        let default = if penalty.name == "grace-exceeded" && dialect.version < Version::new(9, 9, 0)
        {
            20.0
        } else {
            penalty.default
        };
        let value = find(penalty.name).and_then(seconds).unwrap_or(default);
        out.push(if fractions {
            format!("{}:{value:.6}", penalty.name)
        } else {
            format!("{}:{value:.0}", penalty.name)
        });
    }
    for name in ["max-sources4", "max-sources6"] {
        let value = find(name)
            .and_then(|text| strtonum(text, 0, i64::from(i32::MAX)).ok())
            .unwrap_or(65536);
        out.push(format!("{name}:{value}"));
    }
    let mode = find("overflow").unwrap_or(b"permissive");
    let mode6 = find("overflow6").unwrap_or(mode);
    out.push(format!("overflow:{}", vis(mode)));
    out.push(format!("overflow6:{}", vis(mode6)));
    out.join(" ")
}

#[allow(clippy::cast_precision_loss)]
fn seconds(text: &[u8]) -> Option<f64> {
    match convtime(text) {
        Some(n) => Some(n as f64),
        None => core::str::from_utf8(text).ok()?.parse().ok(),
    }
}
