//! What a place looks like, as far as it tells causes apart.

use crate::Place;
use crate::signs::Signs;

/// A place, and how the login ended there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Look {
    pub(crate) place: Place,
    how: How,
}

/// How a login ended, where one place has several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum How {
    /// The place says all.
    Plain,
    /// "Too many authentication failures".
    TooMany,
    /// "no authentication methods enabled".
    NoMethods,
    /// Before a key was offered.
    Early,
    /// The server had been silent for a second or more.
    Slow,
    /// The connection ended.
    Broken,
    /// The server would not open the session, or not start what was asked for.
    Refused,
    /// It ran, and its exit status is not 0.
    Failed,
    /// With words of the server's.
    Told,
}

impl How {
    const ALL: [How; 9] = [
        How::Plain,
        How::TooMany,
        How::NoMethods,
        How::Early,
        How::Slow,
        How::Broken,
        How::Refused,
        How::Failed,
        How::Told,
    ];

    fn word(self) -> &'static str {
        match self {
            How::Plain => "plain",
            How::TooMany => "too-many",
            How::NoMethods => "no-methods",
            How::Early => "early",
            How::Slow => "slow",
            How::Broken => "broken",
            How::Refused => "refused",
            How::Failed => "failed",
            How::Told => "told",
        }
    }
}

impl Look {
    /// The look of what was seen.
    pub(crate) fn of(signs: &Signs) -> Look {
        let how = match signs.place {
            Place::Disconnected => ended(signs),
            Place::Session => session(signs),
            Place::Closed if signs.banner.iter().any(|b| !b.is_ascii_whitespace()) => How::Told,
            _ => How::Plain,
        };
        Look {
            place: signs.place,
            how,
        }
    }

    /// In how many ways a login ends at a place.
    pub(crate) fn ways(place: Place) -> usize {
        match place {
            Place::Disconnected => 5,
            Place::Session => 4,
            Place::Closed => 2,
            _ => 1,
        }
    }

    /// `PLACE` or `PLACE/WAY`, as `data/fitted.txt` has it.
    pub(crate) fn word(self) -> String {
        match self.how {
            How::Plain => self.place.word().to_owned(),
            how => format!("{}/{}", self.place.word(), how.word()),
        }
    }

    /// Reads [`Look::word`].
    pub(crate) fn parse(word: &str) -> Option<Look> {
        let (place, how) = word.split_once('/').unwrap_or((word, How::Plain.word()));
        Some(Look {
            place: Place::ALL.into_iter().find(|p| p.word() == place)?,
            how: How::ALL.into_iter().find(|h| h.word() == how)?,
        })
    }
}

fn ended(signs: &Signs) -> How {
    let text = signs.disconnect.as_deref().unwrap_or_default();
    let has = |words: &[u8]| text.windows(words.len()).any(|w| w == words);
    if has(b"Too many authentication failures") {
        How::TooMany
    } else if has(b"no authentication methods enabled") {
        How::NoMethods
    } else if signs.slow_end {
        How::Slow
    } else if signs.offered == 0 {
        How::Early
    } else {
        How::Plain
    }
}

fn session(signs: &Signs) -> How {
    match &signs.session {
        Some(s) if s.broken => How::Broken,
        Some(s) if s.refused => How::Refused,
        Some(s) if s.exit != Some(0) => How::Failed,
        _ => How::Plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Session;

    #[test]
    fn each_look_is_read_as_it_is_written() {
        for place in Place::ALL {
            for how in How::ALL {
                let look = Look { place, how };
                assert_eq!(Look::parse(&look.word()), Some(look));
            }
        }
        assert_eq!(Look::parse("query/nonsense"), None);
    }

    #[test]
    fn an_end_is_told_by_its_words_and_its_time() {
        let word = |change: &dyn Fn(&mut Signs)| {
            let mut signs = Signs::at(Place::Disconnected);
            change(&mut signs);
            Look::of(&signs).word()
        };
        assert_eq!(word(&|_| ()), "disconnected/early");
        assert_eq!(word(&|s| s.offered = 1), "disconnected");
        assert_eq!(word(&|s| s.slow_end = true), "disconnected/slow");
        let too_many = b"Too many authentication failures";
        let many = |s: &mut Signs| s.disconnect = Some(too_many.to_vec());
        assert_eq!(word(&many), "disconnected/too-many");
    }

    #[test]
    fn a_session_is_told_by_how_it_ended() {
        let word = |session: Session| {
            let mut signs = Signs::at(Place::Session);
            signs.session = Some(session);
            Look::of(&signs).word()
        };
        let ended = |exit| Session {
            exit,
            ..Session::default()
        };
        assert_eq!(word(ended(Some(0))), "session");
        assert_eq!(word(ended(Some(1))), "session/failed");
        assert_eq!(word(ended(None)), "session/failed");
        let refused = Session {
            refused: true,
            ..Session::default()
        };
        assert_eq!(word(refused), "session/refused");
    }
}
