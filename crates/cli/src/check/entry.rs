//! What a probe came to, as an entry of the report.

use super::Outcome;
use crate::ranked;
use crate::transcript::judge::trace;
use sshwhy_causes::{Args, Certainty, Finding};
use sshwhy_check::identity::Trouble;
use sshwhy_check::proven::Case;
use sshwhy_check::signs;
use sshwhy_rank::{Choice, Place, Question, Signs};
use sshwhy_report::safe::shown;
use sshwhy_report::{Entry, Subject, SubjectKey};
use sshwhy_verdict::{Judgement, Verdict};
use sshwhy_world::Gap;
use std::time::{SystemTime, UNIX_EPOCH};

/// The entry of one login.
pub(crate) fn of(outcome: &Outcome, answers: &[(Question, Choice)]) -> Entry {
    let case = case(outcome);
    let place = case.place();
    let mut judgement = Judgement {
        verdict: Verdict::Undetermined,
        causes: Vec::new(),
        after_login: Vec::new(),
        notes: case.notes(),
        trace: trace(place),
        gaps: Vec::new(),
    };
    let mut causes = case.causes();
    let explained = explained(outcome);
    if !settled(&causes) && explained.is_none() {
        let known: Vec<&str> = causes.iter().map(|f| f.cause.id).collect();
        let mut seen = signs::of(&case);
        seen.answers.extend_from_slice(answers);
        let mut facts = Args::new();
        facts.set("user", outcome.target.user.as_slice());
        facts.set("host", outcome.target.host.as_slice());
        facts.set("port", outcome.target.port.to_string());
        causes.extend(ranked::findings(&seen, &facts, &known));
    }
    match place {
        Place::Accepted | Place::Session => {
            judgement.verdict = Verdict::Accept;
            judgement.after_login = case.after_login();
            // A session that ended: what is not proven of it is ranked.
            if place == Place::Session && !settled(&judgement.after_login) {
                let known: Vec<&str> = judgement.after_login.iter().map(|f| f.cause.id).collect();
                let guesses = causes.into_iter().filter(|f| f.probability.is_some());
                let new = guesses.filter(|f| !known.contains(&f.cause.id));
                judgement.after_login.extend(new);
            }
        }
        _ => {
            judgement.verdict = verdict(outcome, place, &causes);
            if let Some(words) = explained {
                // It refuses everybody, whatever the key: what it says is the answer.
                judgement.verdict = Verdict::Undetermined;
                judgement.gaps.push(Gap::not_looked(
                    "what sshd answers",
                    format!("this server explains and lets nobody in; it says: {words}"),
                    "ask the server that lets people in, on its own port",
                ));
            } else if judgement.verdict == Verdict::Undetermined {
                judgement.gaps.push(gap(outcome, place));
            }
            judgement.causes = causes;
        }
    }
    Entry {
        subject: subject(outcome),
        judgement,
        observed: true,
        count: 1,
    }
}

fn case(outcome: &Outcome) -> Case<'_> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Case {
        target: &outcome.target,
        offers: &outcome.offers,
        others: &outcome.others,
        report: &outcome.report,
        subject: outcome.subject,
        now: now.map_or(0, |d| d.as_secs()),
    }
}

/// Most bytes of it that are shown.
const LONGEST: usize = 300;

/// What `sshwhy serve` said of the key that the login is about.
fn explained(outcome: &Outcome) -> Option<String> {
    let wire = &outcome.report.wire;
    if !wire.identification()?.starts_with(b"SSH-2.0-sshwhy_") {
        return None;
    }
    let identity = outcome.offers.identities.get(outcome.subject?)?;
    let fingerprint = identity.fingerprint();
    wire.banners().find_map(|banner| {
        let text = String::from_utf8_lossy(&banner).into_owned();
        let (of, words) = text.strip_prefix("sshwhy: ")?.split_once('\n')?;
        // Whoever answers may say that it is this program: its words are shown as anybody's, and cut.
        let words = words.trim().as_bytes();
        of.contains(&fingerprint)
            .then(|| shown(words.get(..LONGEST).unwrap_or(words)))
    })
}

/// What is proven leaves no more to ask. That publickey is not offered does: why is not seen.
fn settled(causes: &[Finding]) -> bool {
    causes
        .first()
        .is_some_and(|f| f.certainty == Certainty::Certain && f.cause.id != "publickey-not-offered")
}

/// What questions have to go by. `None`: there is nothing to ask.
pub(super) fn open(outcome: &Outcome) -> Option<Signs> {
    let case = case(outcome);
    let refused = !matches!(case.place(), Place::Accepted | Place::Session);
    let open = refused && !settled(&case.causes()) && explained(outcome).is_none();
    open.then(|| signs::of(&case))
}

/// A refusal that was seen is one, whatever its cause; what was never put to the server is one only
/// where its cause is proven.
fn verdict(outcome: &Outcome, place: Place, causes: &[Finding]) -> Verdict {
    let proven = causes
        .first()
        .is_some_and(|f| f.certainty == Certainty::Certain);
    let seen = match place {
        Place::Method
        | Place::Query
        | Place::Signature
        | Place::Closed
        | Place::Partial
        | Place::HostKey => true,
        // Only where it is about this very key.
        Place::Disconnected => outcome
            .subject
            .is_some_and(|i| outcome.report.of(i).is_some()),
        _ => false,
    };
    if proven || seen {
        Verdict::Refuse
    } else {
        Verdict::Undetermined
    }
}

fn gap(outcome: &Outcome, place: Place) -> Gap {
    let identity = outcome
        .subject
        .and_then(|i| outcome.offers.identities.get(i));
    let public_only = identity.is_some_and(|i| i.troubles.contains(&Trouble::PublicOnly));
    match place {
        Place::Unsigned if public_only => Gap::not_looked(
            "whether the signature is accepted",
            "the server takes this key; there is only its public half here to ask with",
            "name the private key with -i, or have an agent hold it",
        ),
        Place::Unsigned => Gap::could_not(
            "whether the signature is accepted",
            "the server takes this key, and nothing signed with it",
            "give its passphrase: --passphrase-file FILE",
        ),
        Place::NotOffered => Gap::could_not(
            "what the server says of the key",
            "it was not offered",
            "name it alone: sshwhy check USER@HOST -i KEY",
        ),
        Place::Reach | Place::Identification | Place::KeyExchange | Place::HostKey => {
            Gap::could_not(
                "what the server says of the key",
                place.words(),
                "try again later, and from another network",
            )
        }
        _ => Gap::could_not(
            "why the server refused",
            place.words(),
            "on the server: sudo sshwhy audit --user NAME --key KEY",
        ),
    }
}

fn subject(outcome: &Outcome) -> Subject {
    let identity = outcome
        .subject
        .and_then(|i| outcome.offers.identities.get(i))
        .filter(|i| !i.blob.is_empty());
    Subject {
        user: Some(outcome.target.user.clone()),
        key: identity.map(|i| SubjectKey {
            key_type: i
                .public
                .as_ref()
                .map(|k| k.key_type().name().to_vec())
                .unwrap_or_default(),
            fingerprint: i.fingerprint(),
            source: i.source(),
            comment: i.comment.clone(),
        }),
        to: outcome.report.addr,
        ..Subject::default()
    }
}
