//! How many connections there may be, in all and from one source, and who has to wait
//! (sshd: MaxStartups, PerSourceMaxStartups, PerSourcePenalties).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Caps. A source is an IPv4 address or an IPv6 network of 64 bits.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Most connections at a time.
    pub connections: usize,
    /// Most connections at a time from one source.
    pub per_source: usize,
    /// Time to log in (sshd: LoginGraceTime).
    pub grace: Duration,
    /// Most refused requests of one connection (sshd: MaxAuthTries).
    pub tries: usize,
    /// How long a source waits for each connection that ended without a login, up to ten of them.
    /// Zero: nobody waits.
    pub penalty: Duration,
    /// Most sessions in one connection (sshd: MaxSessions).
    pub sessions: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: 1024,
            per_source: 32,
            grace: Duration::from_secs(120),
            tries: 6,
            penalty: Duration::from_secs(1),
            sessions: 10,
        }
    }
}

/// Most sources that are remembered.
const MOST_SOURCES: usize = 1 << 16;
/// Most penalties that add up.
const MOST_PENALTIES: u32 = 10;

#[derive(Default)]
struct Source {
    open: usize,
    waits: Option<Instant>,
}

#[derive(Default)]
struct Counts {
    open: usize,
    sources: HashMap<IpAddr, Source>,
}

/// The count of connections.
#[derive(Clone, Default)]
pub(crate) struct Door(Arc<Mutex<Counts>>);

/// Why a connection is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// There are too many.
    Full,
    /// There are too many from this source.
    Source,
    /// This source has to wait.
    Waits,
}

impl Closed {
    const ALL: [Closed; 3] = [Closed::Full, Closed::Source, Closed::Waits];

    /// Its number between two processes.
    pub(crate) fn number(self) -> u8 {
        let at = Closed::ALL.iter().position(|c| *c == self);
        at.and_then(|n| u8::try_from(n).ok()).unwrap_or(u8::MAX)
    }

    pub(crate) fn by_number(number: u8) -> Option<Closed> {
        Closed::ALL.get(usize::from(number)).copied()
    }

    /// In words.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Closed::Full => "too many connections",
            Closed::Source => "too many connections from this source",
            Closed::Waits => "this source has to wait after connections without a login",
        }
    }
}

/// One connection's place. It is given back on drop.
pub(crate) struct Place {
    door: Door,
    source: IpAddr,
}

fn source(addr: IpAddr) -> IpAddr {
    match addr.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
        v4 => v4,
    }
}

impl Door {
    fn counts(&self) -> MutexGuard<'_, Counts> {
        // Counters hold whatever panicked beside them.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for a connection from `addr`.
    pub(crate) fn enter(&self, addr: IpAddr, limits: &Limits) -> Result<Place, Closed> {
        let source = source(addr);
        let now = Instant::now();
        let mut counts = self.counts();
        if counts.open >= limits.connections {
            return Err(Closed::Full);
        }
        if counts.sources.len() >= MOST_SOURCES {
            counts
                .sources
                .retain(|_, s| s.open > 0 || s.waits.is_some_and(|w| w > now));
            if counts.sources.len() >= MOST_SOURCES && !counts.sources.contains_key(&source) {
                return Err(Closed::Full);
            }
        }
        let one = counts.sources.entry(source).or_default();
        // A penalty below a few connections' worth is no reason yet: people mistype.
        let free = limits.penalty * 3;
        if one.waits.is_some_and(|w| w > now + free) {
            return Err(Closed::Waits);
        }
        if one.open >= limits.per_source {
            return Err(Closed::Source);
        }
        one.open += 1;
        counts.open += 1;
        Ok(Place {
            door: self.clone(),
            source,
        })
    }

    /// A login succeeded: its source need not wait any longer.
    pub(crate) fn logged_in(&self, addr: IpAddr) {
        if let Some(one) = self.counts().sources.get_mut(&source(addr)) {
            one.waits = None;
        }
    }

    /// A connection ended without a login.
    pub(crate) fn penalise(&self, addr: IpAddr, limits: &Limits) {
        if limits.penalty.is_zero() {
            return;
        }
        let now = Instant::now();
        let mut counts = self.counts();
        let known =
            counts.sources.len() < MOST_SOURCES || counts.sources.contains_key(&source(addr));
        if known {
            let one = counts.sources.entry(source(addr)).or_default();
            let most = now + limits.penalty * MOST_PENALTIES;
            let from = one.waits.map_or(now, |w| w.max(now));
            one.waits = Some((from + limits.penalty).min(most));
        }
    }

    /// How many connections there are.
    pub(crate) fn open(&self) -> usize {
        self.counts().open
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.door.counts();
        counts.open = counts.open.saturating_sub(1);
        let now = Instant::now();
        if let Some(one) = counts.sources.get_mut(&self.source) {
            one.open = one.open.saturating_sub(1);
            if one.open == 0 && one.waits.is_none_or(|w| w <= now) {
                counts.sources.remove(&self.source);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(n: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, n])
    }

    #[test]
    fn a_place_comes_back_when_its_connection_ends() {
        let door = Door::default();
        let limits = Limits {
            connections: 2,
            per_source: 1,
            ..Limits::default()
        };
        let first = door.enter(at(1), &limits).ok();
        assert!(first.is_some());
        assert_eq!(door.enter(at(1), &limits).err(), Some(Closed::Source));
        let second = door.enter(at(2), &limits).ok();
        assert!(second.is_some());
        assert_eq!(door.enter(at(3), &limits).err(), Some(Closed::Full));
        drop(first);
        assert_eq!(door.open(), 1);
        assert!(door.enter(at(1), &limits).is_ok());
    }

    #[test]
    fn who_never_logs_in_waits_and_others_do_not() {
        let door = Door::default();
        let limits = Limits::default();
        for _ in 0..10 {
            if let Ok(place) = door.enter(at(1), &limits) {
                door.penalise(at(1), &limits);
                drop(place);
            }
        }
        assert_eq!(door.enter(at(1), &limits).err(), Some(Closed::Waits));
        assert!(door.enter(at(2), &limits).is_ok());
        door.logged_in(at(1));
        assert!(door.enter(at(1), &limits).is_ok());
    }

    #[test]
    fn a_network_of_64_bits_is_one_source() {
        let a: IpAddr = "2001:db8::1".parse().unwrap();
        let b: IpAddr = "2001:db8::ffff:2".parse().unwrap();
        let c: IpAddr = "2001:db8:0:1::1".parse().unwrap();
        assert_eq!(source(a), source(b));
        assert_ne!(source(a), source(c));
    }
}
