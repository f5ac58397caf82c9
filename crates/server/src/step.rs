//! At which step of a login sshd's client sees what the engine decided.

use sshwhy_causes::{Finding, Seen};
use sshwhy_verdict::{Judgement, Outcome, Verdict};

/// What sshd answers about a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It is let in.
    LetIn,
    /// FAILURE to the query.
    Refused,
    /// The connection ends at the query.
    Ended,
    /// PK_OK, then FAILURE to the signature.
    Unsigned,
    /// PK_OK, then the connection ends.
    Closed,
    /// PK_OK, then a partial success.
    Partial,
}

/// The step for a decision about `user`. What is not determined is refused.
pub(crate) fn step(judgement: &Judgement, user: &[u8]) -> Step {
    if judgement.verdict == Verdict::Accept {
        return Step::LetIn;
    }
    let (Some(first), Verdict::Refuse) = (judgement.first(), judgement.verdict) else {
        return Step::Refused;
    };
    let failed = judgement.trace.iter().find(|s| s.outcome == Outcome::Fail);
    match failed.map(|s| s.gate) {
        // The two ends sign different names; sshd's monitor hears one that it does not know where the
        // style is empty, and ends.
        Some("key_verify") if first.cause.id == "user-suffix-stripped" && user.ends_with(b":") => {
            Step::Closed
        }
        Some("key_verify" | "auth_root_allowed") => Step::Unsigned,
        // `publickey:DEVICE` is offered, and no key completes it.
        Some("auth2_update_methods_lists") if begins_with_a_device(first) => Step::Closed,
        Some("auth2_update_methods_lists") => Step::Partial,
        Some("do_pam_account") => Step::Closed,
        Some("user_key_allowed") if first.cause.seen == Seen::Disconnected => Step::Ended,
        _ => Step::Refused,
    }
}

/// Whether what is still asked for is the key itself.
fn begins_with_a_device(finding: &Finding) -> bool {
    let expected = finding.args.get("expected");
    expected.is_some_and(|e| e.starts_with(b"publickey:"))
}

/// What a client hears that cannot offer a key at all.
pub(crate) enum Door {
    /// Keys are not among the methods.
    NoKeys,
    /// SSH_MSG_DISCONNECT with these words.
    Says(&'static str),
    /// The connection ends.
    Ends,
}

/// How sshd shows why no key can be offered.
pub(crate) fn door(refusal: &Finding) -> Door {
    match refusal.cause.id {
        "max-auth-tries-zero" => Door::Says("Too many authentication failures"),
        "authentication-methods-unsatisfiable" => Door::Says("no authentication methods enabled"),
        _ if refusal.cause.seen == Seen::MethodMissing => Door::NoKeys,
        _ => Door::Ends,
    }
}
