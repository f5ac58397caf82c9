//! What a refused login comes to, as `sshwhy check` says it, without asking the server again.

use super::args::Connect;
use crate::args::Format;
use crate::check::{self, Outcome, entry, text};
use sshwhy_check::identity::{self, From, Identity, Secret};
use sshwhy_check::probe::{Answer, Report, Stop, Tried, Unsigned};
use sshwhy_check::target::Target;
use sshwhy_connect::route::Why;
use sshwhy_connect::{Came, NotIn, Refusal};
use sshwhy_report::Document;
use sshwhy_wire::End;
use sshwhy_wire::event::Disconnect;
use std::io::Write;

/// Explains on standard error. Nothing for a hop on the way, or where it did not come to keys: then
/// the failure itself says what there is.
pub(super) fn of(not_in: &NotIn, target: Target, args: &Connect) {
    let Why::Refused(refusal) = &not_in.why else {
        return;
    };
    if not_in.on_the_way || args.common.format != Format::Text {
        return;
    }
    let offers = identity::gather(&target, &args.identity);
    let report = report(refusal, &offers.identities);
    let outcome = Outcome {
        subject: check::subject(&offers, &report),
        target,
        offers,
        others: Vec::new(),
        report,
    };
    let document = Document {
        command: "connect",
        server: None,
        results: vec![entry::of(&outcome, &[])],
    };
    let mut said = Vec::new();
    if text::render(&outcome, &document, false, &mut said).is_ok() {
        let mut err = anstream::stderr().lock();
        let _ = writeln!(err).and_then(|()| err.write_all(&said));
    }
}

/// What a probe would have seen.
fn report(refusal: &Refusal, identities: &[Identity]) -> Report {
    let methods = refusal.methods.join(",").into_bytes();
    let mut report = Report {
        methods: Some(methods.clone()),
        ..Report::default()
    };
    let end = match &refusal.disconnect {
        Some(words) => Some(End::Disconnected(Disconnect {
            // SSH_DISCONNECT_PROTOCOL_ERROR, as sshd has it; the words decide.
            code: 2,
            text: words.clone().into_bytes(),
        })),
        None => refusal.closed.then_some(End::Closed),
    };
    for tried in &refusal.tried {
        let same = |i: &Identity| {
            !i.blob.is_empty() && i.fingerprint() == tried.fingerprint && i.source() == tried.source
        };
        let Some((index, identity)) = identities.iter().enumerate().find(|(_, i)| same(i)) else {
            continue;
        };
        let refused = || Some(Answer::Refused(methods.clone()));
        let (query, signed, unsigned) = match &tried.came {
            Came::NotOffered(_) => continue,
            Came::RefusedAtQuery => (refused(), None, None),
            Came::RefusedAfterPkOk => (Some(Answer::PkOk), refused(), None),
            Came::NotSigned(why) => (Some(Answer::PkOk), None, unsigned(identity, why)),
            Came::Partial => (
                Some(Answer::PkOk),
                Some(Answer::Partial(methods.clone())),
                None,
            ),
            Came::Ended => (
                Some(Answer::Ended(end.clone().unwrap_or(End::Closed))),
                None,
                None,
            ),
        };
        report.tried.push(Tried {
            identity: index,
            algorithm: Vec::new(),
            query,
            signed,
            unsigned,
            signed_with: None,
            checked: false,
        });
    }
    report.stop = end.map(Stop::End);
    report
}

/// Why nothing signed, as far as that is certain.
fn unsigned(identity: &Identity, why: &str) -> Option<Unsigned> {
    match (&identity.from, &identity.secret) {
        (From::Agent { .. }, _) => Some(Unsigned::Refused(why.to_owned())),
        (_, Secret::Missing) => Some(Unsigned::NoPrivateHalf),
        _ => None,
    }
}
