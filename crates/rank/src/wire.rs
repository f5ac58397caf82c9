//! What the wire itself proves.

use crate::Place;
use crate::signs::{KeyKind, Server, Signs};

/// The causes that are proven by what came over the wire, the first first. Empty: the wire cannot
/// tell.
#[must_use]
pub fn proven(signs: &Signs) -> Vec<&'static str> {
    let mut out = Vec::new();
    match signs.place {
        Place::Reach => out.push("net-unreachable"),
        Place::Identification if has(&signs.preamble, b"Not allowed at this time") => {
            out.push("per-source-penalty");
        }
        Place::KeyExchange if signs.no_common => out.push("kex-no-common"),
        Place::Method => out.push("publickey-not-offered"),
        Place::Partial => out.push("authentication-methods-need-more"),
        Place::Disconnected => {
            let text = signs.disconnect.as_deref().unwrap_or_default();
            if has(text, b"no authentication methods enabled") {
                out.push("authentication-methods-unsatisfiable");
            } else if has(text, b"Too many authentication failures") && signs.offered > 1 {
                out.push("client-too-many-keys");
            }
        }
        Place::Query => {
            // Dropbear knows no certificates, whatever stands in them.
            if let Some(cert) = signs.certificate
                && signs.server != Some(Server::Dropbear)
            {
                // sshd asks for these before it looks whom the certificate is for.
                if cert.host {
                    out.push("cert-is-host");
                } else if cert.expired {
                    out.push("cert-expired");
                } else if cert.not_yet_valid {
                    out.push("cert-not-yet-valid");
                }
            }
        }
        // A server that explains refuses every signature; what others do is not known.
        Place::Signature
            if signs.user == b"root"
                && matches!(signs.server, None | Some(Server::OpenSsh(..)))
                && signs.signature_good
                && signs.sha1_only != Some(true)
                && signs.key != Some(KeyKind::Sk) =>
        {
            out.push("root-login-off");
        }
        // "Your account has expired" is said of a password that is too old, too.
        Place::Closed
            if has(&signs.banner, b"System is booting up.")
                || has(&signs.banner, b"System is going down.") =>
        {
            out.push("pam-nologin");
        }
        Place::Session => out.extend(session(signs)),
        _ => {}
    }
    out
}

/// What the session's own words prove.
fn session(signs: &Signs) -> Option<&'static str> {
    let session = signs.session.as_ref()?;
    let said = &session.said;
    if session.broken && signs.user == b"root" {
        return Some("root-login-forced-commands-only");
    }
    [
        (
            &b"This account is currently not available."[..],
            "shell-nologin",
        ),
        (
            b"This service allows sftp connections only.",
            "internal-sftp-only",
        ),
        (
            b"Your password has expired.",
            "password-expired-forced-change",
        ),
        (
            b"Password change required but no TTY available",
            "password-expired-forced-change",
        ),
        // Dropbear hands the line's backslashes on, so that no quotes are counted on.
        (b"Please login as the user", "root-cloud-image-banner"),
    ]
    .into_iter()
    .find(|(words, _)| has(said, words))
    .map(|(_, id)| id)
}

fn has(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|w| w == words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signs::Certificate;

    #[test]
    fn a_refused_query_proves_nothing_but_what_a_certificate_says_of_itself() {
        let mut signs = Signs::at(Place::Query);
        assert!(proven(&signs).is_empty());
        signs.certificate = Some(Certificate::default());
        assert!(proven(&signs).is_empty());
        signs.certificate = Some(Certificate {
            expired: true,
            ..Certificate::default()
        });
        assert_eq!(proven(&signs), ["cert-expired"]);
    }

    #[test]
    fn root_is_refused_for_certain_only_where_nothing_else_can_be_wrong_with_the_signature() {
        let mut signs = Signs::at(Place::Signature);
        signs.user = b"root".to_vec();
        assert!(proven(&signs).is_empty());
        signs.signature_good = true;
        assert_eq!(proven(&signs), ["root-login-off"]);
        signs.server = Some(Server::Sshwhy);
        assert!(proven(&signs).is_empty());
        signs.server = Some(Server::OpenSsh(9, 2));
        assert_eq!(proven(&signs), ["root-login-off"]);
        signs.key = Some(KeyKind::Sk);
        assert!(proven(&signs).is_empty());
    }
}
