//! Why no session came about, in words.

use super::args::Connect;
use crate::failure::Failure;
use sshwhy_check::hosts::Standing;
use sshwhy_check::target::Target;
use sshwhy_connect::host::Refused;
use sshwhy_connect::route::Why;
use sshwhy_connect::{Came, NotIn, Refusal};
use sshwhy_report::safe::shown;
use std::os::unix::ffi::OsStrExt;

/// The step that failed, why, and what helps.
pub(super) fn of(not_in: &NotIn, target: &Target, args: &Connect) -> Failure {
    let host = shown(&not_in.host);
    let place = if not_in.on_the_way {
        format!("the jump host {host}")
    } else {
        host.to_string()
    };
    let check = || command(target, args);
    match &not_in.why {
        Why::Unreached(unreached) => Failure::new(
            format!("{place} port {} cannot be reached", not_in.port),
            unreached.reason(),
            format!("whether it is the network, a firewall or sshd: {}", check()),
        ),
        Why::NotForwarded(words) => Failure::new(
            format!(
                "the host before does not lead to {place} port {}",
                not_in.port
            ),
            words.clone(),
            "on that host: AllowTcpForwarding and PermitOpen of sshd_config, and whether it \
             reaches the next one",
        ),
        Why::HostKey(refused) => host_key(&place, not_in, refused),
        Why::Transport(words) => Failure::new(
            format!("no encrypted connection to {place} came about"),
            words.clone(),
            format!("the lists of both sides: {}", check()),
        ),
        Why::Silent(time) => Failure::new(
            format!("{place} does not answer"),
            format!("nothing came within {} s", time.as_secs()),
            format!("--timeout SECONDS, or where it stops: {}", check()),
        ),
        Why::Refused(refusal) => refused(&place, refusal, &check()),
        Why::System(why) => Failure::new("the session cannot begin", why.clone(), ""),
    }
}

/// `sshwhy check` with the same words.
fn command(target: &Target, args: &Connect) -> String {
    let mut words = vec!["sshwhy check".to_owned()];
    for file in &args.identity {
        words.push(format!("-i {}", shown(file.as_os_str().as_bytes())));
    }
    if let Some(file) = &args.config {
        words.push(format!("-F {}", shown(file.as_os_str().as_bytes())));
    }
    if target.port != 22 {
        words.push(format!("-p {}", target.port));
    }
    words.push(format!("{}@{}", shown(&target.user), shown(&target.typed)));
    words.join(" ")
}

fn host_key(place: &str, not_in: &NotIn, refused: &Refused) -> Failure {
    let is = format!("it shows the {} key {}", refused.kind, refused.fingerprint);
    match &refused.standing {
        Standing::Changed { at, expected } if at.1 == 0 => Failure::new(
            format!("{place} is not the host whose key you gave"),
            format!("{is}, expected {expected}"),
            "look at the fingerprint on the server itself before you trust either",
        ),
        Standing::Changed { at, expected } => Failure::new(
            format!("the host key of {place} has changed"),
            format!("{is}; {} line {} has {expected}", shown(&at.0), at.1),
            format!(
                "another machine answers there, or the server was set up anew: compare on the \
                 server itself, then: ssh-keygen -R '{}'",
                shown(&sshwhy_check::hosts::name(&not_in.host, not_in.port))
            ),
        ),
        Standing::Revoked { at } => Failure::new(
            format!("the host key of {place} is revoked"),
            format!("{is}; {} line {} revokes it", shown(&at.0), at.1),
            "do not connect; ask who keeps that list",
        ),
        _ => Failure::new(
            format!("{place} is not known"),
            format!("{is}, and nobody said yes to it"),
            format!(
                "compare the fingerprint on the server itself, then: --host-key {}",
                refused.fingerprint
            ),
        ),
    }
}

fn refused(place: &str, refusal: &Refusal, check: &str) -> Failure {
    let user = shown(&refusal.user);
    let mut why = String::new();
    for tried in &refusal.tried {
        let came = match &tried.came {
            Came::NotOffered(why) => format!("not offered: {why}"),
            Came::RefusedAtQuery => "refused at the query, before any signature".into(),
            Came::RefusedAfterPkOk => "welcome, and refused after its signature".into(),
            Came::NotSigned(why) => format!("welcome, and not signed: {why}"),
            Came::Partial => "taken, and more is asked for".into(),
            Came::Ended => "the server ended the connection over it".into(),
        };
        why.push_str(&format!(
            "{} {} ({}) {came}; ",
            tried.kind,
            tried.fingerprint,
            shown(&tried.source)
        ));
    }
    if refusal.tried.is_empty() {
        why.push_str("no key was offered; ");
    }
    match (&refusal.disconnect, refusal.closed) {
        (Some(words), _) => why.push_str(&format!("the server said: {words}")),
        (None, true) => why.push_str("the server closed the connection"),
        (None, false) if refusal.methods.is_empty() => why.push_str("no method can continue"),
        (None, false) => why.push_str(&format!(
            "methods that can continue: {}",
            refusal.methods.join(",")
        )),
    }
    Failure::new(
        format!("{user} is not let in at {place}"),
        why,
        format!("what the causes may be: {check}"),
    )
}
