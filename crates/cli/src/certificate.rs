//! A client that holds a certificate offers it first, and its plain key after it.

use sshwhy_verdict::{Judgement, Verdict};

/// One answer from the answers to the certificate and to its plain key. `causes[0]` stays the
/// certificate's.
pub(crate) fn combine(cert: Judgement, plain: Judgement) -> Judgement {
    match (cert.verdict, plain.verdict) {
        // The certificate's own answer is the login's.
        (Verdict::Accept, _) => cert,
        (_, Verdict::Accept) => {
            let mut out = plain;
            out.notes.extend(cert.causes.into_iter().take(1));
            out
        }
        (Verdict::Refuse, Verdict::Undetermined) => {
            let mut out = plain;
            out.causes.splice(0..0, cert.causes.into_iter().take(1));
            out
        }
        _ => {
            let mut out = cert;
            let said = |id| out.causes.iter().any(|f| f.cause.id == id);
            let new: Vec<_> = plain
                .causes
                .into_iter()
                .take(1)
                .filter(|f| !said(f.cause.id))
                .collect();
            out.notes.extend(new);
            out
        }
    }
}
