//! How good the client's view is: what it calls proven, where it places a refusal, and how well its
//! probabilities hold, measured on what real servers did.

mod fit;
mod look;
mod report;
mod score;

pub use look::{look, look_own};
pub use report::Report;

use crate::probe::Checked;
use sshwhy_rank::{Choice, Model, Place, Question, Ranked, Server, Signs, proven};

/// By which the halves for fitting and for reporting are drawn.
pub const SEED: u64 = 20_261_124;

/// Most questions that are asked.
pub const QUESTIONS: usize = 3;

/// A world as its client saw it, and what is true of it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// `FILE:LINE: cause: heading`.
    pub name: String,
    /// The server's name.
    pub on: String,
    /// The true cause.
    pub truth: String,
    /// What the client saw.
    pub signs: Signs,
    /// Where the login stopped, by the server's own monitor and the wire together.
    pub place: Place,
    /// What `check`'s own probe makes of it, where it would offer such a key.
    pub checked: Option<Checked>,
    /// The true answers.
    pub answers: Vec<(Question, Choice)>,
    /// The fault is on the client's own side: what `check` itself says counts.
    pub own_side: bool,
    /// In which half it is: that of fitting, or that of reporting.
    pub fits: bool,
}

impl Seen {
    /// What is said for certain.
    #[must_use]
    pub fn certain(&self) -> Vec<&'static str> {
        match &self.checked {
            Some(checked) if self.own_side => checked.certain.clone(),
            _ => proven(&self.signs),
        }
    }

    /// What is said first and for certain, then what is ranked.
    #[must_use]
    pub fn list(&self, model: &Model, ask: bool) -> Vec<Ranked> {
        let mut signs = self.signs.clone();
        // Who is let in is asked nothing, as `check --ask` does it.
        if ask && !matches!(signs.place, Place::Accepted | Place::Session) {
            let mut passed = Vec::new();
            for _ in 0..QUESTIONS {
                let Some((question, _)) = model.best(&signs, &passed) else {
                    break;
                };
                match self.answers.iter().find(|(q, _)| *q == question) {
                    Some(answer) => signs.answers.push(*answer),
                    None => passed.push(question),
                }
            }
        }
        let certain = self.certain();
        let ranked = model.rank(&signs);
        let mut out: Vec<Ranked> = certain
            .iter()
            .map(|id| Ranked {
                id,
                probability: 1.0,
                group: "",
            })
            .collect();
        // What `check` names as likely stands before what is ranked, with the rank's own number.
        let likely = self.checked.iter().filter(|_| self.own_side);
        let likely: Vec<_> = likely.flat_map(|c| c.likely.iter().copied()).collect();
        let of = |id: &str| ranked.iter().find(|r| r.id == id).copied();
        // It is shown, whatever the rank has of it.
        let unranked = |id: &'static str| Ranked {
            id,
            probability: 0.0,
            group: "",
        };
        out.extend(likely.iter().map(|id| of(id).unwrap_or(unranked(id))));
        let said = |r: &Ranked| certain.contains(&r.id) || likely.contains(&r.id);
        out.extend(ranked.iter().filter(|r| !said(r)).copied());
        out
    }

    /// Whether the wire proves the cause here. Whether another account than root has uid 0 no
    /// client sees, nor that `false` is a shell.
    #[must_use]
    pub fn provable(&self) -> bool {
        if self.own_side {
            // Empty agents and locked ones answer alike, and so do the queries of any two keys.
            return !matches!(self.place, Place::Accepted | Place::Query)
                && self.truth != "agent-locked";
        }
        let said = |s: &sshwhy_rank::Session| !s.said.is_empty();
        PROVEN.contains(&self.truth.as_str())
            && match self.truth.as_str() {
                "root-login-off" => {
                    self.signs.user == b"root"
                        && self.place == Place::Signature
                        && self.signs.server != Some(Server::Sshwhy)
                }
                "cert-expired" | "cert-not-yet-valid" | "cert-is-host" => {
                    self.place == Place::Query
                }
                "kex-no-common" => self.signs.no_common,
                "shell-nologin" | "root-cloud-image-banner" => {
                    self.signs.session.as_ref().is_some_and(said)
                }
                "authentication-methods-need-more" => self.place == Place::Partial,
                _ => true,
            }
    }

    /// What the wire is said to prove, and does not.
    #[must_use]
    pub fn wrongly_certain(&self) -> Vec<&'static str> {
        self.not_so(self.certain())
    }

    /// Of causes that are called certain, those that are not so.
    fn not_so(&self, mut certain: Vec<&'static str>) -> Vec<&'static str> {
        let stands_for = |id: &str| {
            id == self.truth
                || (id == "publickey-not-offered" && METHOD.contains(&self.truth.as_str()))
        };
        certain.retain(|id| !stands_for(id));
        certain
    }
}

/// What `publickey-not-offered` is seen of.
const METHOD: [&str; 5] = [
    "pubkey-authentication-off",
    "authentication-methods-exclude-publickey",
    "authentication-methods-order",
    "max-auth-tries-zero",
    "keyword-shadowed",
];

/// Causes that the wire proves wherever a client meets them.
pub const PROVEN: [&str; 13] = [
    "kex-no-common",
    "pubkey-authentication-off",
    "authentication-methods-exclude-publickey",
    "authentication-methods-order",
    "authentication-methods-need-more",
    "authentication-methods-unsatisfiable",
    "cert-is-host",
    "cert-expired",
    "cert-not-yet-valid",
    "root-login-off",
    "root-login-forced-commands-only",
    "shell-nologin",
    "root-cloud-image-banner",
];
