//! What a probe saw, as the signs by which causes are ranked.

use crate::probe::Stop;
use crate::proven::Case;
use crate::target::Habits;
use sshwhy_rank::{Certificate, KeyKind, SLOW, Session, Signs};
use sshwhy_wire::{AfterSuccess, End, TransportError};

/// The signs of a case.
#[must_use]
pub fn of(case: &Case<'_>) -> Signs {
    let report = case.report;
    let mut signs = Signs::at(case.place());
    if let Some(identification) = report.wire.identification() {
        signs.identified(identification);
    }
    if let Some(lists) = report.wire.server_kexinit() {
        signs.enciphered(&lists.cipher_in);
    }
    signs.slow_end = report.wire.silence.is_some_and(|s| s >= SLOW);
    signs.user.clone_from(&case.target.user);
    let identity = case.subject.and_then(|i| case.offers.identities.get(i));
    let tried = case.subject.and_then(|i| report.of(i));
    if let Some(key) = identity.and_then(|i| i.public.as_ref()) {
        signs.key = Some(KeyKind::of(key.key_type().name()).0);
        signs.bits = key.rsa_bits();
        signs.certificate = key.certificate().map(|c| Certificate {
            expired: c.valid_before <= case.now,
            not_yet_valid: c.valid_after > case.now,
            host: c.cert_type == sshwhy_keys::CertType::Host,
            no_principals: c.principals.is_empty(),
            other_principals: !c.principals.is_empty() && !c.principals.contains(&case.target.user),
            old_format: KeyKind::of_old_certificate(key.key_type().name()),
        });
    }
    if let (Some(list), Some(tried)) = (report.wire.server_sig_algs(), tried) {
        let plain = sshwhy_keys::SigAlg::from_name(&tried.algorithm).plain();
        signs.listed = Some(list.split(|b| *b == b',').any(|n| n == plain.name()));
    }
    if signs.key == Some(KeyKind::Rsa) {
        let named = tried.map(|t| t.algorithm.as_slice());
        // PuTTY falls back to SHA-1 where the server lists nothing.
        signs.sha1_only =
            named.map(|n| case.target.habits == Habits::Putty && n.starts_with(b"ssh-rsa"));
    }
    // A key file's halves were compared when it was opened; an agent's signature was not checked.
    signs.signature_good = tried.is_some_and(|t| t.signed.is_some() && t.checked);
    signs.preamble = report.wire.preamble().collect::<Vec<_>>().join(&b'\n');
    signs.no_common = matches!(
        &report.stop,
        Some(Stop::End(End::Transport(TransportError::NoCommon(_))))
    );
    signs.banner = report.wire.banners().collect::<Vec<_>>().concat();
    signs.disconnect = report.wire.disconnect().map(|d| d.text.clone());
    signs.offered = report.tried.iter().filter(|t| t.query.is_some()).count();
    signs.other_key = match report.others.as_slice() {
        [] => None,
        asked => Some(asked.iter().any(|(_, welcome)| *welcome)),
    };
    signs.other_name = report.other_name.as_ref().map(|(_, welcome)| *welcome);
    signs.session = match (&report.after, &report.session) {
        (Some(AfterSuccess::Ended(_)), _) => Some(Session {
            broken: true,
            ..Session::default()
        }),
        (_, Some(output)) => Some(Session {
            said: [output.stdout.as_slice(), &output.stderr].concat(),
            exit: output.exit_status,
            refused: output.open_failure.is_some() || output.request_accepted == Some(false),
            subsystem: false,
            broken: false,
        }),
        _ => None,
    };
    signs
}
