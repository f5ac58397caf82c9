//! pam_time: time.conf(5).

use super::ask::{Ask, Reply, TTY};
use super::code;
use crate::found;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use sshwhy_causes::signature::pam_time;
use sshwhy_world::{Civil, Gap, World};

const DAY: i64 = 86_400;
const DAYS: [(&[u8; 2], u32); 10] = [
    (b"su", 0o1),
    (b"mo", 0o2),
    (b"tu", 0o4),
    (b"we", 0o10),
    (b"th", 0o20),
    (b"fr", 0o40),
    (b"sa", 0o100),
    (b"wk", 0o76),
    (b"wd", 0o101),
    (b"al", 0o177),
];

/// The server's local day of the week (one bit) and time (hour * 100 + minute).
#[derive(Clone, Copy)]
struct Now {
    day: u32,
    minute: u32,
}

pub(super) fn account(ask: &mut Ask<'_, '_>) -> Result<Reply, Gap> {
    let file = ask.option(b"conffile").filter(|f| !f.is_empty());
    let file = file.unwrap_or(b"/etc/security/time.conf").to_vec();
    let Ok(text) = ask.read(&file)? else {
        return Ok(code::SUCCESS.into());
    };
    let now = local_now(ask.pass.world)?;
    let mut fields = Fields {
        text: &text,
        line: 1,
        started: 1,
        comment: false,
    };
    let mut refused: Option<u64> = None;
    while let Some((service, end)) = fields.next() {
        let line = fields.started;
        if service.is_empty() || end != Ends::Field {
            continue;
        }
        let mut good = logic(&service, &mut |t| is_same(ask.service, t));
        let Some((tty, end)) = fields.next() else {
            break;
        };
        if end != Ends::Field {
            continue;
        }
        good &= logic(&tty, &mut |t| is_same(TTY, t));
        let Some((user, end)) = fields.next() else {
            break;
        };
        if end != Ends::Field {
            continue;
        }
        good &= if user.first() == Some(&b'@') {
            let gap = Gap::not_looked(
                format!(
                    "whether the netgroup {} of time.conf fits",
                    user.escape_ascii()
                ),
                "netgroups were not looked up",
                "getent netgroup, on the server",
            );
            ask.choices.pick(2, &gap) == 1
        } else {
            let name = &ask.account.name;
            logic(&user, &mut |t| is_same(name, t))
        };
        let Some((times, end)) = fields.next() else {
            break;
        };
        if end == Ends::Field {
            continue;
        }
        if good && !logic(&times, &mut |t| in_time(now, t)) {
            refused = refused.or(Some(line));
        }
    }
    let Some(line) = refused else {
        return Ok(code::SUCCESS.into());
    };
    let raw = text
        .split(|&b| b == b'\n')
        .nth(usize::try_from(line).unwrap_or(0).saturating_sub(1))
        .unwrap_or(b"");
    let mut finding = ask
        .finding(&pam_time::CAUSE)
        .arg("file", file.as_slice())
        .arg("line", line.to_string())
        .arg(
            "date",
            format!("{:02}:{:02}", now.minute / 100, now.minute % 100),
        );
    finding
        .evidence
        .insert(0, found::text(&file, line, raw, 0..raw.len()));
    Ok(Reply {
        code: code::PERM_DENIED,
        finding: Some(finding),
    })
}

/// localtime(3) of the server's clock, by asking for the civil time that means this instant.
fn local_now(world: &dyn World) -> Result<Now, Gap> {
    let now = world.now();
    let mut local = now;
    for _ in 0..4 {
        let instant = world.local_time(civil(local)).known()?;
        if instant == now {
            let minute = local.rem_euclid(DAY) / 60;
            // The epoch was a Thursday.
            let weekday = (local.div_euclid(DAY) + 4).rem_euclid(7);
            return Ok(Now {
                day: 1 << weekday,
                minute: (minute / 60 * 100 + minute % 60) as u32,
            });
        }
        local = local.saturating_add(now - instant);
    }
    Err(Gap::could_not(
        "the server's local time",
        "its clock is being put back or forward at this hour",
        "date, on the server",
    ))
}

fn civil(seconds: i64) -> Civil {
    // Civil from days, after Howard Hinnant's public-domain algorithm.
    let days = seconds.div_euclid(DAY) + 719_468;
    let rest = seconds.rem_euclid(DAY);
    let era = days.div_euclid(146_097);
    let doe = days.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    Civil {
        year: u16::try_from(year).unwrap_or(1970),
        month: month as u8,
        day: (doy - (153 * mp + 2) / 5 + 1) as u8,
        hour: (rest / 3_600) as u8,
        minute: (rest / 60 % 60) as u8,
        second: (rest % 60) as u8,
    }
}

/// What ended a field.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Field,
    Line,
    /// The file, with no newline at its end: a field that is not a comment is lost.
    File,
}

/// `read_field`
struct Fields<'a> {
    text: &'a [u8],
    line: u64,
    /// The line on which the last field began.
    started: u64,
    comment: bool,
}

impl Fields<'_> {
    fn next(&mut self) -> Option<(Vec<u8>, Ends)> {
        if self.text.is_empty() {
            return None;
        }
        self.started = self.line;
        let mut out: Vec<u8> = Vec::new();
        let mut blank = true;
        let mut i = 0;
        while let Some(&b) = self.text.get(i) {
            i += 1;
            if self.comment && b != b'\n' {
                continue;
            }
            let end = match b {
                b'\n' => Ends::Line,
                b';' => Ends::Field,
                b'\t' | b' ' => {
                    if !blank {
                        blank = true;
                        out.push(b' ');
                    }
                    continue;
                }
                b'!' => {
                    blank = true;
                    out.push(b'!');
                    continue;
                }
                b'#' => {
                    self.comment = true;
                    continue;
                }
                b'\\' if self.text.get(i) == Some(&b'\n') => {
                    i += 1;
                    self.line += 1;
                    continue;
                }
                _ => {
                    out.push(b);
                    blank = false;
                    continue;
                }
            };
            self.text = self.text.get(i..).unwrap_or(b"");
            if end == Ends::Line {
                self.comment = false;
                self.line += 1;
            }
            return Some((out.trim_ascii_end().to_vec(), end));
        }
        self.text = b"";
        if !self.comment {
            out.clear();
        }
        Some((out.trim_ascii_end().to_vec(), Ends::File))
    }
}

fn is_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"*_-./:".contains(&b)
}

/// `logic_field`: names joined by `&` and `|`, from left to right, each perhaps after `!`.
fn logic(field: &[u8], agrees: &mut dyn FnMut(&[u8]) -> bool) -> bool {
    let (mut left, mut not, mut and, mut value_next) = (false, false, false, true);
    let mut rest = field;
    loop {
        let skip = rest
            .iter()
            .take_while(|&&b| !is_name(b) && !b"&|!".contains(&b))
            .count();
        rest = rest.get(skip..).unwrap_or(b"");
        let Some(&first) = rest.first() else {
            return left;
        };
        let len = if is_name(first) {
            rest.iter().take_while(|&&b| is_name(b)).count()
        } else {
            1
        };
        let member = rest.get(..len).unwrap_or(b"");
        match (value_next, first) {
            (true, b'!') => not = !not,
            (true, _) if is_name(first) => {
                let right = not ^ agrees(member);
                left = if and { left & right } else { left | right };
                value_next = false;
            }
            (false, b'&' | b'|') => {
                and = first == b'&';
                value_next = true;
                not = false;
            }
            _ => return false,
        }
        rest = rest.get(len..).unwrap_or(b"");
    }
}

/// `is_same`: one `*` stands for any text.
fn is_same(text: &[u8], pattern: &[u8]) -> bool {
    match pattern.iter().position(|&b| b == b'*') {
        // A star that the text itself holds in this place is compared as a letter.
        Some(star) if text.get(star) != Some(&b'*') => {
            let (head, tail) = pattern.split_at(star);
            let tail = tail.get(1..).unwrap_or(b"");
            text.starts_with(head) && text.len() >= tail.len() && text.ends_with(tail)
        }
        _ => text == pattern,
    }
}

/// `check_time`: days and a span, such as `Wk0900-1700`.
fn in_time(now: Now, times: &[u8]) -> bool {
    let mut rest = times;
    let mut marked = 0u32;
    while rest.first().is_some_and(u8::is_ascii_alphabetic) {
        let Some((word, more)) = rest.split_first_chunk::<2>() else {
            return false;
        };
        let Some((_, bits)) = DAYS.iter().find(|(d, _)| d.eq_ignore_ascii_case(word)) else {
            return false;
        };
        marked ^= bits;
        rest = more;
    }
    if marked == 0 {
        return false;
    }
    let digits = |text: &[u8]| {
        text.iter()
            .take(4)
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let number = |text: &[u8]| text.iter().fold(0, |n, b| n * 10 + u32::from(b - b'0'));
    let n = digits(rest);
    let (start, tail) = rest.split_at(n);
    let start = number(start);
    let Some(end) = tail.strip_prefix(b"-").filter(|t| digits(t) == 4) else {
        // Unreadable times do not keep anybody out.
        return true;
    };
    let end = number(end.get(..4).unwrap_or(b""));
    let today = now.day & marked != 0;
    if start < end {
        return today && now.minute >= start && now.minute < end;
    }
    if today && now.minute >= start {
        return true;
    }
    let next = (marked << 1) | u32::from(marked & 0o100 != 0);
    now.day & next != 0 && now.minute <= end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_may_run_into_the_next_day() {
        let monday_noon = Now {
            day: 0o2,
            minute: 1200,
        };
        assert!(in_time(monday_noon, b"Wk0900-1700"));
        assert!(!in_time(monday_noon, b"Wd0900-1700"));
        assert!(!in_time(monday_noon, b"AlMo0900-1700"));
        assert!(!in_time(
            Now {
                day: 0o2,
                minute: 1700
            },
            b"Mo0900-1700"
        ));
        assert!(in_time(
            Now {
                day: 0o4,
                minute: 500
            },
            b"Mo2200-0600"
        ));
        assert!(in_time(
            Now {
                day: 0o1,
                minute: 500
            },
            b"Sa2200-0600"
        ));
    }

    #[test]
    fn fields_combine_from_left_to_right() {
        let is = |field: &[u8]| logic(field, &mut |t| is_same(b"alice", t));
        assert!(is(b"alice|bob"));
        assert!(is(b"!bob"));
        assert!(!is(b"!alice"));
        assert!(is(b"bob & carol | al*"));
        assert!(!is(b"alice & ! al*ce"));
        assert!(is(b"*"));
    }

    #[test]
    fn a_date_splits_into_its_fields() {
        let c = civil(1_795_305_600);
        assert_eq!((c.year, c.month, c.day, c.hour), (2026, 11, 22, 0));
    }
}
