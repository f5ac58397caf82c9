//! PerSourcePenalties (9.8 and newer).

use alloc::format;
use alloc::vec::Vec;

use crate::problem::{ProblemKind, Severity, vis};
use crate::value::{Fail, Input, Value, convtime, strtonum};

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
