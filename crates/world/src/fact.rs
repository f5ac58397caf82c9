//! Facts that may not have been looked at.

use alloc::string::String;

/// A fact, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact<T> {
    /// It was looked at, and this is what was there.
    Known(T),
    /// It was not looked at, or could not be.
    Unknown(Gap),
}

/// What is missing, why, and how to get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The fact that is missing: "the shadow entry of alice".
    pub what: String,
    /// Why: "only root may read /etc/shadow".
    pub why: String,
    /// What gets it, as a command or an instruction. Empty when nothing here can.
    pub get: String,
    /// Whether looking was tried and failed (`true`), or was left out on purpose (`false`).
    pub tried: bool,
}

impl Gap {
    /// A fact that was left out on purpose.
    pub fn not_looked(
        what: impl Into<String>,
        why: impl Into<String>,
        get: impl Into<String>,
    ) -> Self {
        Gap {
            what: what.into(),
            why: why.into(),
            get: get.into(),
            tried: false,
        }
    }

    /// A fact that could not be had.
    pub fn could_not(
        what: impl Into<String>,
        why: impl Into<String>,
        get: impl Into<String>,
    ) -> Self {
        Gap {
            what: what.into(),
            why: why.into(),
            get: get.into(),
            tried: true,
        }
    }
}

impl<T> Fact<T> {
    /// Changes the value of a known fact.
    pub fn map<U>(self, f: impl FnOnce(T) -> U) -> Fact<U> {
        match self {
            Fact::Known(t) => Fact::Known(f(t)),
            Fact::Unknown(gap) => Fact::Unknown(gap),
        }
    }

    /// The value as a `Result`, so that `?` hands a gap on.
    ///
    /// # Errors
    /// The gap, when the fact is not known.
    pub fn known(self) -> Result<T, Gap> {
        match self {
            Fact::Known(t) => Ok(t),
            Fact::Unknown(gap) => Err(gap),
        }
    }

    /// A borrowed view.
    pub fn as_ref(&self) -> Fact<&T> {
        match self {
            Fact::Known(t) => Fact::Known(t),
            Fact::Unknown(gap) => Fact::Unknown(gap.clone()),
        }
    }

    /// The value, if known.
    pub fn ok(self) -> Option<T> {
        match self {
            Fact::Known(t) => Some(t),
            Fact::Unknown(_) => None,
        }
    }
}
