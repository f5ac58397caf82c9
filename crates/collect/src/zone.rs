//! What a local time means on the server.

use crate::tree::Tree;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use sshwhy_world::{Civil, Fact, Gap};
use std::cell::OnceCell;

/// The server's time zone, read when it is asked for.
#[derive(Default)]
pub(crate) struct Zone(OnceCell<Result<TimeZone, String>>);

impl Zone {
    fn load(&self, tree: &Tree) -> &Result<TimeZone, String> {
        self.0
            .get_or_init(|| match tree.system_file(b"/etc/localtime", 1 << 20) {
                // No file means UTC, says tzset(3).
                None => Ok(TimeZone::UTC),
                Some(data) => TimeZone::tzif("localtime", &data).map_err(|e| e.to_string()),
            })
    }

    /// mktime(3) with `tm_isdst` of 0, which is what sshd's `parse_absolute_time()` leaves it at:
    /// a time without a zone is *standard* time, in summer too.
    pub(crate) fn instant(&self, tree: &Tree, civil: Civil) -> Fact<i64> {
        match self.load(tree) {
            Ok(zone) => Fact::Known(standard(zone, civil)),
            Err(why) => Fact::Unknown(Gap::could_not(
                "the time zone",
                format!("/etc/localtime: {why}"),
                "write the time with Z at its end",
            )),
        }
    }
}

impl Zone {
    /// The instant of a time on the wall, summer time included: how logs write it.
    pub(crate) fn wall_clock(&self, tree: &Tree, civil: Civil) -> Option<i64> {
        let zone = self.load(tree).as_ref().ok()?;
        let near = Timestamp::from_second(civil.utc()).ok()?;
        let wall = Offset::UTC.to_datetime(near);
        let then = zone.to_ambiguous_timestamp(wall).compatible().ok()?;
        Some(then.as_second())
    }
}

fn standard(zone: &TimeZone, civil: Civil) -> i64 {
    let as_utc = civil.utc();
    // Days past the end of a month run on, so the date goes through the instant.
    let Ok(near) = Timestamp::from_second(as_utc) else {
        return as_utc;
    };
    let wall: DateTime = Offset::UTC.to_datetime(near);
    let Ok(then) = zone.to_ambiguous_timestamp(wall).earlier() else {
        return as_utc;
    };
    let info = zone.to_offset_info(then);
    let mut offset = info.offset();
    if info.dst().is_dst() {
        // As mktime does: the offset of the nearest time that is not summer time.
        let before = zone.preceding(then).take(64).find_map(|t| {
            // A transition says what holds after it; what holds before is asked one second earlier.
            let earlier = t
                .timestamp()
                .checked_sub(jiff::SignedDuration::from_secs(1))
                .ok()?;
            let info = zone.to_offset_info(earlier);
            let away = then.as_second() - earlier.as_second();
            (!info.dst().is_dst()).then(|| (away, info.offset()))
        });
        let after = zone.following(then).take(64).find_map(|t| {
            let away = t.timestamp().as_second() - then.as_second();
            (!t.dst().is_dst()).then(|| (away, t.offset()))
        });
        let nearest = match (before, after) {
            (Some(b), Some(a)) => Some(if b.0 <= a.0 { b } else { a }),
            (one, other) => one.or(other),
        };
        if let Some((_, o)) = nearest {
            offset = o;
        }
    }
    as_utc - i64::from(offset.seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(month: u8, day: u8, hour: u8) -> i64 {
        let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let civil = Civil {
            year: 2026,
            month,
            day,
            hour,
            minute: 30,
            second: 0,
        };
        (civil.utc() - standard(&zone, civil)) / 3600
    }

    #[test]
    fn a_time_without_a_zone_is_standard_time_even_in_summer() {
        // Compared with mktime(3) of glibc 2.36 for Europe/Berlin and tm_isdst of 0.
        for (month, day, hour) in [
            (1, 15, 12),
            (7, 15, 12),
            (3, 29, 3),
            (10, 25, 1),
            (10, 25, 2),
        ] {
            assert_eq!(at(month, day, hour), 1, "{month}-{day} {hour}:30");
        }
    }
}
