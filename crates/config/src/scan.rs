//! The C library's ways with numbers, as far as sshd's configuration leans on them.

use alloc::vec::Vec;

/// `hpdelim`: host and what follows `:`; a `/` is refused.
pub(crate) fn hpdelim(text: &[u8]) -> Option<(&[u8], Option<&[u8]>)> {
    let at = if text.first() == Some(&b'[') {
        text.iter().position(|&b| b == b']')? + 1
    } else {
        text.iter()
            .position(|&b| matches!(b, b':' | b'/'))
            .unwrap_or(text.len())
    };
    match text.get(at) {
        None => Some((text, None)),
        Some(b':') => Some((text.get(..at)?, text.get(at + 1..))),
        Some(_) => None,
    }
}

/// `strtonum`.
pub(crate) fn strtonum(text: &[u8], low: i64, high: i64) -> Result<i64, &'static str> {
    if text.is_empty() {
        return Err("missing");
    }
    let (number, used, overflow) = strtoll(text).ok_or("invalid")?;
    if used != text.len() {
        return Err("invalid");
    }
    if overflow {
        return Err(if number < 0 { "too small" } else { "too large" });
    }
    if number < low {
        Err("too small")
    } else if number > high {
        Err("too large")
    } else {
        Ok(number)
    }
}

/// `strtoll` base 10: value, bytes used, overflow.
fn strtoll(text: &[u8]) -> Option<(i64, usize, bool)> {
    let blank = text
        .iter()
        .take_while(|b| b.is_ascii_whitespace() || **b == 0x0b)
        .count();
    let (negative, sign) = match text.get(blank) {
        Some(b'-') => (true, 1),
        Some(b'+') => (false, 1),
        _ => (false, 0),
    };
    let digits = text
        .get(blank + sign..)?
        .iter()
        .take_while(|b| b.is_ascii_digit());
    let (mut value, mut count, mut overflow) = (0i64, 0usize, false);
    for d in digits {
        count += 1;
        let digit = i64::from(d - b'0');
        let next = value.checked_mul(10).and_then(|v| {
            if negative {
                v.checked_sub(digit)
            } else {
                v.checked_add(digit)
            }
        });
        match next {
            Some(next) => value = next,
            None => {
                overflow = true;
                value = if negative { i64::MIN } else { i64::MAX };
            }
        }
    }
    (count > 0).then_some((value, blank + sign + count, overflow))
}

/// `sscanf("%d:%d:%d")`.
pub(crate) fn scan_numbers(text: &[u8]) -> Vec<i64> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some((number, used, _)) = strtoll(rest) {
        // %d stores an int.
        #[allow(clippy::cast_possible_truncation)]
        let stored = i64::from(number as i32);
        out.push(stored);
        rest = rest.get(used..).unwrap_or_default();
        match rest {
            [b':', tail @ ..] if out.len() < 3 => rest = tail,
            _ => break,
        }
    }
    out
}

/// TCP services by name, as services(5) has them.
pub type Services = Vec<(Vec<u8>, u16)>;

/// `a2port`: a number or a service's name; of `services`, or of those that every services file has.
pub(crate) fn a2port(text: &[u8], services: Option<&Services>) -> Option<u16> {
    if let Ok(port) = strtonum(text, 0, 65535) {
        return u16::try_from(port).ok();
    }
    if let Some(services) = services {
        let named = services.iter().find(|(name, _)| name == text);
        return named.map(|&(_, port)| port);
    }
    match text {
        b"ssh" => Some(22),
        b"domain" => Some(53),
        b"http" => Some(80),
        b"https" => Some(443),
        b"ldap" => Some(389),
        b"smtp" => Some(25),
        b"telnet" => Some(23),
        _ => None,
    }
}

/// `convtime`: seconds.
#[must_use]
pub fn convtime(text: &[u8]) -> Option<i64> {
    if text.is_empty() {
        return None;
    }
    let limit = i64::from(i32::MAX);
    let (mut total, mut rest) = (0i64, text);
    while !rest.is_empty() {
        let (number, used, overflow) = strtoll(rest)?;
        if number < 0 || overflow {
            return None;
        }
        rest = rest.get(used..)?;
        let unit = match rest.first() {
            None => 1,
            Some(b's' | b'S') => 1,
            Some(b'm' | b'M') => 60,
            Some(b'h' | b'H') => 3600,
            Some(b'd' | b'D') => 86400,
            Some(b'w' | b'W') => 604_800,
            Some(_) => return None,
        };
        rest = rest.get(1..).unwrap_or_default();
        let seconds = number.checked_mul(unit).filter(|&s| s <= limit)?;
        total = total.checked_add(seconds).filter(|&t| t <= limit)?;
    }
    Some(total)
}

/// `convtime` of 10.3 and newer: no signs, a fraction for seconds (dropped), seconds once.
pub(crate) fn convtime_decimal(text: &[u8]) -> Option<i64> {
    let (mut total, mut rest, mut seconds_seen) = (0i64, text, false);
    if text.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let length = rest
            .iter()
            .take_while(|b| b.is_ascii_digit() || **b == b'.')
            .count();
        let (number, tail) = rest.split_at_checked(length)?;
        let mut parts = number.split(|&b| b == b'.');
        let whole = parts.next()?;
        let fraction = parts.next();
        if parts.next().is_some() || fraction.is_some_and(<[u8]>::is_empty) || number.is_empty() {
            return None;
        }
        let unit = match tail.first() {
            None | Some(b's' | b'S') if seconds_seen => return None,
            None | Some(b's' | b'S') => {
                seconds_seen = true;
                1
            }
            Some(b'm' | b'M') => 60,
            Some(b'h' | b'H') => 3600,
            Some(b'd' | b'D') => 86400,
            Some(b'w' | b'W') => 604_800,
            Some(_) => return None,
        };
        if fraction.is_some() && unit != 1 {
            return None;
        }
        let value = whole.iter().try_fold(0i64, |n, d| {
            n.checked_mul(10)?.checked_add(i64::from(d - b'0'))
        })?;
        total = total.checked_add(value.checked_mul(unit)?)?;
        rest = tail.get(1..).unwrap_or_default();
    }
    (total <= i64::from(i32::MAX)).then_some(total)
}

pub(crate) fn octal_prefix(text: &[u8]) -> Option<i64> {
    let blank = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = text.get(blank..)?;
    let rest = rest.strip_prefix(b"+").unwrap_or(rest);
    let digits: Vec<u8> = rest
        .iter()
        .copied()
        .take_while(|b| (b'0'..=b'7').contains(b))
        .collect();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0i64, |n, d| {
        n.checked_mul(8)?.checked_add(i64::from(d - b'0'))
    })
}

/// `scan_scaled`: a number with an optional fraction and one of `BKMGTPE`.
pub(crate) fn scan_scaled(text: &[u8]) -> Result<i64, &'static str> {
    const INVALID: &str = "Invalid argument";
    const RANGE: &str = "Numerical result out of range";
    let blank = text.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let rest = text.get(blank..).unwrap_or_default();
    let (negative, rest) = match rest {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, rest),
    };
    let whole_digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut whole = 0i64;
    for d in rest.get(..whole_digits).unwrap_or_default() {
        whole = whole
            .checked_mul(10)
            .and_then(|w| w.checked_add(i64::from(d - b'0')))
            .ok_or(RANGE)?;
    }
    let mut tail = rest.get(whole_digits..).unwrap_or_default();
    let (mut fraction, mut fraction_digits) = (0i64, 0u32);
    if let [b'.', after @ ..] = tail {
        let digits = after.iter().take_while(|b| b.is_ascii_digit()).count();
        for d in after.get(..digits).unwrap_or_default().iter().take(16) {
            fraction = fraction * 10 + i64::from(d - b'0');
            fraction_digits += 1;
        }
        tail = after.get(digits..).unwrap_or_default();
    }
    // No digit at all is a zero: `RekeyLimit -` is accepted.
    let scale = match tail {
        [] => return Ok(if negative { -whole } else { whole }),
        [unit] => match unit.to_ascii_uppercase() {
            b'B' => 1i64,
            b'K' => 1 << 10,
            b'M' => 1 << 20,
            b'G' => 1 << 30,
            b'T' => 1 << 40,
            b'P' => 1 << 50,
            b'E' => 1 << 60,
            _ => return Err(INVALID),
        },
        _ => return Err(INVALID),
    };
    let value = whole.checked_mul(scale).ok_or(RANGE)?;
    let divisor = 10i128.pow(fraction_digits);
    let part =
        i64::try_from(i128::from(fraction) * i128::from(scale) / divisor).map_err(|_| RANGE)?;
    let value = value.checked_add(part).ok_or(RANGE)?;
    Ok(if negative { -value } else { value })
}
