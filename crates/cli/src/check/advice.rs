//! What a person at the client can do next: clicks for PuTTY, lines for ssh_config, and the
//! sentence for the administrator.

use super::Outcome;
use sshwhy_check::famous;
use sshwhy_check::identity::Identity;
use sshwhy_check::target::Habits;
use sshwhy_rank::Place;
use sshwhy_report::safe::shown;

fn identity(outcome: &Outcome) -> Option<&Identity> {
    let identity = outcome.offers.identities.get(outcome.subject?)?;
    (!identity.blob.is_empty()).then_some(identity)
}

/// The sentence to send, where somebody else has to act.
pub(super) fn letter(outcome: &Outcome, place: Place) -> Option<String> {
    if !matches!(
        place,
        Place::Method
            | Place::Query
            | Place::Signature
            | Place::Closed
            | Place::Partial
            | Place::Disconnected
    ) || famous::service(&outcome.target.host).is_some()
    {
        return None;
    }
    let target = &outcome.target;
    let (user, host) = (shown(&target.user), shown(&target.host));
    let key = identity(outcome).map_or_else(String::new, |i| {
        let kind = i
            .public
            .as_ref()
            .map_or_else(|| "a key".into(), |k| k.key_type().to_string());
        format!(" with the key {} ({kind})", i.fingerprint())
    });
    let what = place.words();
    let option =
        identity(outcome).map_or_else(String::new, |i| format!(" --key {}", i.fingerprint()));
    Some(format!(
        "I cannot log in as {user} on {host} port {}{key}: {what}. Please run there: \
         sudo sshwhy audit --user {user}{option} --logs (or look for this fingerprint in sshd's log \
         at LogLevel VERBOSE).",
        target.port
    ))
}

/// Where this client is told which key and user to take.
pub(super) fn client(outcome: &Outcome, place: Place) -> Vec<String> {
    let target = &outcome.target;
    let mut out = Vec::new();
    if let Some(service) = famous::service(&target.host) {
        if target.user != service.user.as_bytes() {
            out.push(format!(
                "{} knows one user name alone: {}",
                service.name, service.user
            ));
        }
        out.push(format!("the keys of your account there: {}", service.keys));
        if !service.note.is_empty() {
            out.push(service.note.to_owned());
        }
    }
    let concerns_client = matches!(place, Place::Query | Place::NotOffered | Place::Unsigned);
    if !concerns_client {
        return out;
    }
    match target.habits {
        Habits::Putty => {
            out.push(
                "the key in PuTTY: Connection → SSH → Auth → Credentials, \"Private key file for \
                 authentication\" (before 0.78: Connection → SSH → Auth)"
                    .into(),
            );
            out.push("the user in PuTTY: Connection → Data, \"Auto-login username\"".into());
            out.push("the agent: Pageant's icon in the tray → Add Key".into());
        }
        Habits::OpenSsh => {
            if let Some(identity) = identity(outcome) {
                out.push(format!(
                    "to offer this key alone, in ~/.ssh/config: Host {} / User {} / IdentityFile {} / IdentitiesOnly yes",
                    shown(&target.typed),
                    shown(&target.user),
                    shown(&identity.source())
                ));
            }
        }
    }
    out
}
